"""Ranks: percentile of a window, and percentile rank of the close."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.sorted_window import first_not_below, push_sorted, sorted_dtype


@kernel
def advance_percentile(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write a percentile of the closes of the window."""
    s = state[0]
    length = params[0]["length"]
    rank = max(int(np.ceil(params[0]["percentile"] / 100.0 * length)), 1)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        push_sorted(state, length, x)
        if s["count"] == length:
            out[0, k] = s["ordered"][rank - 1]


@kernel
def advance_percentrank(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of previous closes that are smaller, in percent."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] == length:
            out[0, k] = 100.0 * (first_not_below(s["ordered"], length, x) / length)
        push_sorted(state, length, x)


PERCENTILE = Feature(
    name="percentile",
    family="statistical",
    doc="The close that `percentile` percent of the last `length` closes do not exceed, by nearest rank.",
    units="price",
    source="TA-Lib PERCENTILE",
    inputs=(Column.CLOSE,),
    outputs=("percentile",),
    parameters=(Integer("length", 30, 1, 10_000, "bars"), Real("percentile", 50.0, 0.0, 100.0, "percent")),
    advance=advance_percentile,
    state_dtype=lambda length, percentile: sorted_dtype(length),  # noqa: ARG005
    warmup=lambda length, percentile: length - 1,  # noqa: ARG005
)

PERCENTRANK = Feature(
    name="percentrank",
    family="statistical",
    doc="Percent of the `length` closes before this one that are smaller; in [0, 100].",
    units="percent",
    source="TA-Lib PERCENTRANK",
    inputs=(Column.CLOSE,),
    outputs=("percentrank",),
    parameters=(Integer("length", 100, 1, 10_000, "bars"),),
    advance=advance_percentrank,
    state_dtype=sorted_dtype,
    warmup=lambda length: length,
)
