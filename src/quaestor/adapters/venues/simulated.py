"""A venue on the other side of the port: its own books, the same matching kernels, driven by recorded bars.

It keeps its own ledger and order table, as a real venue does, so the engine's view and the venue's can be compared.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from quaestor.jit.compile import entry_point, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import QUARANTINE, EventKind, OrderAction, OrderStatus, Purpose, Refusal
from quaestor.ledger.fills import FillTables
from quaestor.ledger.ledger import LEDGER, POSITION, mark
from quaestor.ledger.order_table import IDS_PER_ORDER, ORDER_STATE, clear, end, find, free_rows, move, sweep
from quaestor.ledger.rows import EVENT, ORDER, ORDER_EVENT, TRADE
from quaestor.matching.bars import match_bar
from quaestor.matching.costs import COSTS
from quaestor.matching.fill import MATCHING_STATE
from quaestor.ports.venue import ApprovedOrders

_VENUE = np.dtype(
    [("ledger", LEDGER), ("order_state", ORDER_STATE), ("costs", COSTS), ("n_venue_events", "i8")], align=True
)
_VENUE_BOOK = np.dtype([("position", POSITION), ("matching", MATCHING_STATE)], align=True)
#: Rows a message from the engine, or a bar, can lead to for every order that the venue can hold.
_ROWS_PER_ORDER = 16
_NO_ANSWER = np.zeros(0, EVENT)


class SimulatedVenue:
    """Implements `ports.BarDrivenVenue` over the matching kernels."""

    def __init__(self, instruments: Table, costs: Row, capital: int, capacity: int) -> None:
        self.instruments = instruments
        self.venue = np.zeros(1, _VENUE)
        self.books = np.zeros(len(instruments), _VENUE_BOOK)
        self.orders = np.zeros(capacity, ORDER)
        rows = _ROWS_PER_ORDER * capacity
        self._stream = np.zeros(rows, ORDER_EVENT)
        self._trades = np.zeros(rows, TRADE)
        self._venue_events = np.zeros(rows, EVENT)
        self._n_venue_events = self.venue["n_venue_events"]
        self._bound: Table | None = None
        self._pass_bar: Callable[..., None] = _pass_bar
        row = self.venue[0]
        row["ledger"]["capital"] = capital
        row["ledger"]["cash"] = capital
        for name in COSTS.names or ():
            row["costs"][name] = costs[name]

    def on_bar(self, events: Table, i: int) -> Table:
        """Let the bar in row `i` pass over the venue; what happened comes back as events."""
        if events is not self._bound:
            tables = self._tables(events)
            self._pass_bar = partial(entry_point(_pass_bar, *tables, 0), *tables)
            self._bound = events
        self._pass_bar(i)
        n = self._n_venue_events.item()
        return self._venue_events[:n] if n else _NO_ANSWER

    def _tables(self, events: Table) -> tuple[Table, Table, Table, Table, Table, Table, Table, Table]:
        return (
            self.venue,
            self.books,
            self.orders,
            self.instruments,
            events,
            self._stream,
            self._trades,
            self._venue_events,
        )

    def submit(self, orders: ApprovedOrders) -> Table:
        """Take new orders, amendments and cancel requests in; each is answered."""
        _take_orders(self.venue, self.orders, orders, self._stream, self._venue_events)
        return self._venue_events[: self._n_venue_events.item()]


@kernel
def _pass_bar(
    venue_table: Table,
    books: Table,
    orders: Table,
    instruments: Table,
    events: Table,
    stream: Table,
    trades: Table,
    venue_events: Table,
    i: int,
) -> None:
    venue = venue_table[0]
    venue["n_venue_events"] = 0
    event = events[i]
    if event["flags"] & QUARANTINE != 0:
        return
    index = event["instrument"]
    book = books[index]
    ledger = venue["ledger"]
    order_state = venue["order_state"]
    position = book["position"]
    if position["lots"] == 0 and order_state["n_orders"] == 0:
        return
    order_state["n_rows"] = 0
    order_state["n_trades"] = 0
    tables = FillTables(ledger, position, instruments[index], order_state, orders, stream, trades)
    match_bar(tables, book["matching"], venue["costs"], event)
    mark(ledger, position, instruments[index], event["close"])
    _report(venue, stream, venue_events, 0)


@kernel
def _venue_event(venue: Row, venue_events: Table, kind: int, ts: int, index: int) -> Row:
    """The next free answer row, reset."""
    row = venue_events[venue["n_venue_events"]]
    venue["n_venue_events"] += 1
    row["ts"] = ts
    row["open_ts"] = 0
    row["instrument"] = index
    row["flags"] = 0
    row["kind"] = kind
    row["code"] = 0
    row["order_id"] = 0
    row["lots"] = 0
    row["price"] = 0
    row["amount"] = 0
    return row


@kernel
def _report(venue: Row, stream: Table, venue_events: Table, first: int) -> None:
    """Turn rows of the venue's order stream into messages."""
    for k in range(first, venue["order_state"]["n_rows"]):
        row = stream[k]
        action = row["action"]
        if action == OrderAction.NEW:
            continue  # bracket legs: the engine adds its own on the entry's first fill
        kind = EventKind.CANCELLED
        if action == OrderAction.FILL:
            kind = EventKind.EXECUTION
        elif action == OrderAction.REJECTED:
            kind = EventKind.REJECTED
        elif action == OrderAction.FUNDING:
            kind = EventKind.FUNDING
        elif action == OrderAction.LIQUIDATION:
            kind = EventKind.LIQUIDATION
        venue_event = _venue_event(venue, venue_events, kind, row["ts"], row["order"]["instrument"])
        venue_event["order_id"] = row["order"]["id"]
        venue_event["lots"] = row["lots"]
        venue_event["price"] = row["price"]
        venue_event["amount"] = row["fee"]
        venue_event["code"] = row["reason"]
        if action == OrderAction.FILL:
            venue_event["code"] = row["maker"]
        elif action == OrderAction.LIQUIDATION:
            venue_event["code"] = Purpose.LIQUIDATION


