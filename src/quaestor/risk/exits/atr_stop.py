"""Average true range stop: a multiple of the range at entry from the entry price (Wilder 1978)."""

import numpy as np

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import Anchor, Exit


@inlined
def distance(params: Row, ticks: int, atr: float, level: float, bars_held: int) -> float:
    """Return the distance in ticks; infinite when switched off."""
    multiple: float = params["atr_stop_multiple"]
    if not multiple < 1e300:
        return multiple
    return multiple * atr if atr > 0.0 else np.inf


EXIT = Exit(
    "atr_stop",
    Anchor.ENTRY,
    distance,
    (Setting("atr_stop_multiple", float("inf"), 3.0, float("inf"), "× ATR(14)", "stop from the entry price"),),
)
