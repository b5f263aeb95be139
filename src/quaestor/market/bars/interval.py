"""Bar interval: detects the length of a bar from a series of time stamps."""

import numpy as np
from numpy.typing import NDArray


def detect_interval(ts: NDArray[np.int64]) -> int | None:
    """Return the most common positive distance between consecutive stamps, the shortest of ties; None without one.

    Example:
        >>> detect_interval(np.array([0, 60, 120, 120, 600]))
        60
        >>> detect_interval(np.array([5])) is None
        True
    """
    steps = np.diff(ts)
    steps = steps[steps > 0]
    if not len(steps):
        return None
    middle_step = steps[len(steps) // 2]
    if 2 * np.count_nonzero(steps == middle_step) > len(steps):
        return int(middle_step)
    distinct, counts = np.unique(steps, return_counts=True)
    return int(distinct[np.argmax(counts)])
