"""Changes of the close: rate of change, momentum and efficiency ratio over a window."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_delay, push_sum, window_dtype
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, delay_rows, present_rows

_state = counted_windows("window")


@inlined
def advance_roc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the percentage change from the close `length` bars ago."""
    _advance(state, params[0]["length"], True, columns[Column.CLOSE], out[0], i, n)


@inlined
def advance_mom(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change from the close `length` bars ago."""
    _advance(state, params[0]["length"], False, columns[Column.CLOSE], out[0], i, n)


@inlined
def _advance(state: Table, length: int, scale: bool, close: Series, line: Series, i: int, n: int) -> None:
    s = state[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_run(s, length, scale, close[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, scale, close[k])
            rows = 1
        k += rows


@kernel
def _change(x: float, before: float, scale: bool) -> float:
    if not scale:
        return x - before
    return (x / before - 1.0) * 100.0 if before != 0.0 else 0.0


@inlined
def _take_row(s: Row, length: int, scale: bool, x: float) -> float:
    if is_missing(x):
        return np.nan
    before = push_delay(s["window"], length, x)
    if s["count"] == length:
        return _change(x, before, scale)
    s["count"] += 1
    return np.nan


@kernel
def _take_run(s: Row, length: int, scale: bool, close: Series, line: Series) -> int:
    before = scratch()
    rows = present_rows(close[:SCRATCH_ROWS])
    delay_rows(s["window"], length, close[:rows], before)
    for j in range(rows):
        line[j] = _change(close[j], before[j], scale)
    return rows


def _efficiency_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("closes", window, (1,)), ("path", window, (1,))], align=True)


@inlined
def advance_efficiency_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the net change over the window as a share of the sum of absolute changes, without and with its sign."""
    s = state[0]
    length = params[0]["length"]
    closes, path = s["closes"], s["path"]
    count = s["count"]
    close = s["close"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(closes, length, x)
        if count > 0:
            travelled = push_sum(path, length, abs(x - close))
            if count == length:
                signed = (x - before) / travelled if travelled > 0.0 else 0.0
                out[0, k] = abs(signed)
                out[1, k] = signed
        close = x
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = close


ROC = Feature(
    name="roc",
    family="momentum",
    doc="Rate of change: 100 · (close / close `length` bars ago − 1).",
    units="percent",
    source="TA-Lib ROC",
    inputs=(Column.CLOSE,),
    outputs=("roc",),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_roc,
    state_dtype=_state,
    warmup=lambda length: length,
)

MOM = Feature(
    name="mom",
    family="momentum",
    doc="Momentum: close − close `length` bars ago.",
    units="price",
    source="TA-Lib MOM",
    inputs=(Column.CLOSE,),
    outputs=("mom",),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_mom,
    state_dtype=_state,
    warmup=lambda length: length,
)

EFFICIENCY_RATIO = Feature(
    name="efficiency_ratio",
    family="trend",
    doc="Kaufman's efficiency ratio: |close − close `length` bars ago| / sum of absolute changes; in [0, 1]; `signed`: "
    "negative in a fall; 0 when nothing moved.",
    units="ratio",
    source="Kaufman (1995), Smarter Trading",
    inputs=(Column.CLOSE,),
    outputs=("efficiency_ratio", "signed"),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_efficiency_ratio,
    state_dtype=_efficiency_state,
    warmup=lambda length: length,
)
