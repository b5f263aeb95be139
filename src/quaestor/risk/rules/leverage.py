"""Leverage limit: gross notional over equity is capped."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import within_value, worth_of


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["leverage_max"]
    ledger = account["ledger"]
    worth = worth_of(account)
    others = float(ledger["gross"] - books[index]["position"]["notional"] + account["risk"]["in_flight_gross"])
    lowest, highest = within_value(instrument, worth * limit - others, ticks)
    return lowest, highest, (others + notional(instrument, target, ticks)) / worth, limit


RULE = Rule(
    "leverage",
    Layer.EXPOSURE,
    permit,
    (Setting("leverage_max", 3.0, 1.0, float("inf"), "× equity", "largest gross notional over equity"),),
)
