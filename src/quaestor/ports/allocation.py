"""Allocation port: how an account is divided between its instruments."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Allocator(Protocol):
    """Divides an account between its instruments."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights ≥ 0 with a sum of 1, float64 (n,), from the returns of past bars, float64 (bars, n), finite."""
        ...
