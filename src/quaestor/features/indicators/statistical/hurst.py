"""Hurst exponent: long-range dependence of returns by rescaled range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.statistical.distribution import take_return
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import window_dtype
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, copy_values, present_rows

_SMALLEST = 8  # least number of returns in a part


def _hurst_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("returns", window_dtype(length), (1,))], align=True)


@inlined
def advance_hurst(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the slope of the log rescaled range on the log size of parts of the window."""
    s = state[0]
    length = params[0]["length"]
    close, line = columns[Column.CLOSE], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length + 1 and 2 * length <= SCRATCH_ROWS:
            rows = _take_run(s, length, close[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, close[k])
            rows = 1
        k += rows


@kernel
def _take_row(s: Row, length: int, x: float) -> float:
    if is_missing(x) or x <= 0.0:
        return np.nan
    return _hurst(s, length) if take_return(s, length, x) else np.nan


@kernel
def _ratio(reach: float, squares: float, size: int) -> float:
    """Return the range over the standard deviation; 0 when nothing moved."""
    return reach / np.sqrt(squares / size) if squares > 1e-60 else 0.0


@kernel
def _slope(points: float, sx: float, sy: float, sxx: float, sxy: float) -> float:
    return (points * sxy - sx * sy) / (points * sxx - sx * sx) if points >= 2 else 0.5


@kernel
def _rescaled_range(s: Row, length: int, start: int, size: int) -> float:
    """Return the rescaled range of `size` returns from the start-th oldest on: range of cumulative deviations over the
    standard deviation."""
    ring = s["returns"][0]["ring"]
    oldest = s["returns"][0]["position"] + start
    mean = 0.0
    for j in range(size):
        mean += ring[oldest + j if oldest + j < length else oldest + j - length]
    mean /= size
    walk = top = bottom = squares = 0.0
    for j in range(size):
        d = ring[oldest + j if oldest + j < length else oldest + j - length] - mean
        squares += d * d
        walk += d
        top = walk if walk > top else top
        bottom = walk if walk < bottom else bottom
    return _ratio(top - bottom, squares, size)


@kernel
def _hurst(s: Row, length: int) -> float:
    points = 0
    sx = sy = sxx = sxy = 0.0
    size = length
    while size >= _SMALLEST:
        parts = length // size
        total = 0.0
        moved = 0
        for part in range(parts):
            value = _rescaled_range(s, length, length - (part + 1) * size, size)
            if value > 0.0:
                total += value
                moved += 1
        if moved > 0:
            x, y = natural_log(float(size)), natural_log(total / moved)
            points += 1
            sx += x
            sy += y
            sxx += x * x
            sxy += x * y
        size //= 2
    return _slope(points, sx, sy, sxx, sxy)


@kernel
def _take_run(s: Row, length: int, close: Series, line: Series) -> int:
    """Process rows together, each step of the sums over a part for the windows of all rows, and return their number."""
    history, totals, moved = scratch(), scratch(), scratch()
    points, sx, sy, sxx, sxy = scratch(), scratch(), scratch(), scratch(), scratch()
    rows = _take_returns(s, length, close[: SCRATCH_ROWS - length + 1], history)
    for j in range(rows):
        points[j] = sx[j] = sy[j] = sxx[j] = sxy[j] = 0.0
    size = length
    while size >= _SMALLEST:
        for j in range(rows):
            totals[j] = moved[j] = 0.0
        for part in range(length // size):
            _add_ratios(history[length - (part + 1) * size :], size, totals[:rows], moved)
        x = natural_log(float(size))
        for j in range(rows):
            if moved[j] > 0.0:
                y = natural_log(totals[j] / moved[j])
                points[j] += 1.0
                sx[j] += x
                sy[j] += y
                sxx[j] += x * x
                sxy[j] += x * y
        size //= 2
    for j in range(rows):
        line[j] = _slope(points[j], sx[j], sy[j], sxx[j], sxy[j])
    return rows


@kernel
def _take_returns(s: Row, length: int, close: Series, history: Series) -> int:
    """Write the previous `length` − 1 returns followed by those of the new rows and return the number of new rows."""
    ring, oldest = s["returns"][0]["ring"], s["returns"][0]["position"]
    before = length - 1
    copy_values(ring[oldest + 1 : length], history)
    copy_values(ring[:oldest], history[before - oldest :])
    returns = history[before:]
    rows = present_rows(close)
    for j in range(rows):
        if close[j] <= 0.0:
            rows = j
            break
        returns[j] = natural_log(close[j] / s["close"])
        s["close"] = close[j]
    if rows > 0:
        copy_values(history[rows - 1 : before + rows], ring)
        s["returns"][0]["position"] = 0
    return rows


@kernel
def _add_ratios(values: Series, size: int, totals: Series, moved: Series) -> None:
    """Add each row's rescaled range of one part: `size` values, from the j-th on for the j-th row."""
    means, walks, tops, bottoms, squares = scratch(), scratch(), scratch(), scratch(), scratch()
    rows = len(totals)
    for j in range(rows):
        means[j] = walks[j] = tops[j] = bottoms[j] = squares[j] = 0.0
    even = size - size % 2  # two steps at a time halve the memory traffic
    for step in range(0, even, 2):
        first, second = values[step:], values[step + 1 :]
        for j in range(rows):
            means[j] = means[j] + first[j] + second[j]
    for j in range(rows):
        means[j] = (means[j] + values[even + j] if even < size else means[j]) / size
    for step in range(0, even, 2):
        first, second = values[step:], values[step + 1 :]
        for j in range(rows):
            d = first[j] - means[j]
            e = second[j] - means[j]
            squares[j] = squares[j] + d * d + e * e
            near = walks[j] + d
            walk = near + e
            walks[j] = walk
            top = near if near > tops[j] else tops[j]
            bottom = near if near < bottoms[j] else bottoms[j]
            tops[j] = walk if walk > top else top
            bottoms[j] = walk if walk < bottom else bottom
    if even < size:
        last = values[even:]
        for j in range(rows):
            d = last[j] - means[j]
            squares[j] += d * d
            walk = walks[j] + d
            tops[j] = walk if walk > tops[j] else tops[j]
            bottoms[j] = walk if walk < bottoms[j] else bottoms[j]
    for j in range(rows):
        value = _ratio(tops[j] - bottoms[j], squares[j], size)
        totals[j] += value
        moved[j] += 1.0 if value > 0.0 else 0.0


HURST = Feature(
    name="hurst",
    family="statistical",
    doc="Hurst exponent by rescaled range: the window of `length` log returns is cut, from its end, into parts of "
    f"length, length/2, length/4 … ≥ {_SMALLEST}; slope by least squares of ln(mean range/deviation) on ln(size). "
    "About 0.5: no memory, above: trend, below: mean reversion; biased upwards in small windows; 0.5 when nothing "
    "moved. A close that is not positive counts as missing.",
    units="exponent",
    source="Hurst (1951), Long-Term Storage Capacity of Reservoirs; Mandelbrot and Wallis (1969)",
    inputs=(Column.CLOSE,),
    outputs=("hurst",),
    parameters=(Integer("length", 100, 16, 10_000, "bars"),),
    advance=advance_hurst,
    state_dtype=_hurst_state,
    warmup=lambda length: length,
)
