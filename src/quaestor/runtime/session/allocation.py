"""Allocation: weights of the instruments of an account, estimated in the session, given to the engine as events.

The events are journaled. A run that is repeated (replay, recovery) takes them from the journal and estimates nothing,
so it needs neither the optimiser nor the same bits from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.allocators.catalog import FIXED
from quaestor.domain.market_matrix import Column
from quaestor.engine.feed import EventBatch, TradedInstrument
from quaestor.jit.tables import Table
from quaestor.ledger.codes import EventKind
from quaestor.ledger.rows import EVENT
from quaestor.numeric.arithmetic import RATE_ONE
from quaestor.ports.allocation import Allocator
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder, VerifyingRecorder
from quaestor.runtime.session.session import Session

#: Share of a look-back in which an instrument must have had a bar to be estimated.
_PRESENT_MIN = 0.5
_NO_EVENTS = np.zeros(0, EVENT)


class WeightSource(Protocol):
    """Source of weights: an estimate, or the journal of an earlier run."""

    def events(self, bars: int, ts: int) -> Table:
        """Return the weights that hold after `bars` bars, from those that close at `ts` on.

        Returns:
            Rows of dtype EVENT, one an instrument; none where weights stay as they are.
        """
        ...


@dataclass(frozen=True, slots=True)
class WeightSchedule:
    """Times at which weights are due: the first bar of all, and the first of every period of time after it."""

    source: WeightSource
    first_ts: int
    period_ns: int

    def cut(self, batch: EventBatch, last_ts: int | None) -> Iterator[tuple[int, int, bool]]:
        """Yield the parts of a batch: first event, event after the last, and whether weights are due before it.

        Args:
            batch: events in order.
            last_ts: close of the last bar before the batch; None for the first batch of a run.
        """
        periods = (batch.stamps - self.first_ts) // self.period_ns
        before = -1 if last_ts is None else (last_ts - self.first_ts) // self.period_ns
        turns = np.flatnonzero(np.diff(periods, prepend=before)).tolist()
        begins = turns if turns and turns[0] == 0 else [0, *turns]
        for begin, end in zip(begins, [*begins[1:], len(batch)], strict=True):
            yield begin, end, begin in turns


class EstimatedWeights:
    """Weight source that estimates from the returns known at the time."""

    def __init__(
        self, allocator: Allocator, traded_instruments: Sequence[TradedInstrument], lookback: int, *, fixed: bool
    ) -> None:
        self._allocator = allocator
        self._traded = tuple(traded_instruments)
        self._lookback = lookback
        self._fixed = fixed

    def events(self, bars: int, ts: int) -> Table:  # noqa: ARG002
        """See `WeightSource`."""
        n = len(self._traded)
        if self._fixed:
            return _events(self._allocator.weights(np.zeros((0, n))), ts, self._traded)
        returns, ready = known_returns(self._traded, ts, self._lookback)
        if np.count_nonzero(ready) < 2:
            return _NO_EVENTS
        weights = np.full(n, 1.0 / n)
        weights[ready] = self._allocator.weights(returns[:, ready]) * np.count_nonzero(ready) / n
        return _events(weights, ts, self._traded)


class RecordedWeights:
    """Weight source that reads a journal: each weight again after as many bars as before, then those of `onward`."""

    def __init__(self, rows: Table, bars_repeated: int | None, onward: WeightSource) -> None:
        """Take `rows`: of dtype INBOUND; `bars_repeated`: bars that the journal covers, None for a complete journal."""
        self._rows = rows
        self._bars_repeated = bars_repeated
        self._onward = onward

    def events(self, bars: int, ts: int) -> Table:
        """See `WeightSource`."""
        if self._bars_repeated is None or bars < self._bars_repeated:
            return self._rows["event"][self._rows["position"] == bars]
        return self._onward.events(bars, ts)


def make_weight_schedule(assembly: Assembly, recorder: Recorder) -> WeightSchedule | None:
    """Return the schedule and source of a run's weights; None when all instruments have equal weights throughout."""
    if assembly.allocator is None:
        return None
    chosen = assembly.config.allocation
    fixed = chosen.method == FIXED
    source: WeightSource = EstimatedWeights(
        assembly.allocator, assembly.traded_instruments, chosen.lookback_bars, fixed=fixed
    )
    if isinstance(recorder, VerifyingRecorder):
        repeated = None if recorder.is_complete else recorder.bars_begun()
        source = RecordedWeights(recorder.allocations(), repeated, source)
    first = min(int(traded.bars.ts[0]) for traded in assembly.traded_instruments) + assembly.interval_ns
    period = 2**62 if fixed else chosen.every_bars * assembly.interval_ns
    return WeightSchedule(source, first, period)


def known_returns(
    traded_instruments: Sequence[TradedInstrument], ts: int, lookback: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the bar returns of a look-back that ends before `ts`, and which instruments can be estimated from them.

    Returns:
        float64 (lookback, n), 0 where an instrument had no bar, the whole change at its next bar; bool (n,): whether
        the instrument had bars before the look-back and in at least half of it, and its price moved.
    """
    interval = traded_instruments[0].bars.interval_ns
    start = ts - interval * (lookback + 1)  # close of the bar before the first return
    returns = np.zeros((lookback, len(traded_instruments)))
    ready = np.zeros(len(traded_instruments), np.bool_)
    for k, traded in enumerate(traded_instruments):
        closed = traded.bars.ts + interval
        first, stop = (int(np.searchsorted(closed, at, side="left")) for at in (start + 1, ts))
        if first == 0 or stop - first < _PRESENT_MIN * lookback:
            continue
        closes = traded.bars.column(Column.CLOSE)[first - 1 : stop]
        slots = (closed[first:stop] - start - 1) // interval
        returns[slots, k] = np.diff(closes) / closes[:-1]
        ready[k] = bool(np.ptp(returns[:, k]) > 0.0)
    return returns, ready


def _events(weights: NDArray[np.float64], ts: int, traded_instruments: Sequence[TradedInstrument]) -> Table:
    """Return one event an instrument, float64 (n,) weights as whole units of a rate that add up to one exactly."""
    rates = np.floor(weights * RATE_ONE).astype(np.int64)
    rates[int(np.argmax(rates))] += RATE_ONE - int(rates.sum())
    rows = np.zeros(len(traded_instruments), EVENT)
    rows["kind"] = EventKind.ALLOCATION
    rows["ts"] = ts - traded_instruments[0].bars.interval_ns
    rows["instrument"] = np.arange(len(traded_instruments))
    rows["amount"] = rates
    return rows


class AllocationSchedule:
    """Weight schedule of one session: cuts batches where weights are due, and gives the engine the weights there."""

    def __init__(self, schedule: WeightSchedule | None) -> None:
        self._schedule = schedule
        self._last_ts: int | None = None

    def parts(self, batch: EventBatch, session: Session) -> Iterator[tuple[int, int]]:
        """Yield first and last (exclusive) event of each part of a batch, after applying the weights due before it."""
        if self._schedule is None:
            yield 0, len(batch)
            return
        for begin, end, is_due in self._schedule.cut(batch, self._last_ts):
            if is_due:
                session.apply_events(self._schedule.source.events(session.bars, int(batch.stamps[begin])))
            yield begin, end
        self._last_ts = int(batch.stamps[-1])
