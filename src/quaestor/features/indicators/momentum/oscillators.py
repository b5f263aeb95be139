"""Bounded oscillators: Chande momentum, balance of power and ultimate oscillator."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_sum, window_dtype

_NOTHING = 1e-290  # averages that have decayed below this are treated as no movement
_CMO_STATE = np.dtype(
    [("count", "<i8"), ("close", "<f8"), ("gain", AVERAGE, (1,)), ("loss", AVERAGE, (1,))], align=True
)


@kernel
def advance_cmo(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of Wilder's averages of gains and losses as a share of their sum, in percent."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        change = x - s["close"]
        s["close"] = x
        if s["count"] == 0:
            s["count"] = 1
            continue
        gain = push_wilder(s["gain"], length, change if change > 0.0 else 0.0)
        loss = push_wilder(s["loss"], length, -change if change < 0.0 else 0.0)
        movement = gain + loss
        if movement == movement:
            out[0, k] = 100.0 * ((gain - loss) / movement) if movement >= _NOTHING else 0.0


@kernel
def advance_bop(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the change from open to close as a share of the bar's range."""
    for k in range(i, n):
        opened, high, low = columns[Column.OPEN, k], columns[Column.HIGH, k], columns[Column.LOW, k]
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(opened, high, low) or is_missing(close):
            continue
        out[0, k] = 0.0 if high - low < 1e-14 else (close - opened) / (high - low)


def _ultosc_state(fast: int, middle: int, slow: int) -> np.dtype[np.void]:
    fields = [
        (f"{what}_{name}", window_dtype(length), (1,))
        for what in ("pressure", "range")
        for name, length in (("fast", fast), ("middle", middle), ("slow", slow))
    ]
    return np.dtype([("count", "<i8"), ("close", "<f8"), *fields], align=True)


@kernel
def _share(pressure: float, reach: float) -> float:
    return pressure / reach if reach > 1e-14 else 0.0


@kernel
def advance_ultosc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write buying pressure as a share of the true range over three windows, shorter ones weighing more."""
    s = state[0]
    fast = params[0]["fast"]
    middle = params[0]["middle"]
    slow = params[0]["slow"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        before = s["close"]
        s["close"] = close
        s["count"] = min(s["count"] + 1, slow + 1)
        if s["count"] == 1:
            continue
        pressure = close - min(low, before)
        reach = true_range(high, low, before)
        a = _share(push_sum(s["pressure_fast"], fast, pressure), push_sum(s["range_fast"], fast, reach))
        b = _share(push_sum(s["pressure_middle"], middle, pressure), push_sum(s["range_middle"], middle, reach))
        c = _share(push_sum(s["pressure_slow"], slow, pressure), push_sum(s["range_slow"], slow, reach))
        if s["count"] == slow + 1:
            out[0, k] = 100.0 * ((4.0 * a + 2.0 * b + c) / 7.0)


def _conflict(fast: int, middle: int, slow: int) -> str:
    return "" if fast <= middle <= slow else f"fast = {fast}, middle = {middle} and slow = {slow} must not fall"


_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)

CMO = Feature(
    name="cmo",
    family="momentum",
    doc="Chande momentum oscillator: 100 · (gain − loss) / (gain + loss), Wilder's averages of the changes of the "
    "close; in [−100, 100]; 0 when nothing moved.",
    units="percent",
    source="TA-Lib CMO; Chande and Kroll (1994), The New Technical Trader, with Wilder's averages",
    inputs=(Column.CLOSE,),
    outputs=("cmo",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_cmo,
    state_dtype=always(_CMO_STATE),
    warmup=lambda length: length,
)

BOP = Feature(
    name="bop",
    family="momentum",
    doc="Balance of power: (close − open) / (high − low); in [−1, 1]; 0 without range.",
    units="ratio",
    source="TA-Lib BOP; Livshin (2001), Balance of Power",
    inputs=(Column.OPEN, *_RANGE_INPUTS),
    outputs=("bop",),
    parameters=(),
    advance=advance_bop,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=always(0),
)

ULTOSC = Feature(
    name="ultosc",
    family="momentum",
    doc="Ultimate oscillator: 100 · (4 a + 2 b + c) / 7, where a, b, c are the sum of close − min(low, previous close) "
    "/ the sum of the true range over `fast`, `middle`, `slow` bars; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib ULTOSC; Williams (1985), The Ultimate Oscillator",
    inputs=_RANGE_INPUTS,
    outputs=("ultosc",),
    parameters=(
        Integer("fast", 7, 1, 10_000, "bars"),
        Integer("middle", 14, 1, 10_000, "bars"),
        Integer("slow", 28, 1, 10_000, "bars"),
    ),
    advance=advance_ultosc,
    state_dtype=_ultosc_state,
    warmup=lambda fast, middle, slow: slow,  # noqa: ARG005
    conflict=_conflict,
)
