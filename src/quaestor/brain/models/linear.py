"""Linear models: the sum of an offset and a weight a feature."""

from numpy import float64
from numpy.typing import NDArray

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row


@inlined
def linear_sum(model: Row, x: NDArray[float64]) -> float:
    """Return offset + weights · x, the products added in the order of the features."""
    weights = model["weights"]
    total = 0.0
    for f in range(len(x)):
        total += weights[f] * x[f]
    return model["offset"] + total
