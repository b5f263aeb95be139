"""Who gets how much of the account: estimated now and then in the session, told to the engine as journaled events.

A run that is repeated (replay, recovery) takes the journal's events and estimates nothing: neither the optimiser nor
its bits need be there again.
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


class Weigher(Protocol):
    """Where the weights of a moment come from."""

    def events(self, bars: int, ts: int) -> Table:
        """Events to be taken after `bars` bars, before those that close at `ts`; none: weights stay as they are."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """At which bars weights are due: the first of all, and the first of every period of time after it."""

    weigher: Weigher
    first_ts: int
    period_ns: int

    def cut(self, batch: EventBatch, last_ts: int | None) -> Iterator[tuple[int, int, bool]]:
        """Parts of a stretch (begin, end, whether weights are due before it); `last_ts`: of the last bar before it."""
        periods = (batch.stamps - self.first_ts) // self.period_ns
        before = -1 if last_ts is None else (last_ts - self.first_ts) // self.period_ns
        turns = np.flatnonzero(np.diff(periods, prepend=before)).tolist()
        begins = turns if turns and turns[0] == 0 else [0, *turns]
        for begin, end in zip(begins, [*begins[1:], len(batch)], strict=True):
            yield begin, end, begin in turns


class Estimated:
    """Weights from the returns that are known at the time."""

    def __init__(
        self, allocator: Allocator, traded_instruments: Sequence[TradedInstrument], lookback: int, *, fixed: bool
    ) -> None:
        self._allocator = allocator
        self._traded = tuple(traded_instruments)
        self._lookback = lookback
        self._fixed = fixed

    def events(self, bars: int, ts: int) -> Table:  # noqa: ARG002
        """See `Weigher`."""
        n = len(self._traded)
        if self._fixed:
            return _events(self._allocator.weights(np.zeros((0, n))), ts, self._traded)
        returns, ready = known_returns(self._traded, ts, self._lookback)
        if np.count_nonzero(ready) < 2:
            return _NO_EVENTS
        weights = np.full(n, 1.0 / n)
        weights[ready] = self._allocator.weights(returns[:, ready]) * np.count_nonzero(ready) / n
        return _events(weights, ts, self._traded)


class Recorded:
    """Weights of an earlier start, each taken after as many bars as then; beyond what is repeated, new ones."""

    def __init__(self, rows: Table, bars_repeated: int | None, onward: Weigher) -> None:
        self._rows = rows
        self._bars_repeated = bars_repeated
        self._onward = onward

    def events(self, bars: int, ts: int) -> Table:
        """See `Weigher`."""
        if self._bars_repeated is None or bars < self._bars_repeated:
            return self._rows["event"][self._rows["position"] == bars]
        return self._onward.events(bars, ts)


def schedule_for(assembly: Assembly, recorder: Recorder) -> Schedule | None:
    """When and whence the weights of a run come; None when every instrument has the same for good."""
    if assembly.allocator is None:
        return None
    chosen = assembly.config.allocation
    fixed = chosen.method == FIXED
    weigher: Weigher = Estimated(assembly.allocator, assembly.traded_instruments, chosen.lookback_bars, fixed=fixed)
    if isinstance(recorder, VerifyingRecorder):
        repeated = None if recorder.is_complete else recorder.bars_begun()
        weigher = Recorded(recorder.allocations(), repeated, weigher)
    first = min(int(traded.bars.ts[0]) for traded in assembly.traded_instruments) + assembly.interval_ns
    period = 2**62 if fixed else chosen.every_bars * assembly.interval_ns
    return Schedule(weigher, first, period)


def known_returns(
    traded_instruments: Sequence[TradedInstrument], ts: int, lookback: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Returns bar by bar over the look-back that ends with the bars that closed before `ts`, and who is ready.

    Returns:
        float64 (lookback, n), 0 where an instrument had no bar; bool (n,): whether it had bars before the look-back and
        in most of it, and its price moved.
    """
    interval = traded_instruments[0].bars.interval_ns
    start = ts - interval * (lookback + 1)  # close of the bar before the first return
    returns = np.zeros((lookback, len(traded_instruments)))
    ready = np.zeros(len(traded_instruments), np.bool_)
    for k, traded in enumerate(traded_instruments):
        closed = traded.bars.ts + interval
        first, stop = (int(np.searchsorted(closed, moment, side="left")) for moment in (start + 1, ts))
        if first == 0 or stop - first < _PRESENT_MIN * lookback:
            continue
        closes = traded.bars.column(Column.CLOSE)[first - 1 : stop]
        slots = (closed[first:stop] - start - 1) // interval
        returns[slots, k] = np.diff(closes) / closes[:-1]
        ready[k] = bool(np.ptp(returns[:, k]) > 0.0)
    return returns, ready


def _events(weights: NDArray[np.float64], ts: int, traded_instruments: Sequence[TradedInstrument]) -> Table:
    """One event an instrument, the weights in whole units of a rate that add up to one exactly."""
    rates = np.floor(weights * RATE_ONE).astype(np.int64)
    rates[int(np.argmax(rates))] += RATE_ONE - int(rates.sum())
    rows = np.zeros(len(traded_instruments), EVENT)
    rows["kind"] = EventKind.ALLOCATION
    rows["ts"] = ts - traded_instruments[0].bars.interval_ns
    rows["instrument"] = np.arange(len(traded_instruments))
    rows["amount"] = rates
    return rows


class AllocationSchedule:
    """Parts of the stream between which the engine is told something that no bar says."""

    def __init__(self, schedule: Schedule | None) -> None:
        self._schedule = schedule
        self._last_ts: int | None = None

    def parts(self, batch: EventBatch, session: Session) -> Iterator[tuple[int, int]]:
        """First and last (exclusive) event of each part; what the engine is to know before a part has been told."""
        if self._schedule is None:
            yield 0, len(batch)
            return
        for begin, end, is_due in self._schedule.cut(batch, self._last_ts):
            if is_due:
                session.inform(self._schedule.weigher.events(session.bars, int(batch.stamps[begin])))
            yield begin, end
        self._last_ts = int(batch.stamps[-1])
