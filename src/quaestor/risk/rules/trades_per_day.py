"""Trades per day: the number of entries in a UTC day is capped."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import all_or_no_increase


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["trades_per_day_max"]
    measured = float(account["risk"]["entries_today"] + 1)
    return all_or_no_increase(measured <= limit, books[index], measured, limit)


RULE = Rule(
    "trades_per_day",
    Layer.EMERGENCY,
    permit,
    (Setting("trades_per_day_max", 100.0, 30.0, float("inf"), "entries", "entries in one UTC day"),),
)
