"""Exponential and simple moving averages of the close."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import ema_weights, mean_of
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_sum
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, present_rows, sum_rows

_EMA_STATE = np.dtype([("count", "<i8"), ("value", "<f8")], align=True)


@inlined
def advance_ema(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponential moving average, seeded with the mean of the first `length` values."""
    s = state[0]
    length = params[0]["length"]
    close, line = columns[Column.CLOSE], out[0]
    k = _seed(s, length, close, line, i, n)
    while k < n:
        k += _average(s, length, close[k:n], line[k:n])
        if k < n:
            line[k] = np.nan
            k += 1


@kernel
def _average(s: Row, length: int, close: Series, line: Series) -> int:
    """Process rows until a close is missing and return their number."""
    keep, weight = ema_weights(length)
    value = s["value"]
    rows = len(close)
    for j in range(rows):
        x = close[j]
        if not abs(x) < np.inf:
            rows = j
            break
        value = multiply_add(value, keep, x * weight)
        line[j] = value
    s["value"] = value
    return rows


@kernel
def _seed(s: Row, length: int, close: Series, line: Series, i: int, n: int) -> int:
    """Process rows up to the first value of the average and return the row after it."""
    k = i
    while k < n and s["count"] < length:
        x = close[k]
        line[k] = np.nan
        if not is_missing(x):
            s["value"] += x
            s["count"] += 1
            if s["count"] == length:
                s["value"] /= length
                line[k] = s["value"]
        k += 1
    return k


@inlined
def advance_sma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the last `length` values."""
    s = state[0]
    length = params[0]["length"]
    close, line = columns[Column.CLOSE], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_run(s, length, close[k:n], line[k:n])
        if rows == 0:
            line[k] = _take_row(s, length, close[k])
            rows = 1
        k += rows


@inlined
def _take_row(s: Row, length: int, x: float) -> float:
    if is_missing(x):
        return np.nan
    total = push_sum(s["window"], length, x)
    s["count"] = min(s["count"] + 1, length)
    return mean_of(total, float(length)) if s["count"] == length else np.nan


@kernel
def _take_run(s: Row, length: int, close: Series, line: Series) -> int:
    totals = scratch()
    rows = present_rows(close[:SCRATCH_ROWS])
    sum_rows(s["window"], length, close[:rows], totals)
    for j in range(rows):
        line[j] = mean_of(totals[j], float(length))
    return rows


EMA = Feature(
    name="ema",
    family="trend",
    doc="Exponential moving average: e += 2/(length+1) · (close − e), seeded with the mean of the "
    "first `length` closes.",
    units="price",
    source="TA-Lib EMA; Hunter (1986), The exponentially weighted moving average",
    inputs=(Column.CLOSE,),
    outputs=("ema",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_ema,
    state_dtype=always(_EMA_STATE),
    warmup=lambda length: length - 1,
)

SMA = Feature(
    name="sma",
    family="trend",
    doc="Simple moving average: the mean of the last `length` closes.",
    units="price",
    source="TA-Lib SMA",
    inputs=(Column.CLOSE,),
    outputs=("sma",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_sma,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)
