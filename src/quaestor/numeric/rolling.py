"""Rolling windows: sums, extremes and moments of the last n values, at a constant cost for each value, without drift.

Values are grouped in blocks of n. A window is the tail of the previous block and the head of the current one: the head
is one running value, the tails of the previous block are computed once, from its end, when it is complete. Nothing is
ever subtracted, so a sum depends only on the values of its window (and on where blocks begin) however long the series
is, and a huge value has no effect once it has left the window.

Each window is a one-element structured array, fresh when its bytes are zero. Until n values have been added, `push_sum`
returns partial sums and the results of the others are undefined: callers count.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Table


def ring_capacity(length: int) -> int:
    """Return the slots of a window: `length` rounded up by at most an eighth (or to 4), so that neighbours share code.

    Example:
        >>> [ring_capacity(n) for n in (1, 14, 20, 33, 200)]
        [4, 16, 20, 36, 208]
    """
    step = 1 << max(2, (length - 1).bit_length() - 4)
    return -(-length // step) * step


def window_dtype(length: int) -> np.dtype[np.void]:
    """Return the dtype of a window for `push_sum`, `push_max`, `push_min` or `push_delay`."""
    return np.dtype([("position", "<i8"), ("running", "<f8"), ("ring", "<f8", (ring_capacity(length),))], align=True)


def counted_windows(*names: str) -> Callable[..., np.dtype[np.void]]:
    """Return a function that makes the dtype of a state of a length: a `count` and a window by each of the names.

    Further arguments are ignored: values of a feature that its state does not depend on.

    Example:
        >>> counted_windows("highs", "lows")(14, 2.5).names
        ('count', 'highs', 'lows')
    """

    def state_dtype(length: int, *_: float) -> np.dtype[np.void]:
        window = window_dtype(length)
        return np.dtype([("count", "<i8"), *((name, window, (1,)) for name in names)], align=True)

    return state_dtype


def moments_dtype(length: int) -> np.dtype[np.void]:
    """Return the dtype of a window for `push_moments`."""
    capacity = (ring_capacity(length),)
    scalars = [("anchor", "<f8"), ("sum", "<f8"), ("square", "<f8")]
    return np.dtype(
        [("position", "<i8"), *scalars, ("sums", "<f8", capacity), ("squares", "<f8", capacity)], align=True
    )


@kernel
def push_sum(window: Table, length: int, x: float) -> float:
    """Add x and return the sum of the last `length` values, of all so far while there are fewer."""
    w = window[0]
    ring = w["ring"]
    position = w["position"]
    running = (0.0 if position == 0 else w["running"]) + x
    ring[position] = x
    w["running"] = running
    position += 1
    if position < length:
        w["position"] = position
        return running + ring[position]
    for k in range(length - 2, -1, -1):
        ring[k] += ring[k + 1]
    w["position"] = 0
    return running


@kernel
def push_max(window: Table, length: int, x: float) -> float:
    """Add x and return the largest of the last `length` values."""
    w = window[0]
    ring = w["ring"]
    position = w["position"]
    head = w["running"]
    running = x if position == 0 else (x if x > head else head)
    ring[position] = x
    w["running"] = running
    position += 1
    if position < length:
        w["position"] = position
        tail = ring[position]
        return running if running > tail else tail
    tail = x
    for k in range(length - 2, -1, -1):
        tail = ring[k] if ring[k] > tail else tail
        ring[k] = tail
    w["position"] = 0
    return running


@kernel
def push_min(window: Table, length: int, x: float) -> float:
    """Add x and return the smallest of the last `length` values."""
    w = window[0]
    ring = w["ring"]
    position = w["position"]
    head = w["running"]
    running = x if position == 0 else (x if x < head else head)
    ring[position] = x
    w["running"] = running
    position += 1
    if position < length:
        w["position"] = position
        tail = ring[position]
        return running if running < tail else tail
    tail = x
    for k in range(length - 2, -1, -1):
        tail = ring[k] if ring[k] < tail else tail
        ring[k] = tail
    w["position"] = 0
    return running


@kernel
def push_delay(window: Table, length: int, x: float) -> float:
    """Add x and return the value added `length` values before it."""
    w = window[0]
    ring = w["ring"]
    position = w["position"]
    before = ring[position]
    ring[position] = x
    w["position"] = position + 1 if position + 1 < length else 0
    return before


@kernel
def push_moments(window: Table, length: int, x: float) -> tuple[float, float]:
    """Add x and return the mean of the last `length` values and the sum of their squared deviations from it.

    Sums are of distances from the first value of a block: no digits are lost on prices far from zero, and equal values
    give exactly zero.
    """
    w = window[0]
    sums = w["sums"]
    squares = w["squares"]
    position = w["position"]
    if position == 0:
        w["anchor"] = x
        w["sum"] = 0.0
        w["square"] = 0.0
        close_block(sums, squares, length, x)
    distance = x - w["anchor"]
    total = w["sum"] + distance
    total_square = w["square"] + distance * distance
    sums[position] = x
    w["sum"] = total
    w["square"] = total_square
    position += 1
    if position < length:
        w["position"] = position
        total = sums[position] + total
        total_square = squares[position] + total_square
    else:
        w["position"] = 0
    share = 1.0 / length
    rest = multiply_add(-total, total * share, total_square)
    return multiply_add(total, share, w["anchor"]), rest if rest > 0.0 else 0.0


@kernel
def close_block(sums: NDArray[np.float64], squares: NDArray[np.float64], length: int, anchor: float) -> None:
    """Replace the values of a complete block by the sums, over its tails, of distances from an anchor."""
    total = 0.0
    total_square = 0.0
    for k in range(length - 1, 0, -1):
        distance = sums[k] - anchor
        total += distance
        total_square += distance * distance
        sums[k] = total
        squares[k] = total_square
