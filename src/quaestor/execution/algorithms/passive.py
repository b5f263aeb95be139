"""Wait for the price of the decision: a post-only limit at its close, worked until the signal changes."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import OrderType, TimeInForce


@kernel
def style(order: Row, event: Row) -> None:
    """A post-only limit one tick on the passive side of the decision's close."""
    order["type"] = OrderType.LIMIT
    order["tif"] = TimeInForce.POST_ONLY
    order["limit"] = max(event["close"] - order["side"], 1)
