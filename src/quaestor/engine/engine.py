"""Engine: holds the state of the trading loop, processes events and returns the rows that they produce."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from quaestor.engine.state import ACCOUNT, BOOK, ORDER_CAPACITY, ROWS_PER_EVENT, TRADES_PER_EVENT
from quaestor.engine.trading_loop import FAULT_EVENT, FAULT_IMBALANCE, FAULT_RAISED, advance
from quaestor.errors import InvariantError
from quaestor.jit.compile import entry_point
from quaestor.jit.tables import Table
from quaestor.ledger.codes import OrderAction, OrderStatus
from quaestor.ledger.order_table import IDS_PER_ORDER
from quaestor.ledger.rows import DECISION, EVENT, ORDER, ORDER_EVENT, TRADE
from quaestor.ports.venue import ApprovedOrders
from quaestor.risk.state import VERDICT

_FAULTS = {
    FAULT_IMBALANCE: "the ledger does not balance",
    FAULT_EVENT: "no such instrument or regime",
    FAULT_RAISED: "an earlier event could not be processed",
}
_STOP = "stop, keep the journal, report it"
_BUFFERED_ROWS = 4 * ROWS_PER_EVENT
_BUFFERED_TRADES = 4 * TRADES_PER_EVENT
_NO_EVENTS = np.zeros(0, EVENT)
_NO_OPINIONS = np.zeros((0, 0))


@dataclass(frozen=True, slots=True)
class Output:
    """Rows written since the last drain, and the events behind the decisions: views, valid until the next `advance`.

    `opinions` is float64 (decisions, outputs): all outputs of the signal models for those events; empty where the
    decisions hold all of them.
    """

    decisions: Table
    orders: Table
    trades: Table
    events: Table
    opinions: NDArray[np.float64] = field(default_factory=lambda: _NO_OPINIONS)

    def leaving(self) -> ApprovedOrders:
        """Return a copy of the rows to send to a venue: new orders, amendments and cancel requests.

        The risk officer has judged the target of each and the order itself. The legs of a bracket are left out: the
        venue received them with the entry.
        """
        rows = self.orders
        is_new = (rows["action"] == OrderAction.NEW) & (rows["order"]["status"] == OrderStatus.PENDING)
        return ApprovedOrders(
            rows[is_new | (rows["action"] == OrderAction.AMEND) | (rows["action"] == OrderAction.CANCEL)]
        )


class Engine:
    """State and output streams of the trading loop: decisions depend on these tables and the events alone."""

    def __init__(self, instruments: Table, params: Table, capital: int, *, decision_buffer: int = 65_536) -> None:
        self.instruments = instruments
        self.params = params
        self.account = np.zeros(1, ACCOUNT)
        self.books = np.zeros(len(instruments), BOOK)
        self.orders = np.zeros(ORDER_CAPACITY, ORDER)
        self._decisions = np.zeros(decision_buffer, DECISION)
        self._stream = np.zeros(_BUFFERED_ROWS, ORDER_EVENT)
        self._trades = np.zeros(_BUFFERED_TRADES, TRADE)
        self._verdicts = np.zeros(1, VERDICT)
        self._bound: Table | None = None
        self._advance_bound: Callable[..., int] = advance
        _endow(self.account, self.books, capital)

    def bind(self, events: Table) -> None:
        """Specialise the loop for a table of events, which halves the cost of advancing over it event by event."""
        tables = self._tables(events)
        self._advance_bound = partial(entry_point(advance, *tables, 0, 0), *tables)
        self._bound = events

    def _tables(self, events: Table) -> tuple[Table, Table, Table, Table, Table, Table, Table, Table, Table, Table]:
        return (
            self.account,
            self.books,
            self.orders,
            self.instruments,
            self.params,
            events,
            self._decisions,
            self._stream,
            self._trades,
            self._verdicts,
        )

    def advance(self, events: Table, i: int, n: int) -> int:
        """Process events i … n-1 and return the index of the first one not processed; see `trading_loop.advance`.

        Raises:
            InvariantError: the ledger does not balance, an event names an unknown instrument or regime, or a number
                overflowed. Nothing is processed from then on.
            IndexError: there are fewer than n events.
        """
        if n > len(events):
            raise IndexError(f"{n} of {len(events)} events")
        try:
            reached = self._advance_bound(i, n) if events is self._bound else advance(*self._tables(events), i, n)
        except (ArithmeticError, LookupError) as error:
            self.account[0]["fault"] = FAULT_RAISED
            raise InvariantError(str(error), place="engine", remedy=_STOP) from error
        if reached < n:
            self._raise_fault(reached)
        return reached

    def _raise_fault(self, reached: int) -> None:
        fault = int(self.account[0]["fault"])
        if fault:
            what = _FAULTS[fault]
            raise InvariantError(what, place=f"event {reached}", remedy=_STOP)

    def run(self, events: Table, i: int, n: int, drain: Callable[[Output], None]) -> None:
        """Process events i … n-1, passing each batch of output to `drain`."""
        while i < n:
            reached = self.advance(events, i, n)
            drain(self.drain(events[i:reached]))
            i = reached

    def drain(self, events: Table = _NO_EVENTS) -> Output:
        """Return the rows written since the last call and empty the streams; `events` are those that were processed."""
        account = self.account[0]
        order_state = account["order_state"]
        output = Output(
            self._decisions[: account["n_decisions"]],
            self._stream[: order_state["n_rows"]],
            self._trades[: order_state["n_trades"]],
            events,
        )
        account["n_decisions"] = 0
        order_state["n_rows"] = 0
        order_state["n_trades"] = 0
        return output

    def no_orders(self) -> ApprovedOrders:
        """Return an empty batch."""
        return ApprovedOrders(self._stream[:0])

    @property
    def equity_quanta(self) -> int:
        """Cash plus positions at their last marks."""
        ledger = self.account[0]["ledger"]
        return int(ledger["cash"] + ledger["position_value"])

    def digest(self) -> str:
        """Return the SHA-256 of the state in hex: from equal digests, equal events give equal output."""
        digest = hashlib.sha256()
        for table in (self.account, self.books, self.orders[: int(self.account[0]["order_state"]["n_orders"])]):
            digest.update(table.tobytes())
        return digest.hexdigest()


def _endow(account: Table, books: Table, capital: int) -> None:
    row = account[0]
    row["ledger"]["capital"] = capital
    row["ledger"]["cash"] = capital
    row["order_state"]["next_id"] = IDS_PER_ORDER
    row["risk"]["n_books"] = len(books)
    row["risk"]["day"] = -1
    row["risk"]["week"] = -1
    row["risk"]["peak_equity"] = capital
    row["risk"]["last_equity"] = capital
    memory = books["risk"]
    memory["tail_age"] = np.iinfo(np.int32).max
