"""MACD with fixed factors: moving average convergence/divergence with the factors first published."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import is_missing

_FAST, _SLOW = 12, 26
_FAST_FACTOR, _SLOW_FACTOR = 0.15, 0.075
_STATE = np.dtype([("count", "<i8"), ("fast", "<f8"), ("slow", "<f8"), ("signal", AVERAGE, (1,))], align=True)


@kernel
def _push(s: Row, x: float) -> bool:
    """Add a close to both averages, seeded on one row with their means, and return whether they have values."""
    if s["count"] == _SLOW:
        s["fast"] = multiply_add(x - s["fast"], _FAST_FACTOR, s["fast"])
        s["slow"] = multiply_add(x - s["slow"], _SLOW_FACTOR, s["slow"])
        return True
    s["count"] += 1
    s["slow"] += x
    if s["count"] > _SLOW - _FAST:
        s["fast"] += x
    if s["count"] < _SLOW:
        return False
    s["fast"] /= _FAST
    s["slow"] /= _SLOW
    return True


@kernel
def advance_macdfix(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of the two averages, its exponential average, and the difference of these."""
    s = state[0]
    length = params[0]["signal"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if is_missing(x) or not _push(s, x):
            continue
        line = s["fast"] - s["slow"]
        signal = push_ema(s["signal"], length, line)
        if signal == signal:
            out[0, k] = line
            out[1, k] = signal
            out[2, k] = line - signal


MACDFIX = Feature(
    name="macdfix",
    family="trend",
    doc="`macd` of 12 and 26 bars with the factors 0.15 and 0.075 in place of 2/13 and 2/27; `signal`: its EMA; "
    "`hist`: macd − signal.",
    units="price",
    source="TA-Lib MACDFIX; Appel (1979), The Moving Average Convergence-Divergence Method",
    inputs=(Column.CLOSE,),
    outputs=("macdfix", "signal", "hist"),
    parameters=(Integer("signal", 9, 1, 5_000, "bars"),),
    advance=advance_macdfix,
    state_dtype=always(_STATE),
    warmup=lambda signal: _SLOW + signal - 2,
)
