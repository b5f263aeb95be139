"""Relative volatility index, from rising and falling closes, and average range of bars."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import counted_windows, moments_dtype, push_moments, push_sum

_NOTHING = 1e-290  # averages that have decayed below this are treated as no volatility


def _rvi_state(length: int, deviation: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype(
        [
            ("count", "<i8"),
            ("close", "<f8"),
            ("upward", AVERAGE, (1,)),
            ("downward", AVERAGE, (1,)),
            ("window", moments_dtype(deviation), (1,)),
        ],
        align=True,
    )


@kernel
def advance_rvi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of the volatility at rising closes, in percent."""
    s = state[0]
    length = params[0]["length"]
    deviation = params[0]["deviation"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        _, squares = push_moments(s["window"], deviation, x)
        spread = np.sqrt(squares / deviation)
        before = s["close"]
        s["close"] = x
        s["count"] = min(s["count"] + 1, deviation)
        if s["count"] < deviation:
            continue
        up = push_wilder(s["upward"], length, spread if x > before else 0.0)
        down = push_wilder(s["downward"], length, spread if x < before else 0.0)
        if up == up:
            out[0, k] = 100.0 * (up / (up + down)) if up + down >= _NOTHING else 0.0


@kernel
def advance_adr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean range."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        total = push_sum(s["window"], length, high - low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = total / length


RVI = Feature(
    name="rvi",
    family="volatility",
    doc="Relative volatility index: 100 · u / (u + d), Wilder's averages over `length` bars of the population "
    "deviation of `deviation` closes, where the close rose and where it fell; in [0, 100]; 0 when nothing moved.",
    units="percent",
    source="TA-Lib RVI; Dorsey (1993), The Relative Volatility Index",
    inputs=(Column.CLOSE,),
    outputs=("rvi",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"), Integer("deviation", 10, 2, 10_000, "bars")),
    advance=advance_rvi,
    state_dtype=_rvi_state,
    warmup=lambda length, deviation: length + deviation - 2,
)

ADR = Feature(
    name="adr",
    family="volatility",
    doc="Average range: mean of high − low over `length` bars; ≥ 0.",
    units="price",
    source="TA-Lib ADR",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("adr",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_adr,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)
