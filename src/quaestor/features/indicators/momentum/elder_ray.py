"""Elder ray index: bull and bear power, the distances of high and low from the average close."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing


@kernel
def advance_eri(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distances of the bar's high and low from the average close."""
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close):
            continue
        average = push_ema(state, length, close)
        out[0, k] = high - average
        out[1, k] = low - average


ERI = Feature(
    name="eri",
    family="momentum",
    doc="Elder ray index: `bull` = high − EMA of `length` closes, `bear` = low − EMA.",
    units="price",
    source="TA-Lib ERI; Elder (1993), Trading for a Living",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("bull", "bear"),
    parameters=(Integer("length", 13, 1, 10_000, "bars"),),
    advance=advance_eri,
    state_dtype=always(AVERAGE),
    warmup=lambda length: length - 1,
)
