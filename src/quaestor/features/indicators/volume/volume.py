"""Volume indicators: on-balance volume, money flow index, volume ratio and rolling VWAP."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, is_missing, same_within_rounding
from quaestor.numeric.rolling import counted_windows, push_sum, window_dtype
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, present_bars, present_rows, shift_rows, sum_rows

_OBV_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("total", "<f8")], align=True)
_BAR_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME)


@kernel
def advance_obv(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the running total of volume, added when the close rises and subtracted when it falls."""
    s = state[0]
    count = s["count"]
    before = s["close"]
    total = s["total"]
    closes = columns[Column.CLOSE]
    volumes = columns[Column.VOLUME]
    for k in range(i, n):
        close, volume = closes[k], volumes[k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        if count == 0:
            total = volume
            count = 1
        else:
            total += volume * ((1.0 if close > before else 0.0) - (1.0 if close < before else 0.0))
        before = close
        out[0, k] = total
    s["count"] = count
    s["close"] = before
    s["total"] = total


def _mfi_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("typical", "<f8"), ("rising", window, (1,)), ("falling", window, (1,))], align=True
    )


@inlined
def advance_mfi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of the money flow at rising typical prices, in percent."""
    s = state[0]
    length = params[0]["length"]
    highs, lows, closes = columns[Column.HIGH], columns[Column.LOW], columns[Column.CLOSE]
    volumes, line = columns[Column.VOLUME], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_run(s, length, highs[k:n], lows[k:n], closes[k:n], volumes[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, highs[k], lows[k], closes[k], volumes[k])
            rows = 1
        k += rows


@inlined
def _take_row(s: Row, length: int, high: float, low: float, close: float, volume: float) -> float:
    if any_missing(high, low, close) or is_missing(volume):
        return np.nan
    typical = (high + low + close) / 3.0
    before = s["typical"]
    s["typical"] = typical
    share = np.nan
    if s["count"] > 0:
        rising, falling = _flows(typical, before, volume)
        share = _share(push_sum(s["rising"], length, rising), push_sum(s["falling"], length, falling))
    if s["count"] == length:
        return share
    s["count"] += 1
    return np.nan


@kernel
def _flows(typical: float, before: float, volume: float) -> tuple[float, float]:
    """Return the money flow of a bar as (rising, falling), one of them 0."""
    flow = 0.0 if same_within_rounding(typical, before) else typical * volume
    return flow if typical > before else 0.0, flow if typical < before else 0.0


@kernel
def _share(gained: float, lost: float) -> float:
    total = gained + lost
    return 100.0 * (gained / total) if total > 0.0 else 0.0


@kernel
def _take_run(s: Row, length: int, highs: Series, lows: Series, closes: Series, volumes: Series, line: Series) -> int:
    typical, rising, falling = scratch(), scratch(), scratch()
    rows = present_rows(volumes[: present_bars(highs[:SCRATCH_ROWS], lows[:SCRATCH_ROWS], closes[:SCRATCH_ROWS])])
    for j in range(rows):
        typical[j] = (highs[j] + lows[j] + closes[j]) / 3.0
    shift_rows(s["typical"], typical[:rows], falling)
    for j in range(rows):
        rising[j], falling[j] = _flows(typical[j], falling[j], volumes[j])
    sum_rows(s["rising"], length, rising[:rows], rising)
    sum_rows(s["falling"], length, falling[:rows], falling)
    for j in range(rows):
        line[j] = _share(rising[j], falling[j])
    s["typical"] = typical[rows - 1] if rows > 0 else s["typical"]
    return rows


def _volume_ratio_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("total", "<f8"), ("window", window_dtype(length), (1,))], align=True)


@kernel
def advance_volume_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the volume over the mean of the previous `length` bars."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    total = s["total"]
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if is_missing(volume):
            continue
        if count >= length:
            out[0, k] = volume / (total / length) if total > 0.0 else 0.0
        total = push_sum(window, length, volume)
        count = min(count + 1, length)
    s["count"] = count
    s["total"] = total


@kernel
def advance_vwap(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean typical price of the last `length` bars, weighted by volume."""
    s = state[0]
    length = params[0]["length"]
    values, volumes = s["values"], s["volumes"]
    count = s["count"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        typical = (high + low + close) / 3.0
        value = push_sum(values, length, typical * volume)
        traded = push_sum(volumes, length, volume)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = value / traded if traded > 0.0 else typical
    s["count"] = count


OBV = Feature(
    name="obv",
    family="volume",
    doc="On-balance volume: starts at the first volume, adds the volume of rising closes, subtracts that of falling "
    "ones.",
    units="base units",
    source="TA-Lib OBV; Granville (1963), Granville's New Key to Stock Market Profits",
    inputs=(Column.CLOSE, Column.VOLUME),
    outputs=("obv",),
    parameters=(),
    advance=advance_obv,
    state_dtype=always(_OBV_STATE),
    warmup=always(0),
)

MFI = Feature(
    name="mfi",
    family="volume",
    doc="Money flow index: 100 · rising / (rising + falling) sums of typical price · volume over `length` bars; in "
    "[0, 100]; 0 when no money flowed.",
    units="percent",
    source="TA-Lib MFI; Quong and Soudack (1989), Volume-Weighted RSI: Money Flow",
    inputs=_BAR_INPUTS,
    outputs=("mfi",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_mfi,
    state_dtype=_mfi_state,
    warmup=lambda length: length,
)

VOLUME_RATIO = Feature(
    name="volume_ratio",
    family="volume",
    doc="Volume / mean volume of the `length` bars before this one; ≥ 0; 0 when they traded nothing.",
    units="ratio",
    source="Blume, Easley and O'Hara (1994), Market Statistics and Technical Analysis: The Role of Volume",
    inputs=(Column.VOLUME,),
    outputs=("volume_ratio",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_volume_ratio,
    state_dtype=_volume_ratio_state,
    warmup=lambda length: length,
)

VWAP = Feature(
    name="vwap",
    family="volume",
    doc="Rolling volume-weighted average of the typical price over `length` bars; the bar's own typical price when "
    "nothing was traded.",
    units="price",
    source="Berkowitz, Logue and Noser (1988), The Total Cost of Transactions on the NYSE, on a rolling window",
    inputs=_BAR_INPUTS,
    outputs=("vwap",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_vwap,
    state_dtype=counted_windows("values", "volumes"),
    warmup=lambda length: length - 1,
)
