"""What a trained model is to the decision path: one row of a table, and tree nodes that several models share.

Every model answers one question about the row of features `x`, float64 (F,), scaled, and rounded to float32: how
probable is it that the outcome is *up* (see `analysis.forecasts.labels`)? Its raw answer lies in [0, 1] and is
calibrated later. A secondary model (meta-labelling) is asked whether the side that a classical alpha has taken will
pay; it has no opinion while that alpha has no side.

Rounding to float32 once, for all models, is what makes libraries agree that split on float32 and on float64.
"""

from enum import IntEnum

import numpy as np


class Family(IntEnum):
    """How a model is evaluated."""

    LINEAR = 0  # offset + weights · x
    TREES = 1  # offset + factor × sum of one leaf a tree
    ONLINE = 2  # linear, its weights in the state, learning as outcomes come in
    RULE = 3  # the signal of a classical alpha in [−1, 1], mapped to [0, 1]; it may have no opinion


class Link(IntEnum):
    """What a model's sum goes through to become a probability."""

    IDENTITY = 0
    LOGISTIC = 1


#: One node of a tree. ``x[feature] > threshold`` goes to `child` + 1, anything else to `child`: an index in the table.
#: A leaf is its own child under an infinite threshold, so that a walk of fixed length ends in it; `value` is its share
#: of the sum. `cover` is the weight of the training samples that reached the node, for explanations.
NODE = np.dtype(
    [("threshold", "<f8"), ("value", "<f8"), ("cover", "<f8"), ("feature", "<i4"), ("child", "<i4")], align=True
)


def model_dtype(features: int) -> np.dtype[np.void]:
    """One row a model of `features` inputs. Its trees' roots are the nodes `first` … `first` + `trees` − 1."""
    return np.dtype(
        [
            ("family", "<i8"),  # Family
            ("primary", "<i8"),  # LINEAR and TREES: k + 1 when asked whether the side of classical alpha k will pay
            ("link", "<i8"),  # Link
            ("first", "<i8"),  # first root in the table of nodes; RULE and ONLINE: index of the alpha or learner
            ("trees", "<i8"),
            ("depth", "<i8"),  # steps from a root to any leaf, at most
            ("offset", "<f8"),
            ("factor", "<f8"),
            ("weights", "<f8", (features,)),  # LINEAR
        ],
        align=True,
    )
