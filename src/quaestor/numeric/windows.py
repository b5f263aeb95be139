"""The last n values side by side, oldest first, at a constant cost a value.

A ring of twice the length holds every value twice, `length` apart: wherever the window begins, it is one contiguous
stretch, and nothing is ever moved.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import inlined
from quaestor.numeric.rolling import ring_capacity

Series = NDArray[np.float64]


def windows_dtype(length: int, n_series: int) -> np.dtype[np.void]:
    """State of windows over several series that advance together; zero bytes are empty windows."""
    rings = ("rings", "<f8", (n_series, 2 * ring_capacity(length)))
    return np.dtype([("count", "<i8"), ("position", "<i8"), rings], align=True)


@inlined
def push_value(ring: Series, length: int, position: int, x: float) -> None:
    """Take the value at a position from 0 to length − 1; the next one goes to the next one, or to 0 after the last.

    The window is then ``ring[position + 1 : position + 1 + length]``: contiguous, oldest first.
    """
    ring[position] = x
    ring[position + length] = x
