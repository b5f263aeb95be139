"""Relative strength index."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("gain", "<f8"), ("loss", "<f8")], align=True)
_NOTHING = 1e-290  # averages that have decayed this far count as no movement, before they become subnormal


@kernel
def advance_rsi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Share of Wilder's average gain in the average movement, in percent."""
    s = state[0]
    length = params[0]["length"]
    weight = 1.0 / length
    keep = (length - 1.0) / length
    start = _seed(state, length, columns, out, i, n)
    close = s["close"]
    gain = s["gain"]
    loss = s["loss"]
    series = columns[Column.CLOSE]
    for k in range(start, n):
        x = series[k]
        if x - x != 0.0:
            out[0, k] = np.nan
            continue
        change = x - close
        close = x
        rise = change if change > 0.0 else 0.0
        gain = gain * keep + rise * weight
        loss = loss * keep + (rise - change) * weight
        movement = gain + loss
        if movement >= _NOTHING:
            out[0, k] = 100.0 * (gain / movement)
        else:
            gain = 0.0
            loss = 0.0
            out[0, k] = 0.0
    s["close"] = close
    s["gain"] = gain
    s["loss"] = loss


@kernel
def _seed(state: Table, length: int, columns: Matrix, out: Matrix, i: int, n: int) -> int:
    """Take rows until the first value is there, and return the row after it."""
    s = state[0]
    k = i
    while k < n and s["count"] <= length:
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        k += 1
        if x - x != 0.0:
            continue
        change = x - s["close"] if s["count"] > 0 else 0.0
        s["close"] = x
        s["gain"] += change if change > 0.0 else 0.0
        s["loss"] -= change if change < 0.0 else 0.0
        s["count"] += 1
        if s["count"] > length:
            s["gain"] /= length
            s["loss"] /= length
            movement = s["gain"] + s["loss"]
            out[0, k - 1] = 100.0 * (s["gain"] / movement) if movement >= _NOTHING else 0.0
    return k


RSI = Feature(
    name="rsi",
    family="momentum",
    doc="100 · gain / (gain + loss), Wilder's averages of the changes of the close, seeded with the mean of the first "
    "`length`; in [0, 100]; 0 when nothing moved.",
    units="percent",
    source="TA-Lib RSI; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=(Column.CLOSE,),
    outputs=("rsi",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_rsi,
    state_dtype=always(_STATE),
    warmup=lambda length: length,
)
