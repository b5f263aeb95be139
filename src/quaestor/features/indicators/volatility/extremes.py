"""Where the close stands between the highest high and the lowest low of a window."""

import numpy as np

from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.elementary import same_within_rounding
from quaestor.kernels.layout import Table
from quaestor.kernels.rolling import push_max, window_dtype
from quaestor.kernels.rows import Series, blank_rows, present_bars, range_rows, shift_rows, sum_rows
from quaestor.kernels.scratch import SCRATCH_ROWS, scratch

_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)


def _willr_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("highs", window_dtype(length), (1,)), ("lows", window_dtype(length), (1,))], align=True
    )


@kernel
def advance_willr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance of the close below the window's high, as a share of its range."""
    s = state[0]
    length = params[0]["length"]
    tops, bottoms = scratch(), scratch()
    k = i
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        high, low, close = columns[Column.HIGH][k:stop], columns[Column.LOW][k:stop], columns[Column.CLOSE][k:stop]
        line = out[0][k:stop]
        rows = present_bars(high, low, close)
        range_rows(s["highs"], s["lows"], length, high[:rows], low[:rows], tops, bottoms)
        for j in range(rows):
            top, bottom = tops[j], bottoms[j]
            flat = same_within_rounding(top, bottom)
            line[j] = 0.0 if flat else -100.0 * ((top - close[j]) / (top - bottom))
        blank_rows(line, rows, length - 1 - s["count"])
        s["count"] = min(s["count"] + rows, length)
        k = min(k + rows + 1, stop)


@kernel
def place_rows(
    highs: Table, lows: Table, length: int, high: Series, low: Series, close: Series, tops: Series, places: Series
) -> None:
    """Each close's place in the range of its window, in percent; 0 without range. `tops` is for the highest highs."""
    range_rows(highs, lows, length, high, low, tops, places)
    for j in range(len(close)):
        top, bottom = tops[j], places[j]
        flat = same_within_rounding(top, bottom)
        places[j] = 0.0 if flat else 100.0 * ((close[j] - bottom) / (top - bottom))


@kernel
def mean_rows(window: Table, length: int, series: Series, means: Series) -> None:
    """Mean of the last `length` values at each."""
    sum_rows(window, length, series, means)
    for j in range(len(series)):
        means[j] /= length


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


@kernel
def advance_stoch(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Slow stochastic: the close's place in the window's range, averaged once (k) and again (d)."""
    s = state[0]
    length = params[0]["length"]
    smooth_k = params[0]["smooth_k"]
    smooth_d = params[0]["smooth_d"]
    k_from = length + smooth_k - 2
    d_from = k_from + smooth_d - 1
    tops, places = scratch(), scratch()
    k = i
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        high, low, close = columns[Column.HIGH][k:stop], columns[Column.LOW][k:stop], columns[Column.CLOSE][k:stop]
        slow_k, slow_d = out[0][k:stop], out[1][k:stop]
        rows = present_bars(high, low, close)
        count = s["count"]
        place_rows(s["highs"], s["lows"], length, high[:rows], low[:rows], close[:rows], tops, places)
        first = min(max(length - 1 - count, 0), rows)
        mean_rows(s["fast"], smooth_k, places[first:rows], slow_k[first:rows])
        first = min(max(k_from - count, 0), rows)
        mean_rows(s["slow"], smooth_d, slow_k[first:rows], slow_d[first:rows])
        blank_rows(slow_k, rows, d_from - count)
        blank_rows(slow_d, rows, d_from - count)
        s["count"] = min(count + rows, d_from)
        k = min(k + rows + 1, stop)


def _donchian_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("upper", "<f8"), ("lower", "<f8"), ("highs", window, (1,)), ("lows", window, (1,))],
        align=True,
    )


@kernel
def advance_donchian(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Highest high and lowest low of the `length` bars before this one."""
    s = state[0]
    length = params[0]["length"]
    tops, bottoms = scratch(), scratch()
    k = i
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        high, low = columns[Column.HIGH][k:stop], columns[Column.LOW][k:stop]
        upper, lower = out[0][k:stop], out[1][k:stop]
        rows = present_bars(high, low, low)
        range_rows(s["highs"], s["lows"], length, high[:rows], low[:rows], tops, bottoms)
        shift_rows(s["upper"], tops[:rows], upper)
        shift_rows(s["lower"], bottoms[:rows], lower)
        if rows > 0:
            s["upper"] = tops[rows - 1]
            s["lower"] = bottoms[rows - 1]
        blank_rows(upper, rows, length - s["count"])
        blank_rows(lower, rows, length - s["count"])
        s["count"] = min(s["count"] + rows, length)
        k = min(k + rows + 1, stop)


def _drawdown_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("closes", window_dtype(length), (1,))], align=True)


@kernel
def advance_drawdown(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance of the close below the highest close of the window, as a share of that."""
    s = state[0]
    length = params[0]["length"]
    closes = s["closes"]
    count = s["count"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if close - close != 0.0:
            continue
        peak = push_max(closes, length, close)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = close / peak - 1.0 if peak > 0.0 else 0.0
    s["count"] = count


WILLR = Feature(
    name="willr",
    family="momentum",
    doc="−100 · (highest high − close) / (highest high − lowest low) of `length` bars; in [−100, 0]; 0 without range.",
    units="percent",
    source="TA-Lib WILLR; Williams (1973), How I Made One Million Dollars",
    inputs=_RANGE_INPUTS,
    outputs=("willr",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_willr,
    state_dtype=_willr_state,
    warmup=lambda length: length - 1,
)

STOCH = Feature(
    name="stoch",
    family="momentum",
    doc="Slow stochastic: `k` is the mean over `smooth_k` of 100 · (close − lowest low) / (highest high − lowest low), "
    "`d` the mean of k over `smooth_d`; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib STOCH with simple averages; Lane (1984), Lane's Stochastics",
    inputs=_RANGE_INPUTS,
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

DONCHIAN = Feature(
    name="donchian",
    family="volatility",
    doc="Donchian channel: highest high (`upper`) and lowest low (`lower`) of the `length` bars before this one.",
    units="price",
    source="Donchian (1960), High Finance in Copper",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("upper", "lower"),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_donchian,
    state_dtype=_donchian_state,
    warmup=lambda length: length,
)

DRAWDOWN = Feature(
    name="drawdown",
    family="volatility",
    doc="close / highest close of the last `length` bars − 1; in [−1, 0].",
    units="fraction",
    source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, on a rolling window",
    inputs=(Column.CLOSE,),
    outputs=("drawdown",),
    parameters=(Integer("length", 240, 2, 100_000, "bars"),),
    advance=advance_drawdown,
    state_dtype=_drawdown_state,
    warmup=lambda length: length - 1,
)
