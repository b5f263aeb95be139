"""Passive algorithm: enters by a post-only limit at the close of the decision, which rests until the signal changes."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import OrderType, TimeInForce


@kernel
def style(order: Row, event: Row) -> None:
    """Make the order a post-only limit, one tick on the passive side of the decision's close."""
    order["type"] = OrderType.LIMIT
    order["tif"] = TimeInForce.POST_ONLY
    order["limit"] = max(event["close"] - order["side"], 1)
