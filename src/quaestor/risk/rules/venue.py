"""Venue rules: no more than the largest order, and no short sale of what cannot be borrowed. Always on."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    highest = instrument["max_lots"]
    lowest = -highest if instrument["shortable"] != 0 or instrument["margined"] != 0 else 0
    return lowest, highest, float(target), float(highest if target > 0 else lowest)


RULE = Rule("venue", Layer.ACCOUNT, permit, ())
