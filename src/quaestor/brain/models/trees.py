"""Sums of trees: a walk of fixed length down each tree, without branches that a processor could mispredict.

Eight trees are walked side by side, since each step of one waits for the memory that the step before addresses. Leaves
are added in the order of the trees, so the sum does not depend on how trees are grouped, to the last bit.

Indices are unsigned: a signed one would be compared with zero at every access, for negative indices of Python.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row, Table


@inlined
def _step(nodes: Table, at: Any, x: NDArray[np.float64]) -> Any:
    """Return the child of a node on the path of `x`; a leaf itself."""
    node = nodes[at]
    return np.uint64(node["child"] + np.int64(x[np.uint32(node["feature"])] > node["threshold"]))


@inlined
def tree_sum(model: Row, nodes: Table, x: NDArray[np.float64]) -> float:
    """Return offset + factor × the sum of the leaves that `x`, finite float64 (F,), reaches."""
    depth = model["depth"]
    root = model["first"]
    end = root + model["trees"]
    total = 0.0
    while root + 8 <= end:
        a, b, c, d = np.uint64(root), np.uint64(root + 1), np.uint64(root + 2), np.uint64(root + 3)
        e, f, g, h = np.uint64(root + 4), np.uint64(root + 5), np.uint64(root + 6), np.uint64(root + 7)
        for _ in range(depth):
            a, b, c, d = _step(nodes, a, x), _step(nodes, b, x), _step(nodes, c, x), _step(nodes, d, x)
            e, f, g, h = _step(nodes, e, x), _step(nodes, f, x), _step(nodes, g, x), _step(nodes, h, x)
        total = total + nodes[a]["value"] + nodes[b]["value"] + nodes[c]["value"] + nodes[d]["value"]
        total = total + nodes[e]["value"] + nodes[f]["value"] + nodes[g]["value"] + nodes[h]["value"]
        root += 8
    while root < end:
        a = np.uint64(root)
        for _ in range(depth):
            a = _step(nodes, a, x)
        total = total + nodes[a]["value"]
        root += 1
    return model["offset"] + model["factor"] * total
