"""Session: one engine in operation; its output goes to the recorder, its orders to a venue, the venue's events back."""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quaestor.engine.engine import Engine, Output
from quaestor.engine.feed import Opinions
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Command, EventKind
from quaestor.ledger.rows import EVENT
from quaestor.ports.journal import RecordKind
from quaestor.ports.venue import BarDrivenVenue
from quaestor.runtime.journal.recorder import INBOUND, Close, Recorder, rows_to_keep

#: Most decisions that are kept in memory before they are recorded; an order records them earlier.
_DRAIN_EVERY = 1024


class Observer(Protocol):
    """Receiver of every batch of output, for figures and progress."""

    def observe(self, output: Output) -> None:
        """Process a batch; its tables are valid during the call only."""


class Session:
    """Engine with its recorder and observers, and the exchange of orders and events with a venue outside the engine."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        observers: tuple[Observer, ...],
        level: str,
        opinions: Opinions | None = None,
    ) -> None:
        """Take `level`: of the journal, see `rows_to_keep`; `opinions`: outputs of the signal models by the slots of
        events, None where the events hold all of them."""
        self._engine = engine
        self._recorder = recorder
        self._observers = observers
        self._level = level
        self._opinions = opinions
        self._decision_slots: NDArray[np.int64] = np.zeros(0, np.int64)  # slots of the events of the next decisions
        self._events = np.zeros(0, EVENT)
        self._slots = np.zeros(0, np.int64)  # rows of the window's events, in order
        self._bars_before_window = 0
        self._bars_drained = 0  # bars whose decisions are recorded
        self._rows = engine.account["order_state"]["n_rows"]
        self.bars = 0

    def run_inside(self, events: Table, i: int, n: int, slots: NDArray[np.int64]) -> None:
        """Process the bars in rows i … n−1 with the venue inside the engine; `slots`: of each row, see `EventBatch`."""
        self._decision_slots = slots[i:n]
        self._engine.run(events, i, n, self._record)
        self.bars += n - i

    def begin_window(self, events: Table, slots: NDArray[np.int64]) -> None:
        """Begin a window whose bars are given one at a time: rows `slots` of `events`, in this order."""
        self._events, self._slots = events, slots
        self._bars_before_window = self.bars

    def step_outside(self, venue: BarDrivenVenue, events: Table, i: int) -> None:
        """Process the bar in row i: first the venue's fills inside the bar, then the decision at its close."""
        venue_events = venue.on_bar(events, i)
        if len(venue_events):
            self._process(venue_events)
        self._engine.advance(events, i, i + 1)
        self.bars += 1
        if self._rows.item() or self.bars - self._bars_drained >= _DRAIN_EVERY:
            self._send(venue, self._drain())

    def apply_commands(self, venue: BarDrivenVenue, commands: tuple[Command, ...], ts: int) -> None:
        """Journal an operator's commands and process them as events of time `ts`; send the orders that result."""
        rows = np.zeros(len(commands), EVENT)
        rows["kind"] = EventKind.COMMAND
        rows["code"] = commands
        rows["ts"] = ts
        self._process(rows)
        self._recorder.sync()
        self._send(venue, self._drain())

    def apply_events(self, events: Table) -> None:
        """Journal and process events that come before the next bar and result in no orders, such as weights."""
        if len(events):
            self._process(events)

    def end_window(self) -> None:
        """Record every decision of the window, before its rows are overwritten."""
        self._drain()

    def finish(self) -> None:
        """Record the remaining decisions and close the recorder."""
        self._drain()
        self._recorder.close(Close(self.bars, self._engine.equity_quanta, self._engine.digest()))

    def _process(self, venue_events: Table) -> None:
        """Journal events with the number of bars before them, then process them."""
        rows = np.zeros(len(venue_events), INBOUND)
        rows["position"] = self.bars
        rows["event"] = venue_events
        self._recorder.record(RecordKind.INBOUND, rows.tobytes())
        i = 0
        while i < len(venue_events):
            i = self._engine.advance(venue_events, i, len(venue_events))

    def _drain(self) -> Output:
        undrained = self._slots[self._bars_drained - self._bars_before_window : self.bars - self._bars_before_window]
        self._decision_slots = undrained
        output = self._engine.drain(self._events.take(undrained))
        self._bars_drained = self.bars
        self._record(output)
        return output

    def _record(self, output: Output) -> None:
        if self._opinions is not None:
            output = replace(output, opinions=self._opinions(self._decision_slots[: len(output.decisions)]))
            self._decision_slots = self._decision_slots[len(output.decisions) :]
        kept = rows_to_keep(output, self._level)
        if self._opinions is not None:  # first: in a journal that is cut off no decision lacks its opinion
            self._recorder.record(RecordKind.OPINIONS, output.opinions[kept].tobytes())
        self._recorder.record(RecordKind.DECISIONS, output.decisions[kept].tobytes())
        self._recorder.record(RecordKind.ORDERS, output.orders.tobytes())
        for observer in self._observers:
            observer.observe(output)

    def _send(self, venue: BarDrivenVenue, output: Output) -> None:
        """Submit orders to the venue once they are on disk, and process the events that it returns."""
        leaving = output.leaving()
        if len(leaving):
            self._recorder.sync()
            venue_events = venue.submit(leaving)
            if len(venue_events):
                self._process(venue_events)
