"""Sorted window: the last n values in ascending order, for exact medians and quantiles, at O(n) moves for each value.

A window is a one-element structured array, fresh when its bytes are zero. Functions that read it are undefined until
n values have been added: callers count them.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.numeric.rolling import ring_capacity


def sorted_dtype(length: int) -> np.dtype[np.void]:
    """Return the dtype of a window of `length` values for `push_sorted`."""
    capacity = (ring_capacity(length),)
    return np.dtype(
        [("count", "<i8"), ("position", "<i8"), ("ring", "<f8", capacity), ("ordered", "<f8", capacity)], align=True
    )


@kernel
def push_sorted(window: Table, length: int, x: float) -> None:
    """Add x, which must not be NaN, and remove the value added `length` values before it."""
    w = window[0]
    ring, ordered = w["ring"], w["ordered"]
    position = w["position"]
    last = w["count"]
    hole = last
    if last == length:
        last -= 1
        hole = first_not_below(ordered, length, ring[position])
    else:
        w["count"] = last + 1
    while hole > 0 and ordered[hole - 1] > x:
        ordered[hole] = ordered[hole - 1]
        hole -= 1
    while hole < last and ordered[hole + 1] < x:
        ordered[hole] = ordered[hole + 1]
        hole += 1
    ordered[hole] = x
    ring[position] = x
    w["position"] = position + 1 if position + 1 < length else 0


@kernel
def first_not_below(ordered: NDArray[np.float64], length: int, x: float) -> int:
    """Return the index of the first of `length` ascending values that is not below x; `length` when all are.

    Example:
        >>> first_not_below(np.array([1.0, 2.0, 2.0, 5.0]), 4, 2.0), first_not_below(np.array([1.0]), 1, 3.0)
        (1, 1)
    """
    low = 0
    high = length
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def share_below(window: Table, length: int, x: float) -> float:
    """Return the share of the values below x, equal ones counted half; in [0, 1]."""
    ordered = window[0]["ordered"]
    below = first_not_below(ordered, length, x)
    equal = 0
    while below + equal < length and ordered[below + equal] == x:
        equal += 1
    return (below + 0.5 * equal) / length


@kernel
def quantile_of(window: Table, length: int, share: float) -> float:
    """Return the quantile of a window for a share in [0, 1], linear between neighbours (numpy's default)."""
    ordered = window[0]["ordered"]
    place = share * (length - 1.0)
    lower = min(int(place), length - 1)
    upper = min(lower + 1, length - 1)
    base: float = ordered[lower]
    return base + (place - lower) * (ordered[upper] - base)


@kernel
def median_distance(window: Table, length: int, center: float) -> float:
    """Return the median of the distances |value − center|, by taking the nearest values until half are taken."""
    ordered = window[0]["ordered"]
    right = first_not_below(ordered, length, center)
    left = right - 1
    before = distance = 0.0
    for _ in range(length // 2 + 1):
        before = distance
        to_left = center - ordered[left] if left >= 0 else np.inf
        to_right = ordered[right] - center if right < length else np.inf
        if to_left < to_right:
            distance = to_left
            left -= 1
        else:
            distance = to_right
            right += 1
    return distance if length % 2 == 1 else before + 0.5 * (distance - before)
