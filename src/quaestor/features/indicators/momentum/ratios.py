"""Ratios of closes: change as a fraction, and ratio to an earlier close."""

from collections.abc import Callable

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_delay

_CHANGE, _RATIO, _PERCENT = 0, 1, 2


@kernel
def _advance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, what: int) -> None:
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(s["window"], length, x)
        if s["count"] < length:
            s["count"] += 1
        elif before == 0.0:
            out[0, k] = 0.0
        elif what == _CHANGE:
            out[0, k] = (x - before) / before
        else:
            out[0, k] = x / before * (100.0 if what == _PERCENT else 1.0)


@kernel
def advance_rocp(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change as a fraction."""
    _advance(state, params, columns, out, i, n, _CHANGE)


@kernel
def advance_rocr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the ratio of the two closes."""
    _advance(state, params, columns, out, i, n, _RATIO)


@kernel
def advance_rocr100(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the ratio of the two closes in percent."""
    _advance(state, params, columns, out, i, n, _PERCENT)


def _feature(name: str, advance: Callable[..., None], units: str, doc: str) -> Feature:
    return Feature(
        name=name,
        family="momentum",
        doc=f"{doc}; 0 where the earlier close is 0.",
        units=units,
        source=f"TA-Lib {name.upper()}",
        inputs=(Column.CLOSE,),
        outputs=(name,),
        parameters=(Integer("length", 10, 1, 10_000, "bars"),),
        advance=advance,
        state_dtype=counted_windows("window"),
        warmup=lambda length: length,
    )


ROCP = _feature("rocp", advance_rocp, "fraction", "(close − close `length` bars ago) / close `length` bars ago")
ROCR = _feature("rocr", advance_rocr, "ratio", "close / close `length` bars ago")
ROCR100 = _feature("rocr100", advance_rocr100, "percent", "100 · close / close `length` bars ago")
