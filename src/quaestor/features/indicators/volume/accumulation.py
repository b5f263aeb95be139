"""Accumulation: volume weighted by the close's position in the bar's range, or by the change of the price."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always, fast_before_slow
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import counted_windows, push_sum

_AD_STATE = np.dtype([("count", "<i8"), ("total", "<f8"), ("fast", "<f8"), ("slow", "<f8")], align=True)


@kernel
def _flow(high: float, low: float, close: float, volume: float) -> float:
    """Return volume times the close's position in the range, from −1 at the low to 1 at the high; 0 without range."""
    reach = high - low
    return ((close - low) - (high - close)) / reach * volume if reach > 0.0 else 0.0


@kernel
def advance_ad(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the running total of the money flow."""
    s = state[0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        s["total"] += _flow(high, low, close, volume)
        out[0, k] = s["total"]


@kernel
def advance_adosc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of two exponential averages of the running total, both started at its first value."""
    s = state[0]
    slow_length = params[0]["slow"]
    fast_factor = 2.0 / (params[0]["fast"] + 1.0)
    slow_factor = 2.0 / (slow_length + 1.0)
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        s["total"] += _flow(high, low, close, volume)
        if s["count"] == 0:
            s["fast"] = s["total"]
            s["slow"] = s["total"]
        else:
            s["fast"] = fast_factor * s["total"] + (1.0 - fast_factor) * s["fast"]
            s["slow"] = slow_factor * s["total"] + (1.0 - slow_factor) * s["slow"]
        s["count"] = min(s["count"] + 1, slow_length)
        if s["count"] == slow_length:
            out[0, k] = s["fast"] - s["slow"]


_two_windows = counted_windows("values", "volumes")


@kernel
def advance_cmf(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the money flow of the window as a share of its volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        flow = push_sum(s["values"], length, _flow(high, low, close, volume))
        traded = push_sum(s["volumes"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = flow / traded if traded > 0.0 else 0.0


@kernel
def advance_vwma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean close weighted by volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        value = push_sum(s["values"], length, close * volume)
        traded = push_sum(s["volumes"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = value / traded if traded > 0.0 else close


_FORCE_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("average", AVERAGE, (1,))], align=True)


@kernel
def advance_force_index(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average of change times volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        if s["count"] > 0:
            out[0, k] = push_ema(s["average"], length, (close - s["close"]) * volume)
        s["close"] = close
        s["count"] = 1


_BAR_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME)
_PRICE_INPUTS = (Column.CLOSE, Column.VOLUME)


AD = Feature(
    name="ad",
    family="volume",
    doc="Accumulation/distribution line: running total of volume · ((close − low) − (high − close)) / (high − low); a "
    "bar without range adds nothing.",
    units="base units",
    source="TA-Lib AD; Chaikin, Accumulation/Distribution",
    inputs=_BAR_INPUTS,
    outputs=("ad",),
    parameters=(),
    advance=advance_ad,
    state_dtype=always(_AD_STATE),
    warmup=always(0),
)

ADOSC = Feature(
    name="adosc",
    family="volume",
    doc="Chaikin oscillator: EMA(`fast`) − EMA(`slow`) of the accumulation/distribution line, both begun with its "
    "first value.",
    units="base units",
    source="TA-Lib ADOSC; Chaikin, Chaikin Oscillator",
    inputs=_BAR_INPUTS,
    outputs=("adosc",),
    parameters=(Integer("fast", 3, 2, 5_000, "bars"), Integer("slow", 10, 2, 10_000, "bars")),
    advance=advance_adosc,
    state_dtype=always(_AD_STATE),
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=fast_before_slow,
)

CMF = Feature(
    name="cmf",
    family="volume",
    doc="Chaikin money flow: sum of volume · ((close − low) − (high − close)) / (high − low) over `length` bars / sum "
    "of their volume; in [−1, 1]; 0 when nothing was traded.",
    units="ratio",
    source="Chaikin, Chaikin Money Flow",
    inputs=_BAR_INPUTS,
    outputs=("cmf",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_cmf,
    state_dtype=_two_windows,
    warmup=lambda length: length - 1,
)

VWMA = Feature(
    name="vwma",
    family="volume",
    doc="Average of the last `length` closes weighted by volume; the bar's own close when nothing was traded.",
    units="price",
    source="Arms (1990), Trading without Fear: volume-adjusted moving averages",
    inputs=_PRICE_INPUTS,
    outputs=("vwma",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_vwma,
    state_dtype=_two_windows,
    warmup=lambda length: length - 1,
)

FORCE_INDEX = Feature(
    name="force_index",
    family="volume",
    doc="Force index: EMA of `length` values of (close − previous close) · volume.",
    units="price · base units",
    source="TA-Lib EFI; Elder (1993), Trading for a Living",
    inputs=_PRICE_INPUTS,
    outputs=("force_index",),
    parameters=(Integer("length", 13, 1, 10_000, "bars"),),
    advance=advance_force_index,
    state_dtype=always(_FORCE_STATE),
    warmup=lambda length: length,
)
