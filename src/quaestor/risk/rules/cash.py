"""Cash limit: an account holds at most what it can pay for, fee reserved, after closing what is held. Always on."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import affordable_lots, available, margin_of, notional
from quaestor.risk.contract import Rule


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    ledger = account["ledger"]
    position = books[index]["position"]
    funds = available(ledger) + _released(position, instrument) - account["risk"]["in_flight_funds"]
    fee_rate = instrument["taker_rate"]
    longest = affordable_lots(instrument, funds, 1, ticks, fee_rate)
    shortest = affordable_lots(instrument, funds, -1, ticks, fee_rate)
    return -shortest, longest, float(notional(instrument, target, ticks)), float(funds)


@kernel
def _released(position: Row, instrument: Row) -> int:
    """Return the funds that closing the position at its mark would free, before fees."""
    if instrument["margined"] != 0:
        return position["reserved"] + position["value"]
    if position["lots"] >= 0:
        return position["value"]
    return margin_of(position, instrument) + position["value"] - position["cost"]


RULE = Rule("cash", Layer.ACCOUNT, permit, ())