@kernel
def _take_orders(venue_table: Table, orders: Table, rows: Table, stream: Table, venue_events: Table) -> None:
    venue = venue_table[0]
    order_state = venue["order_state"]
    venue["n_venue_events"] = 0
    order_state["n_rows"] = 0
    for k in range(len(rows)):
        row = rows[k]
        asked = row["order"]
        known = find(order_state, orders, asked["id"])
        if row["action"] == OrderAction.NEW:
            _take_new(venue, orders, asked, row["ts"], venue_events)
        elif row["action"] == OrderAction.AMEND and known >= 0:
            orders[known]["trigger"] = asked["trigger"]
            orders[known]["purpose"] = asked["purpose"]
        elif row["action"] == OrderAction.CANCEL and known >= 0:
            before = order_state["n_rows"]
            end(order_state, stream, orders[known], row["ts"], OrderStatus.CANCELLED, row["reason"])
            _report(venue, stream, venue_events, before)
    sweep(order_state, orders)


@kernel
def _take_new(venue: Row, orders: Table, asked: Row, ts: int, venue_events: Table) -> None:
    """Enter an order and acknowledge it. Ids only grow, so one below the next has been here before, whether or not it
    has ended since: it is acknowledged again and never executed again."""
    order_state = venue["order_state"]
    is_new = asked["id"] >= order_state["next_id"]
    kind = EventKind.ACCEPTED
    if is_new and free_rows(order_state, orders) < IDS_PER_ORDER:
        kind = EventKind.REJECTED
    elif is_new:
        _enter(order_state, orders, asked)
        order_state["next_id"] = asked["id"] + IDS_PER_ORDER
    venue_event = _venue_event(venue, venue_events, kind, ts, asked["instrument"])
    venue_event["order_id"] = asked["id"]
    if kind == EventKind.REJECTED:
        venue_event["code"] = Refusal.TABLE_FULL


@kernel
def _enter(order_state: Row, orders: Table, asked: Row) -> int:
    """A new row for an order that the venue does not know yet."""
    k = order_state["n_orders"]
    order = orders[k]
    clear(order)
    order_state["n_orders"] = k + 1
    order["id"] = asked["id"]
    order["sibling"] = asked["sibling"]
    order["instrument"] = asked["instrument"]
    order["side"] = asked["side"]
    order["type"] = asked["type"]
    order["tif"] = asked["tif"]
    order["status"] = OrderStatus.PENDING
    order["purpose"] = asked["purpose"]
    order["reduce_only"] = asked["reduce_only"]
    order["lots"] = asked["lots"]
    order["limit"] = asked["limit"]
    order["trigger"] = asked["trigger"]
    order["created_ts"] = asked["created_ts"]
    order["active_ts"] = asked["active_ts"]
    order["bracket_stop"] = asked["bracket_stop"]
    order["bracket_target"] = asked["bracket_target"]
    move(order_state, order, OrderStatus.ACCEPTED)
    return k
