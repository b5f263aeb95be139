"""Moving-average cross: long while the fast exponential average is above the slow one."""

import numpy as np

from quaestor.brain.alpha.contract import SIDE, Alpha, Sides
from quaestor.domain.parameter import Integer, always, fast_before_slow
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.ledger.codes import Regime

_STATE = np.dtype([("unused", "<i8")])


@kernel
def advance(
    state: Table,  # noqa: ARG001
    params: Table,
    features: Matrix,
    columns: Matrix,  # noqa: ARG001
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write +1 while the fast average is above the slow one, otherwise 0 or, with both sides, −1."""
    otherwise = -1.0 if params[0]["side"] == Sides.BOTH else 0.0
    for k in range(i, n):
        distance = features[0, k] - features[1, k]
        if distance != distance:
            out[0, k] = np.nan
            out[1, k] = 0.0
        else:
            out[0, k] = 1.0 if distance > 0.0 else otherwise
            out[1, k] = 1.0


def _features(fast: int, slow: int, side: int) -> tuple[str, ...]:  # noqa: ARG001
    return (f"ema_{fast}", f"ema_{slow}")


EMA_CROSS = Alpha(
    name="ema_cross",
    doc="Long while EMA(fast) > EMA(slow) at the close, otherwise flat (side=long) or short (side=both). No opinion "
    "until both averages are defined. Confidence is 1.",
    source="Brock, Lakonishok and LeBaron (1992), Simple Technical Trading Rules",
    parameters=(Integer("fast", 12, 1, 5_000, "bars"), Integer("slow", 26, 2, 10_000, "bars"), SIDE),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    conflict=fast_before_slow,
    best_regimes=(Regime.TRENDING, Regime.BULL_RUN),
)
