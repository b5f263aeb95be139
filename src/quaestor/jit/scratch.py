"""Scratch array: memory on the stack for the values between two stages of a kernel, which cannot allocate.

A kernel that processes hundreds of rows in stages (running sums, then divisions) lets the processor run each stage at
its own rate: several chains of additions in parallel, divisions eight at a time.
"""

import numpy as np
from numpy.typing import NDArray

#: Length of a scratch array: the most rows that a kernel processes at once.
SCRATCH_ROWS = 512


def scratch() -> NDArray[np.float64]:
    """Return an uninitialised array of SCRATCH_ROWS numbers, valid until the kernel that calls this returns."""
    return np.empty(SCRATCH_ROWS)
