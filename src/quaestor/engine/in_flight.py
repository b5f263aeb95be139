"""What the order table holds in flight on the other instruments: the officer counts it as held."""

from quaestor.execution.planner import working_lots
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.risk.in_flight import forget_promises, promise


@kernel
def count_promises(account: Row, books: Table, orders: Table, instruments: Table, index: int) -> None:
    """Note what is in flight on every instrument but `index`."""
    forget_promises(account, books)
    for k in range(len(books)):
        working = working_lots(account["keeping"], orders, k) if k != index else 0
        if working != 0:
            promise(account, books[k], instruments[k], working)
