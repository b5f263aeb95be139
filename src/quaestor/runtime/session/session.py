"""The session around the engine: what turns its output into journal rows, orders at a venue, and answers."""

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

#: Decisions that wait in memory at most, when no order forces them out earlier.
_DRAIN_EVERY = 1024


class Observer(Protocol):
    """Sees every batch of output, for figures and progress."""

    def observe(self, output: Output) -> None:
        """Take note of a batch; its tables are valid during the call only."""


class Session:
    """Carries one engine's output to the recorder and the observers, and its orders to a venue when one is outside."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        observers: tuple[Observer, ...],
        level: str,
        opinions: Opinions | None = None,
    ) -> None:
        """`opinions`: of the signal models behind the events, by their slots in the table of all events."""
        self._engine = engine
        self._recorder = recorder
        self._observers = observers
        self._level = level
        self._opinions = opinions
        self._behind: NDArray[np.int64] = np.zeros(0, np.int64)  # slots of the events whose decisions come next
        self._events = np.zeros(0, EVENT)
        self._places = np.zeros(0, np.int64)  # rows of the window's events, in the order in which they are given
        self._begun = 0  # bars before the window
        self._told = 0  # bars whose decisions have been handed on
        self._rows = engine.account["order_state"]["n_rows"]
        self.bars = 0

    def run_inside(self, events: Table, i: int, n: int, slots: NDArray[np.int64]) -> None:
        """The bars in rows i … n-1 with the venue inside the engine; `slots` of each row, see `feed.EventBatch`."""
        self._behind = slots[i:n]
        self._engine.run(events, i, n, self._keep)
        self.bars += n - i

    def begin_window(self, events: Table, slots: NDArray[np.int64]) -> None:
        """From here on bars are given one at a time: those in rows `slots` of a table, in this order."""
        self._events, self._places = events, slots
        self._begun = self.bars

    def step_outside(self, venue: BarDrivenVenue, events: Table, i: int) -> None:
        """One bar: first the venue, where fills happen inside the bar, then the decision at its close."""
        venue_events = venue.on_bar(events, i)
        if len(venue_events):
            self._take(venue_events)
        self._engine.advance(events, i, i + 1)
        self.bars += 1
        if self._rows.item() or self.bars - self._told >= _DRAIN_EVERY:
            self._send(venue, self._flush())

    def command(self, venue: BarDrivenVenue, commands: tuple[Command, ...], ts: int) -> None:
        """An operator's commands, as events: journaled, processed, and what they order sent."""
        rows = np.zeros(len(commands), EVENT)
        rows["kind"] = EventKind.COMMAND
        rows["code"] = commands
        rows["ts"] = ts
        self._take(rows)
        self._recorder.sync()
        self._send(venue, self._flush())

    def inform(self, events: Table) -> None:
        """Something the engine is to know before the next bar, and that makes no orders."""
        if len(events):
            self._take(events)

    def end_window(self) -> None:
        """The events given so far are about to be overwritten: hand on what waits for company."""
        self._flush()

    def finish(self) -> None:
        """Write what is left and close the recorder."""
        self._flush()
        self._recorder.close(Close(self.bars, self._engine.equity_quanta, self._engine.digest()))

    def _take(self, venue_events: Table) -> None:
        """Messages are journaled, then processed."""
        rows = np.zeros(len(venue_events), INBOUND)
        rows["position"] = self.bars
        rows["event"] = venue_events
        self._recorder.record(RecordKind.INBOUND, rows.tobytes())
        i = 0
        while i < len(venue_events):
            i = self._engine.advance(venue_events, i, len(venue_events))

    def _flush(self) -> Output:
        waiting = self._places[self._told - self._begun : self.bars - self._begun]
        self._behind = waiting
        output = self._engine.drain(self._events.take(waiting))
        self._told = self.bars
        self._keep(output)
        return output

    def _keep(self, output: Output) -> None:
        if self._opinions is not None:
            output = replace(output, opinions=self._opinions(self._behind[: len(output.decisions)]))
            self._behind = self._behind[len(output.decisions) :]
        kept = rows_to_keep(output, self._level)
        if self._opinions is not None:  # first, so that no decision of a journal that is cut off lacks its opinion
            self._recorder.record(RecordKind.OPINIONS, output.opinions[kept].tobytes())
        self._recorder.record(RecordKind.DECISIONS, output.decisions[kept].tobytes())
        self._recorder.record(RecordKind.ORDERS, output.orders.tobytes())
        for observer in self._observers:
            observer.observe(output)

    def _send(self, venue: BarDrivenVenue, output: Output) -> None:
        """Orders leave only once they are on disk."""
        leaving = output.leaving()
        if len(leaving):
            self._recorder.sync()
            venue_events = venue.submit(leaving)
            if len(venue_events):
                self._take(venue_events)
