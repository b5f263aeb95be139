"""Portfolio heat: what the stops of all positions would lose together is at most a share of equity.

From the last close to the stop, entries in flight with their own stop. A stop beyond the price loses nothing more; a
position without a stop counts with all of its value.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.in_flight import expected_notional
from quaestor.risk.permissions import within_share


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    others = 0.0
    for k in range(len(books)):
        size = expected_notional(books[k]) if k != index else 0.0
        if size > 0.0:
            others += share_at_risk(books[k]) * size
    share = entry_share(books[index]["risk"]["stop_distance"], ticks)
    return within_share(account, instrument, params["heat_pct"], others, share, ticks, target)


@kernel
def share_at_risk(book: Row) -> float:
    """Return what a stop would lose of a position's value, in [0, 1]: the stop of what is held, else of the entry."""
    memory = book["risk"]
    held = book["position"]["lots"]
    if held == 0:
        return entry_share(memory["stop_distance"], memory["last_close"])
    level = memory["stop_level"]
    if level <= 0 or memory["last_close"] <= 0:
        return 1.0
    fall = (memory["last_close"] - level) if held > 0 else (level - memory["last_close"])
    return min(max(float(fall) / float(memory["last_close"]), 0.0), 1.0)


@kernel
def entry_share(distance: int, ticks: int) -> float:
    """Return what a stop `distance` from an entry at `ticks` would lose of its value, in (0, 1]; 1 without a stop."""
    if distance <= 0 or distance >= ticks:
        return 1.0
    return float(distance) / float(ticks)


RULE = Rule(
    "portfolio_heat",
    Layer.CORRELATION,
    permit,
    (Setting("heat_pct", 6.0, 3.0, float("inf"), "% of equity", "what all stops together may lose"),),
)
