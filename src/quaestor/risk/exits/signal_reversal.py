"""Close when the signal turns against the position with strength.

The policy closes by itself what the signal no longer supports, except while its shortest holding time lasts. This exit
does not wait for that: an opposite signal of at least so much strength closes at once, whatever its confidence. A
weaker one, or a signal of 0, is left to the policy; so is entering the other side.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Purpose
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import MarketExit

_OFF = float("inf")


@kernel
def due(params: Row, state: Row, event: Row, position: Row, instrument: Row, side: int) -> bool:
    """Whether the signal opposes the position strongly enough; one that is no number, or out of range, is none."""
    against = -side * event["signal"]
    return abs(against) <= 1.0 and against >= params["reversal_strength"]


EXIT = MarketExit(
    "signal_reversal",
    Purpose.SIGNAL_REVERSAL,
    due,
    (Setting("reversal_strength", _OFF, _OFF, _OFF, "of the signal", "opposite signal that closes at once"),),
)
