"""The length of a bar, read off a series of stamps."""

import numpy as np
from numpy.typing import NDArray


def detect_interval(ts: NDArray[np.int64]) -> int | None:
    """The most common positive distance between consecutive stamps (the shortest of equals), None when there is none.

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
    guess = steps[len(steps) // 2]
    if 2 * np.count_nonzero(steps == guess) > len(steps):
        return int(guess)
    distinct, counts = np.unique(steps, return_counts=True)
    return int(distinct[np.argmax(counts)])
