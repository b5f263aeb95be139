"""Trade at once, at the next price there is."""

from quaestor.kernels.codes import OrderType, TimeInForce
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row


@kernel
def style(order: Row, event: Row) -> None:
    """A market order."""
    order["type"] = OrderType.MARKET
    order["tif"] = TimeInForce.GTC
