"""MESA adaptive moving average: its factor depends on the rate of change of the cycle's phase."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.cycle.hilbert import DEGREES, EARLY, EARLY_WARMUP, PHASOR, push_close
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import arc_tangent, is_missing

_STATE = np.dtype(
    [("rows", "<i8"), ("phase", "<f8"), ("mama", "<f8"), ("fama", "<f8"), ("phasor", PHASOR, (1,))], align=True
)


@kernel
def advance_mama(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the adaptive average, and its own average at half the factor."""
    s = state[0]
    fast = params[0]["fast"]
    slow = params[0]["slow"]
    phasor = s["phasor"][0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x):
            continue
        if push_close(s["phasor"], EARLY, x):
            in_phase = phasor["detrended"][3]
            phase = arc_tangent(phasor["quadrature"][0] / in_phase) * DEGREES if in_phase != 0.0 else 0.0
            turned = max(s["phase"] - phase, 1.0)
            s["phase"] = phase
            factor = max(fast / turned, slow)
            s["mama"] = factor * x + (1.0 - factor) * s["mama"]
            s["fama"] = 0.5 * factor * s["mama"] + (1.0 - 0.5 * factor) * s["fama"]
        if s["rows"] < EARLY_WARMUP:
            s["rows"] += 1
        else:
            out[0, k] = s["mama"]
            out[1, k] = s["fama"]


def _conflict(fast: float, slow: float) -> str:
    return "" if slow <= fast else f"slow = {slow} must not exceed fast = {fast}"


MAMA = Feature(
    name="mama",
    family="cycle",
    doc="MESA adaptive moving average: `mama` moves by the factor `fast` / fall of the cycle's phase in degrees, "
    "clipped to [`slow`, `fast`], of the distance to the close; `fama` averages it with half the factor; both begin "
    "with 0.",
    units="price",
    source="TA-Lib MAMA; Ehlers (2001), MESA Adaptive Moving Averages",
    inputs=(Column.CLOSE,),
    outputs=("mama", "fama"),
    parameters=(Real("fast", 0.5, 0.01, 0.99, "ratio"), Real("slow", 0.05, 0.01, 0.99, "ratio")),
    advance=advance_mama,
    state_dtype=always(_STATE),
    warmup=always(EARLY_WARMUP),
    conflict=_conflict,
)
