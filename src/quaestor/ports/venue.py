"""Venue port: executes approved orders."""

from typing import NewType, Protocol

from quaestor.jit.tables import Table

#: Rows of the order stream (dtype ORDER_EVENT) that the risk officer has approved; only the engine makes them.
ApprovedOrders = NewType("ApprovedOrders", Table)


class Venue(Protocol):
    """Place that executes approved orders and returns event rows (dtype EVENT).

    Idempotent by order id: an order that it already knows is acknowledged again, never executed again.
    """

    def submit(self, orders: ApprovedOrders) -> Table:
        """Execute new orders, amendments and cancel requests and return the venue's immediate events."""
        ...


class BarDrivenVenue(Venue, Protocol):
    """Venue driven by recorded bars; a live venue sends its events on a stream of its own instead."""

    def on_bar(self, events: Table, i: int) -> Table:
        """Process the bar in row `i` and return the events of orders and positions."""
        ...
