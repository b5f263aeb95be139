"""Streaming quartiles: estimates of the quartiles of all values so far from five markers, without storing values.

Jain and Chlamtac (1985), The P² Algorithm for Dynamic Calculation of Quantiles and Histograms Without Storing
Observations, for the median: its markers are the extremes and the quartiles. Exact (as numpy's default) up to the fifth
value, an approximation from then on.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table

#: State of the markers, fresh when its bytes are zero.
QUARTILES = np.dtype([("count", "<i8"), ("heights", "<f8", (5,)), ("positions", "<f8", (5,))], align=True)


@kernel
def push_quartiles(markers: Table, x: float) -> tuple[float, float, float]:
    """Add x, which must not be NaN, and return the first quartile, the median and the third quartile of all values."""
    q = markers[0]
    count = q["count"] + 1
    q["count"] = count
    if count <= 5:
        _insert(q, count, x)
        return _among_few(q, count, 0.25), _among_few(q, count, 0.5), _among_few(q, count, 0.75)
    heights, positions = q["heights"], q["positions"]
    heights[0] = min(heights[0], x)
    heights[4] = max(heights[4], x)
    for marker in range(1, 5):
        if x < heights[marker] or marker == 4:
            positions[marker] += 1.0
    for marker in range(1, 4):
        _adjust(q, marker, 1.0 + (count - 1.0) * 0.25 * marker - positions[marker])
    return heights[1], heights[2], heights[3]


@kernel
def _insert(q: Row, count: int, x: float) -> None:
    """Insert one of the first five values in ascending order."""
    heights = q["heights"]
    hole = count - 1
    while hole > 0 and heights[hole - 1] > x:
        heights[hole] = heights[hole - 1]
        hole -= 1
    heights[hole] = x
    q["positions"][count - 1] = count


@kernel
def _among_few(q: Row, count: int, share: float) -> float:
    heights = q["heights"]
    place = share * (count - 1.0)
    lower = int(place)
    upper = min(lower + 1, count - 1)
    value: float = heights[lower] + (place - lower) * (heights[upper] - heights[lower])
    return value


@kernel
def _adjust(q: Row, marker: int, off: float) -> None:
    """Move a marker whose position is off by one or more by one position, along a parabola if that keeps the order."""
    h, n = q["heights"], q["positions"]
    before, now, after = n[marker - 1], n[marker], n[marker + 1]
    if not ((off >= 1.0 and after - now > 1.0) or (off <= -1.0 and before - now < -1.0)):
        return
    step = 1.0 if off > 0.0 else -1.0
    above = (h[marker + 1] - h[marker]) / (after - now)
    below = (h[marker] - h[marker - 1]) / (now - before)
    curve = (now - before + step) * above + (after - now - step) * below
    height = h[marker] + step / (after - before) * curve
    if not h[marker - 1] < height < h[marker + 1]:
        height = h[marker] + (above if step > 0.0 else -below)
    h[marker] = height
    n[marker] = now + step
