"""Level stop: just beyond a former turning point, under the nearest support of a long or over a short's resistance.

A price beyond a level that has held before invalidates the reason for the trade (Edwards and Magee 1948, ch. 27; Osler
2003, "Currency Orders and Exchange Rate Dynamics", finds stops clustered just beyond such levels, hence the buffer).
When a nearer level forms in the position's favour the stop follows to it.
"""

import numpy as np

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import Anchor, Exit


@inlined
def distance(params: Row, ticks: int, atr: float, level: float, bars_held: int) -> float:
    """Return the distance in ticks; infinite when switched off, or while the level or the range is unknown."""
    multiple: float = params["level_buffer_multiple"]
    if not multiple < 1e300 or not atr >= 0.0 or not level > 0.0:
        return np.inf
    return abs(ticks - level) + max(multiple * atr, 1.0)


EXIT = Exit(
    "support_resistance",
    Anchor.LEVEL,
    distance,
    (
        Setting(
            "level_buffer_multiple",
            float("inf"),
            float("inf"),
            float("inf"),
            "× ATR(14)",
            "stop so far beyond the nearest support or resistance",
        ),
    ),
)
