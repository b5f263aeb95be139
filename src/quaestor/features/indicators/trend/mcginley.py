"""McGinley dynamic: an average whose factor depends on the ratio of the close to it."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE
from quaestor.numeric.elementary import is_missing


@kernel
def advance_mcginley(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write McGinley's average, which adjusts faster to falling than to rising closes."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] >= length:
            ratio = x / s["value"] if s["value"] != 0.0 else 1.0
            square = ratio * ratio
            s["value"] += (x - s["value"]) / max(length * (square * square), 1.0)
        else:
            s["value"] += x
            s["count"] += 1
            if s["count"] < length:
                continue
            s["value"] /= length
        out[0, k] = s["value"]


MCGINLEY = Feature(
    name="mcginley",
    family="trend",
    doc="McGinley dynamic: a += (close − a) / max(`length` · (close / a)⁴, 1), so that it never passes the close; "
    "seeded with the mean of the first `length` closes.",
    units="price",
    source="McGinley (1997), Dynamic Indicator, Journal of Technical Analysis",
    inputs=(Column.CLOSE,),
    outputs=("mcginley",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_mcginley,
    state_dtype=always(AVERAGE),
    warmup=lambda length: length - 1,
)
