"""Venue port: a place that carries out approved orders."""

from typing import NewType, Protocol

from quaestor.jit.tables import Table

#: Rows of the order stream (dtype ORDER_EVENT) that the risk officer has let through. Only the engine makes them.
ApprovedOrders = NewType("ApprovedOrders", Table)


class Venue(Protocol):
    """A place that carries out approved orders and answers with event rows (dtype EVENT).

    It is idempotent by order id: an order it already knows is acknowledged again, never executed again.
    """

    def submit(self, orders: ApprovedOrders) -> Table:
        """Carry out new orders, amendments and cancel requests; returns what the venue says at once."""
        ...


class BarDrivenVenue(Venue, Protocol):
    """A venue that recorded bars drive; a live venue answers from its own stream instead."""

    def on_bar(self, events: Table, i: int) -> Table:
        """Let the bar in row `i` pass; returns what happened to orders and positions."""
        ...
