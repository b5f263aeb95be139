"""Relative strength index: Wilder's average gain as a share of the average movement."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import wilder_weights
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, present_rows, shift_rows

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("gain", "<f8"), ("loss", "<f8")], align=True)
_NOTHING = 1e-290  # averages that have decayed below this are treated as no movement


@inlined
def advance_rsi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Wilder's average gain as a share of average gain plus average loss, in percent."""
    s = state[0]
    length = params[0]["length"]
    close, line = columns[Column.CLOSE], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] > length:
            rows = _take_run(s, length, close[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, close[k])
            rows = 1
        k += rows


@kernel
def _share(gain: float, loss: float) -> float:
    movement = gain + loss
    return 100.0 * (gain / movement) if movement >= _NOTHING else 0.0


@inlined
def _take_row(s: Row, length: int, x: float) -> float:
    if is_missing(x):
        return np.nan
    change = x - s["close"] if s["count"] > 0 else 0.0
    rise = change if change > 0.0 else 0.0
    s["close"] = x
    if s["count"] > length:
        keep, weight = wilder_weights(length)
        s["gain"] = multiply_add(s["gain"], keep, rise * weight)
        s["loss"] = multiply_add(s["loss"], keep, (rise - change) * weight)
        return _share(s["gain"], s["loss"])
    s["gain"] += rise
    s["loss"] += rise - change
    s["count"] += 1
    if s["count"] <= length:
        return np.nan
    s["gain"] /= length
    s["loss"] /= length
    return _share(s["gain"], s["loss"])


@kernel
def _take_run(s: Row, length: int, close: Series, line: Series) -> int:
    keep, weight = wilder_weights(length)
    gains, losses = scratch(), scratch()
    rows = present_rows(close[:SCRATCH_ROWS])
    shift_rows(s["close"], close[:rows], losses)
    for j in range(rows):
        change = close[j] - losses[j]
        rise = change if change > 0.0 else 0.0
        gains[j] = rise * weight
        losses[j] = (rise - change) * weight
    gain, loss = s["gain"], s["loss"]
    for j in range(rows):
        gain = multiply_add(gain, keep, gains[j])
        loss = multiply_add(loss, keep, losses[j])
        gains[j], losses[j] = gain, loss
    for j in range(rows):
        line[j] = _share(gains[j], losses[j])
    s["gain"], s["loss"] = gain, loss
    s["close"] = close[rows - 1] if rows > 0 else s["close"]
    return rows


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
