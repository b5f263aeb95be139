"""Schaff trend cycle: stochastic of the stochastic of the difference of two averages."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.momentum import APO
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.rolling import push_max, push_min, window_dtype


def _stage_dtype(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("place", "<f8"), ("value", "<f8"), ("tops", window, (1,)), ("bottoms", window, (1,))],
        align=True,
    )


def _state(cycle: int, fast: int, slow: int, factor: float) -> np.dtype[np.void]:  # noqa: ARG001
    stage = _stage_dtype(cycle)
    return np.dtype([("first", stage, (1,)), ("second", stage, (1,))], align=True)


@kernel
def _push_stage(stage: Table, length: int, factor: float, x: float) -> float:
    """Add x and return its smoothed position in the range of the last values; NaN until there are `length`."""
    s = stage[0]
    top = push_max(s["tops"], length, x)
    bottom = push_min(s["bottoms"], length, x)
    s["count"] = min(s["count"] + 1, length + 1)
    if s["count"] < length:
        return np.nan
    if top > bottom:
        s["place"] = 100.0 * ((x - bottom) / (top - bottom))
    if s["count"] == length:
        s["value"] = s["place"]
    else:
        s["value"] += factor * (s["place"] - s["value"])
    value: float = s["value"]
    return value


@kernel
def advance_stc(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    distance: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the second smoothed stochastic of the difference."""
    s = state[0]
    cycle = params[0]["cycle"]
    factor = params[0]["factor"]
    for k in range(i, n):
        out[0, k] = np.nan
        if distance[k] != distance[k]:
            continue
        first = _push_stage(s["first"], cycle, factor, distance[k])
        if first == first:
            out[0, k] = _push_stage(s["second"], cycle, factor, first)


STC = Feature(
    name="stc",
    family="momentum",
    doc="Schaff trend cycle: p ← p + `factor` · (k − p), k = 100 · (m − lowest) / (highest − lowest) of the last "
    "`cycle` values of m = EMA(`fast`) − EMA(`slow`), and the same again of p; k stays as it was without range; in "
    "[0, 100].",
    units="percent",
    source="Schaff (1999), The Schaff Trend Cycle",
    inputs=(Column.CLOSE,),
    outputs=("stc",),
    parameters=(
        Integer("cycle", 10, 2, 5_000, "bars"),
        Integer("fast", 23, 2, 5_000, "bars"),
        Integer("slow", 50, 2, 10_000, "bars"),
        Real("factor", 0.5, 0.01, 1.0, "ratio"),
    ),
    advance=advance_stc,
    state_dtype=_state,
    warmup=lambda cycle, fast, slow, factor: slow - 1 + 2 * (cycle - 1),  # noqa: ARG005
    conflict=lambda cycle, fast, slow, factor: (  # noqa: ARG005
        "" if fast < slow else f"fast = {fast} must be shorter than slow = {slow}"
    ),
    parts=lambda cycle, fast, slow, factor: (APO.instance(fast, slow).name,),  # noqa: ARG005
)
