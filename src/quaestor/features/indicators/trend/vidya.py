"""Variable index dynamic average: an exponential average whose factor is scaled by the momentum oscillator."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing

_STATE = np.dtype([("begun", "<i8"), ("close", "<f8"), ("value", "<f8")], align=True)


@kernel
def advance_vidya(state: Table, params: Table, columns: Matrix, momentum: Table, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average whose factor is scaled by the absolute momentum oscillator."""
    s = state[0]
    factor = 2.0 / (params[0]["length"] + 1.0)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        strength = abs(momentum[k]) / 100.0
        if strength == strength:
            before = s["value"] if s["begun"] == 1 else s["close"]
            s["value"] = before + factor * strength * (x - before)
            s["begun"] = 1
            out[0, k] = s["value"]
        s["close"] = x


VIDYA = Feature(
    name="vidya",
    family="trend",
    doc="Variable index dynamic average: a += 2/(length + 1) · |m| · (close − a), m the Chande momentum oscillator of "
    "`length` changes as a fraction; starts at the close before the first value.",
    units="price",
    source="Chande (1992), Adapting Moving Averages to Market Volatility, with his momentum oscillator (1994)",
    inputs=(Column.CLOSE,),
    outputs=("vidya",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_vidya,
    state_dtype=always(_STATE),
    warmup=lambda length: length,
    parts=lambda length: (f"cmou_{length}",),
)
