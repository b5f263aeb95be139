"""Relative strength index."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.codes import Column
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
    count = s["count"]
    close = s["close"]
    gain = s["gain"]
    loss = s["loss"]
    series = columns[Column.CLOSE]
    for k in range(i, n):
        x = series[k]
        out[0, k] = np.nan
        if x - x != 0.0:
            continue
        change = x - close if count > 0 else 0.0
        close = x
        rise = max(change, 0.0)
        if count > length:
            gain = gain * keep + rise * weight
            loss = loss * keep + (rise - change) * weight
        else:
            gain += rise
            loss += rise - change
            count += 1
            if count <= length:
                continue
            gain /= length
            loss /= length
        movement = gain + loss
        if movement >= _NOTHING:
            out[0, k] = 100.0 * (gain / movement)
        else:
            gain = loss = out[0, k] = 0.0
    s["count"] = count
    s["close"] = close
    s["gain"] = gain
    s["loss"] = loss


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
