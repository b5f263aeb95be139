"""Contiguous windows: the last n values, oldest first, at a constant cost for each value.

A ring of twice the length holds every value twice, `length` apart: wherever the window begins, it is contiguous, and
no value is ever moved.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import inlined
from quaestor.numeric.rolling import ring_capacity

Series = NDArray[np.float64]


def windows_dtype(length: int, n_series: int) -> np.dtype[np.void]:
    """Return the dtype of windows over several series that advance together; zero bytes are empty windows."""
    rings = ("rings", "<f8", (n_series, 2 * ring_capacity(length)))
    return np.dtype([("count", "<i8"), ("position", "<i8"), rings], align=True)


@inlined
def push_value(ring: Series, length: int, position: int, x: float) -> None:
    """Write x at a position from 0 to length − 1; the next value goes to the next position, or to 0 after the last.

    The window is then ``ring[position + 1 : position + 1 + length]``: contiguous, oldest first.
    """
    ring[position] = x
    ring[position + length] = x
