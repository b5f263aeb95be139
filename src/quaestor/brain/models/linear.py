"""Linear models: an offset and a weight a feature."""

from numpy import float64
from numpy.typing import NDArray

from quaestor.kernels.compile import inlined
from quaestor.kernels.layout import Row


@inlined
def linear_sum(model: Row, x: NDArray[float64]) -> float:
    """offset + weights · x, the products added in the order of the features."""
    weights = model["weights"]
    total = 0.0
    for f in range(len(x)):
        total += weights[f] * x[f]
    return model["offset"] + total
