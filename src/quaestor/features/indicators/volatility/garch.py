"""GARCH(1,1): forecast of the next return's standard deviation, with parameters fitted elsewhere."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Real, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing, natural_log

#: One squared basis point: the unit of `omega`, in which fitted values are of readable size.
SQUARED_BASIS_POINT = 1e-8

#: The least `omega`, which keeps the variance above zero.
SMALLEST_OMEGA = 0.0001

_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("variance", "<f8")], align=True)


@kernel
def advance_garch(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the forecast standard deviation of the next return, and this return in units of its own forecast."""
    s = state[0]
    alpha, beta = params[0]["alpha"], params[0]["beta"]
    omega = params[0]["omega"] * SQUARED_BASIS_POINT
    count = s["count"]
    close = s["close"]
    variance = s["variance"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if count == 0:
            variance = omega / (1.0 - alpha - beta)
        else:
            change = natural_log(x / close)
            out[1, k] = change / np.sqrt(variance)
            variance = omega + alpha * (change * change) + beta * variance
            out[0, k] = np.sqrt(variance)
        close = x
        count = 1
    s["count"] = count
    s["close"] = close
    s["variance"] = variance


def _conflict(omega: float, alpha: float, beta: float) -> str:  # noqa: ARG001
    if 1.0 - alpha - beta > 0.0:
        return ""
    return f"alpha + beta = {alpha + beta:g} leaves no long-run variance: it must be below 1"


GARCH = Feature(
    name="garch",
    family="volatility",
    doc="GARCH(1,1) on log returns r: h ← ω + α r² + β h. `garch` is √h, the standard deviation forecast for the next "
    "return, > 0; `residual` is r over the standard deviation forecast for it. h starts at its long-run mean "
    "ω / (1 − α − β), which must exist. `omega` is in squared basis points: 1e-8. `quaestor features fit garch` "
    "estimates the parameters. A close that is not positive counts as missing.",
    units="fraction per bar",
    source="Bollerslev (1986), Generalized Autoregressive Conditional Heteroskedasticity",
    inputs=(Column.CLOSE,),
    outputs=("garch", "residual"),
    parameters=(
        Real("omega", 0.5, SMALLEST_OMEGA, 1e9, "squared basis points"),
        Real("alpha", 0.05, 0.0, 0.9999, "weight of the last squared return"),
        Real("beta", 0.92, 0.0, 0.9999, "weight of the last variance"),
    ),
    advance=advance_garch,
    state_dtype=always(_STATE),
    warmup=always(1),
    conflict=_conflict,
)
