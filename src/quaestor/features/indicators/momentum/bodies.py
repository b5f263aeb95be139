"""Intrabar momentum: Qstick and the intraday momentum index, from the real bodies of bars."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import counted_windows, push_sum, window_dtype


@kernel
def advance_qstick(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the bodies."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        opened, close = columns[Column.OPEN, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(opened, close, 0.0):
            continue
        total = push_sum(s["window"], length, close - opened)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = total / length


def _imi_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("gains", window, (1,)), ("losses", window, (1,))], align=True)


@kernel
def advance_imi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of rising bodies in all bodies, in percent."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        opened, close = columns[Column.OPEN, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(opened, close, 0.0):
            continue
        gain = push_sum(s["gains"], length, max(close - opened, 0.0))
        loss = push_sum(s["losses"], length, max(opened - close, 0.0))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = 100.0 * (gain / (gain + loss)) if gain + loss > 0.0 else 50.0


_INPUTS = (Column.OPEN, Column.CLOSE)

QSTICK = Feature(
    name="qstick",
    family="momentum",
    doc="Qstick: mean of close − open over `length` bars.",
    units="price",
    source="TA-Lib QSTICK; Chande and Kroll (1994), The New Technical Trader",
    inputs=_INPUTS,
    outputs=("qstick",),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_qstick,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)

IMI = Feature(
    name="imi",
    family="momentum",
    doc="Intraday momentum index: 100 · sum of close − open of rising bars / sum of |close − open| over `length` bars; "
    "in [0, 100]; 50 when nothing moved.",
    units="percent",
    source="TA-Lib IMI; Chande and Kroll (1994), The New Technical Trader",
    inputs=_INPUTS,
    outputs=("imi",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_imi,
    state_dtype=_imi_state,
    warmup=lambda length: length - 1,
)
