"""Averages of the true range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import wilder_weights
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling_rows import Series

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("value", "<f8")], align=True)


@kernel
def true_range(high: float, low: float, close_before: float) -> float:
    """Return the range from the lowest to the highest of the bar and the previous close."""
    top = high if high > close_before else close_before
    bottom = low if low < close_before else close_before
    return top - bottom


@inlined
def advance_atr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Wilder's average of the true range."""
    s = state[0]
    length = params[0]["length"]
    highs, lows, closes = columns[Column.HIGH], columns[Column.LOW], columns[Column.CLOSE]
    line = out[0]
    k = _seed(s, length, columns, line, i, n)
    while k < n:
        k += _average(s, length, highs[k:n], lows[k:n], closes[k:n], line[k:n])
        if k < n:
            line[k] = np.nan
            k += 1


@kernel
def _average(s: Row, length: int, highs: Series, lows: Series, closes: Series, line: Series) -> int:
    """Process rows until one is missing and return their number."""
    keep, weight = wilder_weights(length)
    close, value = s["close"], s["value"]
    rows = len(closes)
    for j in range(rows):
        high, low, x = highs[j], lows[j], closes[j]
        if any_missing(high, low, x):
            rows = j
            break
        value = multiply_add(value, keep, true_range(high, low, close) * weight)
        close = x
        line[j] = value
    s["close"], s["value"] = close, value
    return rows


@kernel
def _seed(s: Row, length: int, columns: Matrix, line: Series, i: int, n: int) -> int:
    """Process rows up to the first value of the average and return the row after it."""
    k = i
    while k < n and s["count"] <= length:
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        line[k] = np.nan
        if not any_missing(high, low, close):
            s["value"] += true_range(high, low, s["close"]) if s["count"] > 0 else 0.0
            s["close"] = close
            s["count"] += 1
            if s["count"] > length:
                s["value"] /= length
                line[k] = s["value"]
        k += 1
    return k


@kernel
def advance_natr(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,
    atr: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write Wilder's average of the true range in percent of the close."""
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if atr[k] == atr[k]:
            out[0, k] = atr[k] / close * 100.0 if close != 0.0 else 0.0


ATR = Feature(
    name="atr",
    family="volatility",
    doc="Wilder's average of the true range max(high, previous close) − min(low, previous close), seeded with the mean "
    "of the first `length`; ≥ 0.",
    units="price",
    source="TA-Lib ATR; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("atr",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_atr,
    state_dtype=always(_STATE),
    warmup=lambda length: length,
)

NATR = Feature(
    name="natr",
    family="volatility",
    doc="Wilder's average true range in percent of the close; ≥ 0.",
    units="percent",
    source="TA-Lib NATR; Forman (2006), Cross-Market Evaluations With Normalized ATR",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("natr",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_natr,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=ATR.warmup,
    parts=lambda length: (ATR.instance(length).name,),
)
