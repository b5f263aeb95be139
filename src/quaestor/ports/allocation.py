"""Allocation port: divides an account between its instruments."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Allocator(Protocol):
    """Method of dividing an account between its instruments."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return weights ≥ 0 with a sum of 1, float64 (n,), from finite returns of past bars, float64 (bars, n)."""
        ...
