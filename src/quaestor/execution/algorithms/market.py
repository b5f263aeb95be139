"""Trade at once, at the next price there is."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import OrderType, TimeInForce


@kernel
def style(order: Row, event: Row) -> None:
    """A market order."""
    order["type"] = OrderType.MARKET
    order["tif"] = TimeInForce.GTC
