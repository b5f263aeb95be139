"""A desk at a simulated venue: send orders, let bars pass, read what the venue says."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from tests.builders import MINUTE, MONDAY, Bar, bars_to_events, engine_settings

from quaestor.adapters.venues.simulated import SimulatedVenue
from quaestor.domain.instrument import Instrument
from quaestor.engine.settings import CostSettings, pack_instruments, pack_params
from quaestor.engine.state import ORDER_CAPACITY
from quaestor.ledger.codes import EventKind, OrderAction, OrderType, TimeInForce
from quaestor.ledger.order_table import IDS_PER_ORDER
from quaestor.ledger.rows import ORDER_EVENT
from quaestor.ports.venue import ApprovedOrders


class Answer(NamedTuple):
    """What the venue said, with the fields that a table of a test compares."""

    kind: EventKind
    order: int
    lots: int
    price: int
    amount: int
    code: int


def fill(order: int, lots: int, price: int, fee: int = 0, maker: int = 0) -> Answer:
    """The answer about a fill."""
    return Answer(EventKind.EXECUTION, order, lots, price, fee, maker)


def cancelled(order: int, reason: int) -> Answer:
    """The answer about an order that the venue cancelled or let expire."""
    return Answer(EventKind.CANCELLED, order, 0, 0, 0, reason)


def rejected(order: int, reason: int) -> Answer:
    """The answer about an order that the venue refused."""
    return Answer(EventKind.REJECTED, order, 0, 0, 0, reason)


class Desk:
    """A simulated venue with one instrument, one account, and a clock that moves one bar at a time."""

    def __init__(
        self, traded: Instrument, capital: int, *, leverage: int = 1, costs: CostSettings | None = None
    ) -> None:
        settings = engine_settings(costs=costs, leverage=leverage)
        params = pack_params(settings, MINUTE, venue_inside=False)
        table = pack_instruments([traded], MINUTE, leverage)
        self.venue = SimulatedVenue(table, params[0]["costs"], capital, ORDER_CAPACITY)
        self._ids = self._take_ids()
        self._now = MONDAY

    @staticmethod
    def _take_ids() -> Iterator[int]:
        order = IDS_PER_ORDER
        while True:
            yield order
            order += IDS_PER_ORDER

    def order(self, side: int, kind: OrderType, lots: int, **fields: int) -> int:
        """Send an order; `delay` bars pass before it arrives. Returns its id."""
        row = np.zeros(1, ORDER_EVENT)
        row["action"] = OrderAction.NEW
        row["ts"] = self._now
        order = row["order"]
        order["id"] = next(self._ids)
        order["side"], order["type"], order["lots"] = side, kind, lots
        order["tif"] = fields.pop("tif", TimeInForce.GTC)
        order["active_ts"] = self._now + MINUTE * fields.pop("delay", 0)
        order["bracket_stop"], order["bracket_target"] = fields.pop("stop", 0), fields.pop("target", 0)
        for name, value in fields.items():
            order[name] = value
        venue_events = self.venue.submit(ApprovedOrders(row))
        assert [int(venue_event["kind"]) for venue_event in venue_events] == [EventKind.ACCEPTED]
        return int(order["id"][0])

    def bar(self, opened: int, high: int, low: int, close: int, **fields: Any) -> list[Answer]:
        """Let one bar pass; what the venue says about it."""
        events = bars_to_events([Bar(opened, high, low, close, **fields)], start_ts=self._now)
        self._now += MINUTE
        return [
            Answer(
                EventKind(int(row["kind"])),
                int(row["order_id"]),
                int(row["lots"]),
                int(row["price"]),
                int(row["amount"]),
                int(row["code"]),
            )
            for row in self.venue.on_bar(events, 0)
        ]

    @property
    def ledger(self) -> Any:
        """The account's balances."""
        return self.venue.venue[0]["ledger"]

    @property
    def lots(self) -> int:
        """The position."""
        return int(self.venue.books[0]["position"]["lots"])

    @property
    def live_orders(self) -> list[int]:
        """Ids of the orders that can still trade."""
        count = int(self.venue.venue[0]["order_state"]["n_orders"])
        return [int(order["id"]) for order in self.venue.orders[:count]]
