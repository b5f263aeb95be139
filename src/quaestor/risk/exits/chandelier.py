"""Chandelier exit: a stop at a multiple of the present average true range from the best price since entry (LeBeau)."""

import numpy as np

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import Anchor, Exit


@inlined
def distance(params: Row, ticks: int, atr: float, level: float, bars_held: int) -> float:
    """Return the distance in ticks; infinite when switched off."""
    multiple: float = params["chandelier_multiple"]
    if not multiple < 1e300:
        return multiple
    return multiple * atr if atr > 0.0 else np.inf


EXIT = Exit(
    "chandelier",
    Anchor.EXTREME,
    distance,
    (
        Setting(
            "chandelier_multiple",
            float("inf"),
            float("inf"),
            float("inf"),
            "× ATR(14)",
            "stop from the best price since entry",
        ),
    ),
)
