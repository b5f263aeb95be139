"""Model contract: a trained model is a row of a table, its trees are nodes of a table that several models share.

Every model predicts from a row of features `x`, float64 (F,), scaled and rounded to float32, the probability that the
outcome is *up* (see `analysis.forecasts.labels`). Its raw prediction lies in [0, 1] and is calibrated later. A
secondary model (meta-labelling) predicts whether the side that a classical alpha has taken will pay; it has no opinion
while that alpha has no side.

Features are rounded to float32 once, for all models, so that libraries that split on float32 and on float64 agree.
"""

from enum import IntEnum

import numpy as np


class Family(IntEnum):
    """Family of a model: how it is evaluated."""

    LINEAR = 0  # offset + weights · x
    TREES = 1  # offset + factor × sum of one leaf a tree
    ONLINE = 2  # linear, its weights in the state, updated as outcomes become known
    RULE = 3  # the signal of a classical alpha in [−1, 1], mapped to [0, 1]; it may have no opinion


class Link(IntEnum):
    """Function that maps a model's sum to a probability."""

    IDENTITY = 0
    LOGISTIC = 1


#: One node of a tree. ``x[feature] > threshold`` goes to `child` + 1, anything else to `child`: an index in the table.
#: A leaf is its own child under an infinite threshold, so that a walk of fixed length ends in it; `value` is what it
#: adds to the sum. `cover` is the weight of the training samples that reached the node, for explanations.
NODE = np.dtype(
    [("threshold", "<f8"), ("value", "<f8"), ("cover", "<f8"), ("feature", "<i4"), ("child", "<i4")], align=True
)


def model_dtype(features: int) -> np.dtype[np.void]:
    """Return the layout of a model of `features` inputs. Roots of its trees: nodes `first` … `first` + `trees` − 1."""
    return np.dtype(
        [
            ("family", "<i8"),  # Family
            ("primary", "<i8"),  # LINEAR and TREES: k + 1 of a secondary model of classical alpha k, else 0
            ("link", "<i8"),  # Link
            ("first", "<i8"),  # first root in the table of nodes; RULE and ONLINE: index of the alpha or learner
            ("trees", "<i8"),
            ("depth", "<i8"),  # most steps from a root to a leaf
            ("offset", "<f8"),
            ("factor", "<f8"),
            ("weights", "<f8", (features,)),  # LINEAR
        ],
        align=True,
    )
