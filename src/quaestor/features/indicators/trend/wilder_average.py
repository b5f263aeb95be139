"""Wilder's moving average: exponential average of the close with the factor 1 / `length`."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import is_missing


@kernel
def advance_rma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average with the factor 1 / `length`."""
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = push_wilder(state, length, x) if not is_missing(x) else np.nan


RMA = Feature(
    name="rma",
    family="trend",
    doc="Wilder's moving average: a += (close − a) / `length`, seeded with the mean of the first `length` closes.",
    units="price",
    source="TA-Lib RMA; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=(Column.CLOSE,),
    outputs=("rma",),
    parameters=(Integer("length", 30, 1, 10_000, "bars"),),
    advance=advance_rma,
    state_dtype=always(AVERAGE),
    warmup=lambda length: length - 1,
)
