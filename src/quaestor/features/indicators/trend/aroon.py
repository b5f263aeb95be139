"""Aroon: recency of the highest high and the lowest low of a window, and the oscillator of both."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.ages import extreme_dtype, push_age
from quaestor.numeric.elementary import any_missing


def _state(length: int) -> np.dtype[np.void]:
    extreme = extreme_dtype(length)
    return np.dtype([("count", "<i8"), ("highest", extreme, (1,)), ("lowest", extreme, (1,))], align=True)


@kernel
def _advance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, lines: bool) -> None:
    s = state[0]
    length = params[0]["length"]
    share = 100.0 / length
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if lines:
            out[1, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        high_age = push_age(s["highest"], s["count"], length, high, False)
        low_age = push_age(s["lowest"], s["count"], length, -low, False)
        s["count"] = min(s["count"] + 1, length + 1)
        if s["count"] <= length:
            continue
        if lines:
            out[0, k] = share * (length - high_age)
            out[1, k] = share * (length - low_age)
        else:
            out[0, k] = share * (low_age - high_age)


@kernel
def advance_aroon(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the recency of the highest high and of the lowest low, in percent of the window."""
    _advance(state, params, columns, out, i, n, True)


@kernel
def advance_aroonosc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the recency of the highest high less that of the lowest low, in percent of the window."""
    _advance(state, params, columns, out, i, n, False)


_LENGTH = Integer("length", 14, 2, 10_000, "bars")
_SOURCE = "Chande (1995), A Time Price Oscillator"

AROON = Feature(
    name="aroon",
    family="trend",
    doc="`up`: 100 · (`length` − bars since the highest high) / `length`, over this bar and the `length` before; "
    "`down`: of the lowest low; in [0, 100].",
    units="percent",
    source=f"TA-Lib AROON; {_SOURCE}",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("up", "down"),
    parameters=(_LENGTH,),
    advance=advance_aroon,
    state_dtype=_state,
    warmup=lambda length: length,
)

AROONOSC = Feature(
    name="aroonosc",
    family="trend",
    doc="Aroon oscillator: aroon up − aroon down; in [−100, 100].",
    units="percent",
    source=f"TA-Lib AROONOSC; {_SOURCE}",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("aroonosc",),
    parameters=(_LENGTH,),
    advance=advance_aroonosc,
    state_dtype=_state,
    warmup=lambda length: length,
)
