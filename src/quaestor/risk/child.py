"""Child order check: the officer's verdict about every order that leaves; entries stay within the approved target.

Orders that only reduce a position pass whatever breakers are set, as long as they are legal.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Breaker, OrderType, Refusal
from quaestor.ledger.ledger import notional
from quaestor.ledger.order_table import is_sensible

#: Most distance of a limit from the last price, as a share of it; one further away is taken for a mistake.
PRICE_BAND = 0.10
_STOPPING = int(
    Breaker.KILLED | Breaker.PAUSED | Breaker.CRASH | Breaker.STALE | Breaker.UNKNOWN_ORDER | Breaker.SPREAD
)


@kernel
def check_child(
    account: Row, position: Row, instrument: Row, order: Row, working: int, approved_target: int, ticks: int
) -> int:
    """Return `Refusal.NONE`, or the reason for which the order may not leave.

    Args:
        account: record of the account.
        position: of the instrument.
        instrument: its rules.
        order: that is about to leave.
        working: signed lots that other entry orders on its side may still fill.
        approved_target: signed lots that the officer approved.
        ticks: last price.
    """
    if not is_sensible(order):
        return Refusal.ILLEGAL
    if order["reduce_only"] != 0:
        return Refusal.NONE
    if account["risk"]["breakers"] & _STOPPING:
        return Refusal.OFFICER
    signed = order["side"] * order["lots"]
    held = position["lots"] if position["lots"] * approved_target > 0 else 0
    if signed * approved_target <= 0 or abs(held + working + signed) > abs(approved_target):
        return Refusal.OFFICER
    if notional(instrument, order["lots"], ticks) < instrument["min_notional"]:
        return Refusal.MIN_NOTIONAL
    if order["type"] == OrderType.LIMIT and not abs(order["limit"] - ticks) <= PRICE_BAND * ticks:
        return Refusal.PRICE_BAND
    return Refusal.NONE
