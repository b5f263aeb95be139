"""Fixed stop: a fixed percentage from the entry price."""

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import Anchor, Exit


@inlined
def distance(params: Row, ticks: int, atr: float, level: float, bars_held: int) -> float:
    """Return the distance in ticks; infinite when switched off."""
    share: float = params["stop_loss_pct"]
    return ticks * share / 100.0


EXIT = Exit(
    "fixed_stop",
    Anchor.ENTRY,
    distance,
    (Setting("stop_loss_pct", 5.0, 3.0, float("inf"), "% of the entry price", "stop loss"),),
)
