"""Gross notional over equity."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.risk.answers import within_value, worth_of
from quaestor.risk.contract import Rule, Setting


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["leverage_max"]
    ledger = account["ledger"]
    worth = worth_of(account)
    others = float(ledger["gross"] - books[index]["position"]["notional"] + account["risk"]["promised_gross"])
    lowest, highest = within_value(instrument, worth * limit - others, ticks)
    return lowest, highest, (others + notional(instrument, wanted, ticks)) / worth, limit


RULE = Rule(
    "leverage",
    Layer.EXPOSURE,
    permit,
    (Setting("leverage_max", 3.0, 1.0, float("inf"), "× equity", "largest gross notional over equity"),),
)
