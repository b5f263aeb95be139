"""Market algorithm: enters at once, at the next price."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import OrderType, TimeInForce


@kernel
def style(order: Row, event: Row) -> None:
    """Make the order a market order."""
    order["type"] = OrderType.MARKET
    order["tif"] = TimeInForce.GTC
