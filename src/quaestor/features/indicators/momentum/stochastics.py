"""Stochastic oscillator, fast and slow: position of the close in the range of a window."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, same_within_rounding
from quaestor.numeric.rolling import push_max, push_min, push_sum, window_dtype
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, present_bars, range_rows, sum_rows


def _stoch_state(length: int, smooth_k: int, smooth_d: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [
            ("count", "<i8"),
            ("highs", window, (1,)),
            ("lows", window, (1,)),
            ("fast", window_dtype(smooth_k), (1,)),
            ("slow", window_dtype(smooth_d), (1,)),
        ],
        align=True,
    )


@inlined
def advance_stoch(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the slow stochastic: the close's position in the window's range, averaged once (k) and twice (d)."""
    s = state[0]
    length = params[0]["length"]
    smooth_k = params[0]["smooth_k"]
    smooth_d = params[0]["smooth_d"]
    highs, lows, closes, slow_k, slow_d = (
        columns[Column.HIGH],
        columns[Column.LOW],
        columns[Column.CLOSE],
        out[0],
        out[1],
    )
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length + smooth_k + smooth_d - 2:
            rows = _take_places(s, length, highs[k:n], lows[k:n], closes[k:n], slow_k[k:n])
            _take_means(s["fast"], smooth_k, slow_k[k : k + rows], slow_k[k : k + rows])
            _take_means(s["slow"], smooth_d, slow_k[k : k + rows], slow_d[k : k + rows])
        if rows == 0:
            slow_k[k], slow_d[k] = _take_row(s, length, smooth_k, smooth_d, highs[k], lows[k], closes[k])
            rows = 1
        k += rows


@inlined
def _take_row(
    s: Row, length: int, smooth_k: int, smooth_d: int, high: float, low: float, close: float
) -> tuple[float, float]:
    if any_missing(high, low, close):
        return np.nan, np.nan
    place = _place(push_max(s["highs"], length, high), push_min(s["lows"], length, low), close)
    k_from = length + smooth_k - 1
    d_from = k_from + smooth_d - 1
    s["count"] = min(s["count"] + 1, d_from)
    if s["count"] < length:
        return np.nan, np.nan
    slow_k = push_sum(s["fast"], smooth_k, place) / smooth_k
    if s["count"] < k_from:
        return np.nan, np.nan
    slow_d = push_sum(s["slow"], smooth_d, slow_k) / smooth_d
    if s["count"] < d_from:
        return np.nan, np.nan
    return slow_k, slow_d


@kernel
def _place(top: float, bottom: float, close: float) -> float:
    return 0.0 if same_within_rounding(top, bottom) else 100.0 * ((close - bottom) / (top - bottom))


@kernel
def _take_places(s: Row, length: int, highs: Series, lows: Series, closes: Series, places: Series) -> int:
    """Write the close's position in its window's range at each row and return the number of rows."""
    tops, bottoms = scratch(), scratch()
    rows = present_bars(highs[:SCRATCH_ROWS], lows[:SCRATCH_ROWS], closes[:SCRATCH_ROWS])
    range_rows(s["highs"], s["lows"], length, highs[:rows], lows[:rows], tops, bottoms)
    for j in range(rows):
        places[j] = _place(tops[j], bottoms[j], closes[j])
    return rows


@kernel
def _take_means(window: Table, length: int, series: Series, means: Series) -> None:
    """Write the mean of the last `length` values at each row."""
    sum_rows(window, length, series, means)
    for j in range(len(series)):
        means[j] /= length


def _stochf_state(length: int, smooth: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("highs", window, (1,)), ("lows", window, (1,)), ("places", window_dtype(smooth), (1,))],
        align=True,
    )


@inlined
def advance_stochf(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the close's position in the window's range, and its mean."""
    s = state[0]
    length = params[0]["length"]
    smooth = params[0]["smooth"]
    highs, lows, closes, fast_k, fast_d = (
        columns[Column.HIGH],
        columns[Column.LOW],
        columns[Column.CLOSE],
        out[0],
        out[1],
    )
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length + smooth - 1:
            rows = _take_places(s, length, highs[k:n], lows[k:n], closes[k:n], fast_k[k:n])
            _take_means(s["places"], smooth, fast_k[k : k + rows], fast_d[k : k + rows])
        if rows == 0:
            fast_k[k], fast_d[k] = _take_fast_row(s, length, smooth, highs[k], lows[k], closes[k])
            rows = 1
        k += rows


@inlined
def _take_fast_row(s: Row, length: int, smooth: int, high: float, low: float, close: float) -> tuple[float, float]:
    if any_missing(high, low, close):
        return np.nan, np.nan
    place = _place(push_max(s["highs"], length, high), push_min(s["lows"], length, low), close)
    last = length + smooth - 1
    s["count"] = min(s["count"] + 1, last)
    if s["count"] < length:
        return np.nan, np.nan
    mean = push_sum(s["places"], smooth, place) / smooth
    if s["count"] < last:
        return np.nan, np.nan
    return place, mean


_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)

STOCH = Feature(
    name="stoch",
    family="momentum",
    doc="Slow stochastic: `k` is the mean over `smooth_k` of 100 · (close − lowest low) / (highest high − lowest low), "
    "`d` the mean of k over `smooth_d`; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib STOCH with simple averages; Lane (1984), Lane's Stochastics",
    inputs=_INPUTS,
    outputs=("k", "d"),
    parameters=(
        Integer("length", 14, 1, 10_000, "bars"),
        Integer("smooth_k", 3, 1, 1_000, "bars"),
        Integer("smooth_d", 3, 1, 1_000, "bars"),
    ),
    advance=advance_stoch,
    state_dtype=_stoch_state,
    warmup=lambda length, smooth_k, smooth_d: length + smooth_k + smooth_d - 3,
)

STOCHF = Feature(
    name="stochf",
    family="momentum",
    doc="Fast stochastic: `k` is 100 · (close − lowest low) / (highest high − lowest low) of `length` bars, `d` its "
    "mean over `smooth`; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib STOCHF with simple averages; Lane (1984), Lane's Stochastics",
    inputs=_INPUTS,
    outputs=("k", "d"),
    parameters=(Integer("length", 14, 1, 10_000, "bars"), Integer("smooth", 3, 1, 1_000, "bars")),
    advance=advance_stochf,
    state_dtype=_stochf_state,
    warmup=lambda length, smooth: length + smooth - 2,
)
