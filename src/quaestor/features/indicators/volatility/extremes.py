"""Channel of extremes: Williams' %R, Donchian channel and rolling drawdown."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, is_missing, same_within_rounding
from quaestor.numeric.rolling import counted_windows, push_max, push_min, window_dtype
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, present_bars, range_rows, shift_rows

_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)


def _willr_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("highs", window_dtype(length), (1,)), ("lows", window_dtype(length), (1,))], align=True
    )


@inlined
def advance_willr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance of the close below the window's high, as a share of its range, in percent."""
    s = state[0]
    length = params[0]["length"]
    highs, lows, closes, line = columns[Column.HIGH], columns[Column.LOW], columns[Column.CLOSE], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_run(s, length, highs[k:n], lows[k:n], closes[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, highs[k], lows[k], closes[k])
            rows = 1
        k += rows


@kernel
def _below(top: float, bottom: float, close: float) -> float:
    return 0.0 if same_within_rounding(top, bottom) else -100.0 * ((top - close) / (top - bottom))


@inlined
def _take_row(s: Row, length: int, high: float, low: float, close: float) -> float:
    if any_missing(high, low, close):
        return np.nan
    top = push_max(s["highs"], length, high)
    bottom = push_min(s["lows"], length, low)
    s["count"] = min(s["count"] + 1, length)
    return _below(top, bottom, close) if s["count"] == length else np.nan


@kernel
def _take_run(s: Row, length: int, highs: Series, lows: Series, closes: Series, line: Series) -> int:
    tops, bottoms = scratch(), scratch()
    rows = present_bars(highs[:SCRATCH_ROWS], lows[:SCRATCH_ROWS], closes[:SCRATCH_ROWS])
    range_rows(s["highs"], s["lows"], length, highs[:rows], lows[:rows], tops, bottoms)
    for j in range(rows):
        line[j] = _below(tops[j], bottoms[j], closes[j])
    return rows


def _donchian_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("upper", "<f8"), ("lower", "<f8"), ("highs", window, (1,)), ("lows", window, (1,))],
        align=True,
    )


@inlined
def advance_donchian(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the highest high and lowest low of the `length` bars before this one."""
    s = state[0]
    length = params[0]["length"]
    highs, lows, upper, lower = columns[Column.HIGH], columns[Column.LOW], out[0], out[1]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_channel_run(s, length, highs[k:n], lows[k:n], upper[k:n], lower[k:n])
        if rows == 0:
            upper[k], lower[k] = _take_channel_row(s, length, highs[k], lows[k])
            rows = 1
        k += rows


@inlined
def _take_channel_row(s: Row, length: int, high: float, low: float) -> tuple[float, float]:
    if any_missing(high, low, 0.0):
        return np.nan, np.nan
    upper = s["upper"] if s["count"] == length else np.nan
    lower = s["lower"] if s["count"] == length else np.nan
    s["upper"] = push_max(s["highs"], length, high)
    s["lower"] = push_min(s["lows"], length, low)
    s["count"] = min(s["count"] + 1, length)
    return upper, lower


@kernel
def _take_channel_run(s: Row, length: int, highs: Series, lows: Series, upper: Series, lower: Series) -> int:
    tops, bottoms = scratch(), scratch()
    rows = present_bars(highs[:SCRATCH_ROWS], lows[:SCRATCH_ROWS], lows[:SCRATCH_ROWS])
    range_rows(s["highs"], s["lows"], length, highs[:rows], lows[:rows], tops, bottoms)
    shift_rows(s["upper"], tops[:rows], upper)
    shift_rows(s["lower"], bottoms[:rows], lower)
    if rows > 0:
        s["upper"] = tops[rows - 1]
        s["lower"] = bottoms[rows - 1]
    return rows


@inlined
def advance_drawdown(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance of the close below the highest close of the window, as a share of the latter."""
    s = state[0]
    length = params[0]["length"]
    closes = s["closes"]
    count = s["count"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(close):
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
    state_dtype=counted_windows("closes"),
    warmup=lambda length: length - 1,
)
