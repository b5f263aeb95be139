"""Window extremes of the close: maximum, minimum, their ages, and the sum of the window."""

from collections.abc import Callable

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.ages import extreme_dtype, push_age
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_max, push_min, push_sum

_HIGHEST, _LOWEST, _TOTAL = 0, 1, 2


_window_state = counted_windows("window")


def _age_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("extreme", extreme_dtype(length - 1), (1,))], align=True)


@kernel
def _advance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, what: int) -> None:
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if what == _HIGHEST:
            value = push_max(window, length, x)
        elif what == _LOWEST:
            value = push_min(window, length, x)
        else:
            value = push_sum(window, length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = value
    s["count"] = count


@kernel
def advance_max(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the highest close."""
    _advance(state, params, columns, out, i, n, _HIGHEST)


@kernel
def advance_min(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the lowest close."""
    _advance(state, params, columns, out, i, n, _LOWEST)


@kernel
def advance_sum(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum of closes."""
    _advance(state, params, columns, out, i, n, _TOTAL)


@kernel
def _advance_age(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, sign: float) -> None:
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        age = push_age(s["extreme"], s["count"], length - 1, sign * x, True)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = age


@kernel
def advance_maxindex(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the number of bars since the highest close."""
    _advance_age(state, params, columns, out, i, n, 1.0)


@kernel
def advance_minindex(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the number of bars since the lowest close."""
    _advance_age(state, params, columns, out, i, n, -1.0)


@kernel
def advance_pair(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    first: Table,
    second: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the values of two parts as two outputs."""
    for k in range(i, n):
        out[0, k] = first[k]
        out[1, k] = second[k]


def _feature(
    name: str, advance: Callable[..., None], state_dtype: Callable[..., np.dtype[np.void]], units: str, doc: str
) -> Feature:
    return Feature(
        name=name,
        family="price",
        doc=doc,
        units=units,
        source=f"TA-Lib {name.upper()}",
        inputs=(Column.CLOSE,),
        outputs=(name,),
        parameters=(Integer("length", 30, 2, 10_000, "bars"),),
        advance=advance,
        state_dtype=state_dtype,
        warmup=lambda length: length - 1,
    )


def _pair(name: str, low: Feature, high: Feature, doc: str) -> Feature:
    return Feature(
        name=name,
        family="price",
        doc=doc,
        units=low.units,
        source=f"TA-Lib {name.upper()}",
        inputs=low.inputs,
        outputs=(low.name, high.name),
        parameters=low.parameters,
        advance=advance_pair,
        state_dtype=always(np.dtype([("unused", "<i8")])),
        warmup=low.warmup,
        parts=lambda length: (low.instance(length).name, high.instance(length).name),
    )


MAX = _feature("max", advance_max, _window_state, "price", "Highest of the last `length` closes.")
MIN = _feature("min", advance_min, _window_state, "price", "Lowest of the last `length` closes.")
SUM = _feature("sum", advance_sum, _window_state, "price", "Sum of the last `length` closes.")
MAXINDEX = _feature(
    "maxindex",
    advance_maxindex,
    _age_state,
    "bars",
    "Bars since the highest of the last `length` closes, in [0, length − 1]; of equals this bar, or the oldest when "
    "the extreme has left the window. TA-Lib gives the number of that row instead.",
)
MININDEX = _feature(
    "minindex",
    advance_minindex,
    _age_state,
    "bars",
    "Bars since the lowest of the last `length` closes, in [0, length − 1]; of equals this bar, or the oldest when "
    "the extreme has left the window. TA-Lib gives the number of that row instead.",
)
MINMAX = _pair("minmax", MIN, MAX, "Lowest (`min`) and highest (`max`) of the last `length` closes.")
MINMAXINDEX = _pair(
    "minmaxindex", MININDEX, MAXINDEX, "Bars since the lowest (`minindex`) and the highest of the last `length` closes."
)
