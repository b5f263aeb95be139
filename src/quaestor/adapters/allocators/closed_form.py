"""Closed-form allocators: weights that need no optimiser."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FixedWeights:
    """Given weights, independent of returns. Implements `ports.Allocator`."""

    given: Sequence[float]

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ARG002
        """Return the given weights, scaled to a sum of 1."""
        chosen = np.asarray(self.given, dtype=np.float64)
        return chosen / chosen.sum()


class InverseVolatility:
    """Weights in proportion to 1 / standard deviation of returns: equal risk if the returns were uncorrelated.

    Implements `ports.Allocator`.

    Example:
        >>> InverseVolatility().weights(np.array([[0.01, 0.03], [-0.01, -0.03]])).round(6).tolist()
        [0.75, 0.25]
    """

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights, see `ports.Allocator`."""
        inverse = 1.0 / returns.std(axis=0)
        return np.asarray(inverse / inverse.sum())
