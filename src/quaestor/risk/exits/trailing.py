"""Trailing stop: a percentage from the best price since entry, tighter the longer the position is held."""

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Row
from quaestor.risk.contract import Setting
from quaestor.risk.exits.contract import Anchor, Exit


@inlined
def distance(params: Row, ticks: int, atr: float, level: float, bars_held: int) -> float:
    """Return the distance in ticks; infinite when switched off."""
    share: float = params["trailing_pct"]
    kept = max(1.0 - params["trailing_tighten_pct"] * bars_held / 100.0, params["trailing_floor_pct"] / 100.0)
    return ticks * share * kept / 100.0


EXIT = Exit(
    "trailing",
    Anchor.EXTREME,
    distance,
    (
        Setting("trailing_pct", float("inf"), float("inf"), float("inf"), "% of the best price", "trailing stop"),
        Setting("trailing_tighten_pct", 0.0, 0.0, 0.0, "% a bar", "how much of the distance each bar held takes away"),
        Setting("trailing_floor_pct", 25.0, 25.0, 25.0, "% of the distance", "what is never taken away"),
    ),
)
