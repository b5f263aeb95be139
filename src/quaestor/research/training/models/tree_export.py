"""Tree export: trees of a library laid out as the decision path walks them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.research.training.models.contract import Exported

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One tree, its root at 0; arrays of a value a node.

    ``x[feature] > threshold`` goes `right`, anything else `left`, which is −1 at a leaf; `value` counts at leaves.
    """

    left: Indices
    right: Indices
    feature: Indices
    threshold: Numbers
    value: Numbers
    cover: Numbers


def export_trees(
    trees: Sequence[Tree], *, features: int, link: Link, offset: float = 0.0, factor: float = 1.0
) -> Exported:
    """Return trees as one model: the roots side by side, then each tree level by level, the children of a node side
    by side."""
    nodes = np.zeros(sum(len(tree.left) for tree in trees), NODE)
    free, depth = len(trees), 0
    for number, tree in enumerate(trees):
        waiting = deque([(0, number, 0)])
        while waiting:
            k, place, level = waiting.popleft()
            if tree.left[k] < 0:
                nodes[place] = (np.inf, tree.value[k], tree.cover[k], 0, place)
                depth = max(depth, level)
                continue
            nodes[place] = (tree.threshold[k], 0.0, tree.cover[k], tree.feature[k], free)
            waiting += ((tree.left[k], free, level + 1), (tree.right[k], free + 1, level + 1))
            free += 2
    model = np.zeros(1, model_dtype(features))
    model["family"], model["link"], model["trees"], model["depth"] = Family.TREES, link, len(trees), depth
    model["offset"], model["factor"] = offset, factor
    return Exported(model, nodes[:free])
