"""Changes of the close over a window."""

import numpy as np

from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table
from quaestor.kernels.rolling import push_delay, push_sum, window_dtype
from quaestor.kernels.rows import blank_rows, delay_rows, present_rows
from quaestor.kernels.scratch import SCRATCH_ROWS, scratch


def _roc_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("window", window_dtype(length), (1,))], align=True)


@kernel
def advance_roc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Percentage change against the close `length` bars ago."""
    s = state[0]
    length = params[0]["length"]
    before = scratch()
    k = i
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        close, line = columns[Column.CLOSE][k:stop], out[0][k:stop]
        rows = present_rows(close)
        delay_rows(s["window"], length, close[:rows], before)
        for j in range(rows):
            line[j] = (close[j] / before[j] - 1.0) * 100.0 if before[j] != 0.0 else 0.0
        blank_rows(line, rows, length - s["count"])
        s["count"] = min(s["count"] + rows, length)
        k = min(k + rows + 1, stop)


def _efficiency_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("closes", window, (1,)), ("path", window, (1,))], align=True)


@kernel
def advance_efficiency_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Net change over the window as a share of the path that led to it, without and with its sign."""
    s = state[0]
    length = params[0]["length"]
    closes, path = s["closes"], s["path"]
    count = s["count"]
    close = s["close"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if x - x != 0.0:
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
    state_dtype=_roc_state,
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
