"""Inertia: linear regression of the relative volatility index."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.relative_volatility import RVI
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import push_aged
from quaestor.numeric.rolling import counted_windows


@kernel
def advance_inertia(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    rvi: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the value at this bar of the line through the last values of the index."""
    s = state[0]
    length = params[0]["length"]
    middle = (length - 1.0) / 2.0
    spread = length * (length * length - 1.0) / 12.0
    for k in range(i, n):
        x = rvi[k]
        out[0, k] = np.nan
        if x != x:
            continue
        total, aged = push_aged(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = x + (total / length + (middle * total - aged) / spread * middle)


INERTIA = Feature(
    name="inertia",
    family="momentum",
    doc="Value at this bar of the least-squares line through the last `length` values of the relative volatility index "
    "of `rvi_length` and `deviation`; about [0, 100], above 50 in an uptrend.",
    units="percent",
    source="Dorsey (1995), Refining the Relative Volatility Index",
    inputs=(Column.CLOSE,),
    outputs=("inertia",),
    parameters=(
        Integer("length", 20, 2, 10_000, "bars"),
        Integer("rvi_length", 14, 1, 10_000, "bars"),
        Integer("deviation", 10, 2, 10_000, "bars"),
    ),
    advance=advance_inertia,
    state_dtype=counted_windows("window"),
    warmup=lambda length, rvi_length, deviation: length + rvi_length + deviation - 3,
    parts=lambda length, rvi_length, deviation: (RVI.instance(rvi_length, deviation).name,),  # noqa: ARG005
)
