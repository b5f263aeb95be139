"""Representative prices: means of a bar's prices."""

from collections.abc import Callable

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing


@kernel
def advance_avgprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the mean of the four prices."""
    for k in range(i, n):
        opened, high, low = columns[Column.OPEN, k], columns[Column.HIGH, k], columns[Column.LOW, k]
        close = columns[Column.CLOSE, k]
        missing = any_missing(opened, high, low) or is_missing(close)
        out[0, k] = np.nan if missing else (high + low + close + opened) / 4.0


@kernel
def advance_medprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the midpoint of the range."""
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan if any_missing(high, low, 0.0) else (high + low) / 2.0


@kernel
def advance_typprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the mean of high, low and close."""
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan if any_missing(high, low, close) else (high + low + close) / 3.0


@kernel
def advance_wclprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the mean of high, low and close, the close counted twice."""
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan if any_missing(high, low, close) else (high + low + close * 2.0) / 4.0


def _price(name: str, advance: Callable[..., None], inputs: tuple[Column, ...], doc: str) -> Feature:
    return Feature(
        name=name,
        family="price",
        doc=doc,
        units="price",
        source=f"TA-Lib {name.upper()}",
        inputs=inputs,
        outputs=(name,),
        parameters=(),
        advance=advance,
        state_dtype=always(np.dtype([("unused", "<i8")])),
        warmup=always(0),
    )


_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)

AVGPRICE = _price(
    "avgprice", advance_avgprice, (Column.OPEN, *_RANGE_INPUTS), "Average price: (open + high + low + close) / 4."
)
MEDPRICE = _price("medprice", advance_medprice, (Column.HIGH, Column.LOW), "Median price: (high + low) / 2.")
TYPPRICE = _price("typprice", advance_typprice, _RANGE_INPUTS, "Typical price: (high + low + close) / 3.")
WCLPRICE = _price("wclprice", advance_wclprice, _RANGE_INPUTS, "Weighted close: (high + low + 2 · close) / 4.")
