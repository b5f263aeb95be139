"""Orders in flight on the other instruments of an account, which the risk officer counts as held."""

from quaestor.execution.planner import working_lots
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.risk.in_flight import release_in_flight, reserve


@kernel
def reserve_in_flight(account: Row, books: Table, orders: Table, instruments: Table, index: int) -> None:
    """Reserve the lots in flight on every instrument but `index`."""
    release_in_flight(account, books)
    for k in range(len(books)):
        working = working_lots(account["order_state"], orders, k) if k != index else 0
        if working != 0:
            reserve(account, books[k], instruments[k], working)
