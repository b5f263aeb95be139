"""Range indicators: true range, vortex, mass index and Chaikin's volatility."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype

_TRANGE_STATE = np.dtype([("count", "<i8"), ("close", "<f8")], align=True)


@kernel
def advance_trange(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the true range: the bar's range extended to the previous close."""
    s = state[0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        if s["count"] > 0:
            out[0, k] = true_range(high, low, s["close"])
        s["close"] = close
        s["count"] = 1


def _vortex_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    bars = [(name, "<f8") for name in ("high", "low", "close")]
    return np.dtype(
        [("count", "<i8"), *bars, *((name, window, (1,)) for name in ("plus", "minus", "range"))], align=True
    )


@kernel
def advance_vortex(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distances of highs from previous lows, and of lows from previous highs, over the true range."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close):
            continue
        if s["count"] > 0:
            plus = push_sum(s["plus"], length, abs(high - s["low"]))
            minus = push_sum(s["minus"], length, abs(low - s["high"]))
            reach = push_sum(s["range"], length, true_range(high, low, s["close"]))
            if s["count"] >= length:
                out[0, k] = plus / reach if reach > 0.0 else 0.0
                out[1, k] = minus / reach if reach > 0.0 else 0.0
        s["high"] = high
        s["low"] = low
        s["close"] = close
        s["count"] = min(s["count"] + 1, length)


def _mass_state(length: int, window: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype(
        [("count", "<i8"), ("once", AVERAGE, (1,)), ("twice", AVERAGE, (1,)), ("ratios", window_dtype(window), (1,))],
        align=True,
    )


@kernel
def advance_mass(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum over a window of the averaged range over its own average."""
    s = state[0]
    length = params[0]["length"]
    window = params[0]["window"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        once = push_ema(s["once"], length, high - low)
        if once != once:
            continue
        twice = push_ema(s["twice"], length, once)
        if twice != twice:
            continue
        total = push_sum(s["ratios"], window, once / twice if twice > 1e-290 else 1.0)
        s["count"] = min(s["count"] + 1, window)
        if s["count"] == window:
            out[0, k] = total


def _chaikin_state(length: int, change: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("average", AVERAGE, (1,)), ("before", window_dtype(change), (1,))], align=True)


@kernel
def advance_chaikin_volatility(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the percentage change of the averaged range."""
    s = state[0]
    length = params[0]["length"]
    change = params[0]["change"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        average = push_ema(s["average"], length, high - low)
        if average != average:
            continue
        before = push_delay(s["before"], change, average)
        if s["count"] == change:
            out[0, k] = (average / before - 1.0) * 100.0 if before > 1e-200 else 0.0
        s["count"] = min(s["count"] + 1, change)


_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)

TRANGE = Feature(
    name="trange",
    family="volatility",
    doc="True range: max(high, previous close) − min(low, previous close); ≥ 0.",
    units="price",
    source="TA-Lib TRANGE; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=_RANGE_INPUTS,
    outputs=("trange",),
    parameters=(),
    advance=advance_trange,
    state_dtype=always(_TRANGE_STATE),
    warmup=always(1),
)

VORTEX = Feature(
    name="vortex",
    family="trend",
    doc="Vortex: `plus` is the sum of |high − previous low| / sum of the true range over `length` bars, `minus` that "
    "of |low − previous high|; ≥ 0; 0 when nothing moved.",
    units="ratio",
    source="Botes and Siepman (2010), The Vortex Indicator",
    inputs=_RANGE_INPUTS,
    outputs=("plus", "minus"),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_vortex,
    state_dtype=_vortex_state,
    warmup=lambda length: length,
)

MASS = Feature(
    name="mass",
    family="volatility",
    doc="Mass index: sum over `window` bars of r / EMA(r), r the EMA of `length` values of high − low; 1 a bar without "
    "range; > 0.",
    units="ratio",
    source="TA-Lib MASSI; Dorsey (1992), The Mass Index",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("mass",),
    parameters=(Integer("length", 9, 1, 10_000, "bars"), Integer("window", 25, 1, 10_000, "bars")),
    advance=advance_mass,
    state_dtype=_mass_state,
    warmup=lambda length, window: 2 * (length - 1) + window - 1,
)

CHAIKIN_VOLATILITY = Feature(
    name="chaikin_volatility",
    family="volatility",
    doc="100 · (r / r `change` bars ago − 1), r the EMA of `length` values of high − low; 0 where there was no range.",
    units="percent",
    source="TA-Lib CVI; Chaikin, Chaikin Volatility",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("chaikin_volatility",),
    parameters=(Integer("length", 10, 1, 10_000, "bars"), Integer("change", 10, 1, 10_000, "bars")),
    advance=advance_chaikin_volatility,
    state_dtype=_chaikin_state,
    warmup=lambda length, change: length - 1 + change,
)
