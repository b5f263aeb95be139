"""Averages of the true range."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.elementary import any_missing
from quaestor.kernels.layout import Table
from quaestor.kernels.multiply_add import multiply_add

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("value", "<f8")], align=True)


@kernel
def true_range(high: float, low: float, close_before: float) -> float:
    """The widest of the bar's range and its reach from the close before."""
    top = high if high > close_before else close_before
    bottom = low if low < close_before else close_before
    return top - bottom


@kernel
def advance_atr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Wilder's average of the true range."""
    s = state[0]
    length = params[0]["length"]
    weight = 1.0 / length
    keep = (length - 1.0) / length
    count = s["count"]
    close = s["close"]
    value = s["value"]
    highs = columns[Column.HIGH]
    lows = columns[Column.LOW]
    closes = columns[Column.CLOSE]
    for k in range(i, n):
        high, low, x = highs[k], lows[k], closes[k]
        out[0, k] = np.nan
        if any_missing(high, low, x):
            continue
        reach = true_range(high, low, close)
        close = x
        if count > length:
            value = multiply_add(value, keep, reach * weight)
        else:
            value += reach if count > 0 else 0.0
            count += 1
            if count <= length:
                continue
            value /= length
        out[0, k] = value
    s["count"] = count
    s["close"] = close
    s["value"] = value


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
    """Wilder's average of the true range, in percent of the close."""
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if atr[k] == atr[k]:
            out[0, k] = atr[k] / close * 100.0 if close != 0.0 else 0.0


ATR = Feature(
    name="atr",
    family="volatility",
    doc="Wilder's average of the true range max(high, close before) − min(low, close before), seeded with the mean of "
    "the first `length`; ≥ 0.",
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
