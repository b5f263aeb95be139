"""Relative strength index."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.averages import wilder_weights
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.multiply_add import multiply_add
from quaestor.kernels.rows import Series, blank_rows, present_rows, shift_rows
from quaestor.kernels.scratch import SCRATCH_ROWS, scratch

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("gain", "<f8"), ("loss", "<f8")], align=True)
_NOTHING = 1e-290  # averages that have decayed this far count as no movement


@kernel
def advance_rsi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Share of Wilder's average gain in the average movement, in percent."""
    s = state[0]
    length = params[0]["length"]
    gains, losses = scratch(), scratch()
    k = _seed(state, length, columns, out, i, n)
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        close, line = columns[Column.CLOSE][k:stop], out[0][k:stop]
        rows = present_rows(close)
        _average(s, length, close[:rows], gains, losses)
        for j in range(rows):
            movement = gains[j] + losses[j]
            line[j] = 100.0 * (gains[j] / movement) if movement >= _NOTHING else 0.0
        blank_rows(line, rows, 0)
        k = min(k + rows + 1, stop)


@kernel
def _average(s: Row, length: int, close: Series, gains: Series, losses: Series) -> None:
    """Wilder's averages of gain and loss at each row."""
    keep, weight = wilder_weights(length)
    rows = len(close)
    shift_rows(s["close"], close, losses)
    for j in range(rows):
        change = close[j] - losses[j]
        rise = change if change > 0.0 else 0.0
        gains[j] = rise * weight
        losses[j] = (rise - change) * weight
    gain = s["gain"]
    loss = s["loss"]
    for j in range(rows):
        gain = multiply_add(gain, keep, gains[j])
        loss = multiply_add(loss, keep, losses[j])
        gains[j] = gain
        losses[j] = loss
    s["gain"] = gain
    s["loss"] = loss
    if rows > 0:
        s["close"] = close[rows - 1]


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
