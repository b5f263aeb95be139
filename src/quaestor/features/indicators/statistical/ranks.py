"""Where a value stands among the last ones, by order alone."""

import numpy as np

from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table
from quaestor.kernels.rolling import ring_capacity


def ordered_dtype(length: int) -> np.dtype[np.void]:
    """State of `push_ordered` and `rank_below`: a window in order of arrival and in order of size."""
    capacity = (ring_capacity(length),)
    return np.dtype(
        [("count", "<i8"), ("position", "<i8"), ("ring", "<f8", capacity), ("ordered", "<f8", capacity)], align=True
    )


@kernel
def rank_below(window: Table, x: float) -> int:
    """How many values of the window are smaller than x."""
    w = window[0]
    ordered = w["ordered"]
    low = 0
    high = w["count"]
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < x:
            low = middle + 1
        else:
            high = middle
    found: int = low
    return found


@kernel
def push_ordered(window: Table, length: int, x: float) -> None:
    """Take x into the window, whose oldest value leaves when there are `length`; costs a move of the values between."""
    w = window[0]
    ring = w["ring"]
    ordered = w["ordered"]
    position = w["position"]
    if w["count"] == length:
        for j in range(rank_below(window, ring[position]), length - 1):
            ordered[j] = ordered[j + 1]
        w["count"] -= 1
    place = rank_below(window, x)
    for j in range(w["count"], place, -1):
        ordered[j] = ordered[j - 1]
    ordered[place] = x
    ring[position] = x
    w["count"] += 1
    w["position"] = position + 1 if position + 1 < length else 0


@kernel
def advance_percentile(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Percentile of the closes of the window."""
    s = state[0]
    length = params[0]["length"]
    rank = max(int(np.ceil(params[0]["percentile"] / 100.0 * length)), 1)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0:
            continue
        push_ordered(state, length, x)
        if s["count"] == length:
            out[0, k] = s["ordered"][rank - 1]


@kernel
def advance_percentrank(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Share of the closes before that are smaller."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0:
            continue
        if s["count"] == length:
            out[0, k] = 100.0 * (rank_below(state, x) / length)
        push_ordered(state, length, x)


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
    state_dtype=lambda length, percentile: ordered_dtype(length),  # noqa: ARG005
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
    state_dtype=ordered_dtype,
    warmup=lambda length: length,
)
