"""Room on the stack for the values between two stages of a kernel, which cannot allocate.

A kernel that takes rows by the hundred in stages (running sums, then divisions) lets the processor do each at its own
pace: chains of additions beside one another, divisions eight at a time.
"""

import numpy as np
from numpy.typing import NDArray

#: Values that a scratch array holds: the rows that a kernel takes at once.
SCRATCH_ROWS = 512


def scratch() -> NDArray[np.float64]:
    """An array of SCRATCH_ROWS numbers, whatever they are, that is gone when the kernel that asked for it returns."""
    return np.empty(SCRATCH_ROWS)
