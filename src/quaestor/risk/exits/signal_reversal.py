"""Signal reversal exit: closes a position when a strong signal opposes it.

The policy closes a position that the signal no longer supports, except within its shortest holding time. This exit does
not wait for that: an opposite signal of at least the given strength closes at once, whatever its confidence. A weaker
one, or a signal of 0, is left to the policy, and so is an entry on the other side.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Purpose
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import MarketExit

_OFF = float("inf")


@kernel
def due(params: Row, state: Row, event: Row, position: Row, instrument: Row, side: int) -> bool:
    """Return whether the signal opposes the position strongly enough; one that is NaN or out of range never does."""
    against = -side * event["signal"]
    return abs(against) <= 1.0 and against >= params["reversal_strength"]


EXIT = MarketExit(
    "signal_reversal",
    Purpose.SIGNAL_REVERSAL,
    due,
    (Setting("reversal_strength", _OFF, _OFF, _OFF, "of the signal", "opposite signal that closes at once"),),
)
