"""Block bootstrap: standard error of a sum of values that depend on their neighbours."""

import math

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import DataError


def block_length(rows: int) -> int:
    """Return the rows in a block: the cube root of the rows, the order at which the error is estimated best.

    Source: Hall, Horowitz & Jing (1995), On blocking rules for the bootstrap with dependent data, Biometrika 82 (3).

    Example:
        >>> block_length(8760)
        21
    """
    return max(1, round(rows ** (1.0 / 3.0)))


def sum_error(values: NDArray[np.float64], block: int) -> float:
    """Return the standard error of the sum of values, float64 (n,), by the circular block bootstrap.

    A resample joins blocks of consecutive values, each drawn alone from all n that begin somewhere and go round the
    end. The variance of its sum is then known without drawing any: that of one block's sum times the number of blocks.

    Source: Politis & Romano (1992), A circular block-resampling procedure for stationary data.

    Raises:
        DataError: fewer than 2 values, or a block that is not between 1 and n.

    Example:
        >>> sum_error(np.array([1.0, -1.0, 1.0, -1.0]), 1), sum_error(np.array([1.0, -1.0, 1.0, -1.0]), 2)
        (2.0, 0.0)
    """
    n = len(values)
    if n < 2 or not 1 <= block <= n:
        raise DataError(f"blocks of {block} in {n} values", place="bootstrap", remedy="give more values")
    centred = values - np.mean(values)
    running = np.concatenate(([0.0], np.cumsum(np.concatenate((centred, centred[: block - 1])))))
    sums = running[block:] - running[:-block]
    return math.sqrt(n / block * float(np.mean(sums**2)))
