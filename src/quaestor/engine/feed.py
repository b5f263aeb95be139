"""Feed: merges the bars of several instruments into one stream of events, in the order in which they became known.

Bars that close together come in the order of their instruments on the account. Each instrument has its own signal
pipeline and window; an instrument without a bar at some time has no event then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.signal_model import SignalModel
from quaestor.domain.bars import Bars
from quaestor.domain.instrument import Instrument
from quaestor.engine.signal_pipeline import WINDOW_ROWS, SignalPipeline
from quaestor.jit.tables import Table
from quaestor.ledger.rows import EVENT

#: Function of some rows of the table of events; returns all outputs of their signal models, float64 (rows, outputs).
Opinions = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class TradedInstrument:
    """Instrument of an account: its bars, the settlements aligned to them (see `engine.market_rows`) and its rules."""

    bars: Bars
    funding: NDArray[np.float64] | None
    instrument: Instrument

    def until(self, ts: int) -> "TradedInstrument":
        """Return the instrument with only the bars that close by `ts` (ns UTC)."""
        n = int(np.searchsorted(self.bars.ts + self.bars.interval_ns, ts, side="right"))
        return replace(self, bars=self.bars.part(0, n), funding=None if self.funding is None else self.funding[:, :n])


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Bars of every instrument that lie in the windows together.

    Attributes:
        stamps: int64 (n,), ns UTC: when each bar became known, ascending.
        instruments: int64 (n,), index of its instrument.
        rows: int64 (n,), its row in that instrument's window.
        slots: int64 (n,), its row in the table of events of all traded instruments.
        counts: number of bars of each instrument.
    """

    stamps: NDArray[np.int64]
    instruments: NDArray[np.int64]
    rows: NDArray[np.int64]
    slots: NDArray[np.int64]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.stamps)


#: Least rows of an instrument's window where several share a table: each window costs some calls from Python.
_ROWS_MIN = 512


class Feed:
    """Signal pipelines of all instruments over one table of events.

    `producers[k](i, n)` produces the events of rows i … n-1 of instrument k's window; `events` holds them, one window
    after another.
    """

    def __init__(
        self,
        signal_models: Sequence[SignalModel],
        traded_instruments: Sequence[TradedInstrument],
        *,
        levels: bool = False,
        window_rows: int | None = None,
    ) -> None:
        """Create a pipeline for each instrument.

        Args:
            signal_models: one for each instrument, of the same code with different tables.
            traded_instruments: in the order of the account.
            levels: whether events hold support and resistance.
            window_rows: rows of all windows together; None: chosen for speed.
        """
        self.traded_instruments = tuple(traded_instruments)
        if window_rows is None:
            self._rows = max(_ROWS_MIN, WINDOW_ROWS // len(traded_instruments))
        else:
            self._rows = max(1, window_rows // len(traded_instruments))
        self.events: Table = np.zeros(len(traded_instruments) * self._rows, EVENT)
        self._merged: Table = self.events if len(traded_instruments) == 1 else np.zeros_like(self.events)
        self.pipelines = tuple(
            SignalPipeline(
                signal_models[k],
                traded.instrument,
                traded.bars.interval_ns,
                index=k,
                rows=self._rows,
                levels=levels,
                events=self.events[k * self._rows : (k + 1) * self._rows],
            )
            for k, traded in enumerate(traded_instruments)
        )
        #: ``producers[k](i, n)`` produces rows i … n−1 of instrument k: its signal pipeline, or a wrapper of it.
        self.producers: list[Callable[[int, int], None]] = [pipeline.advance for pipeline in self.pipelines]
        #: All outputs of the signal models; None where the events hold all of them.
        self.opinions: Opinions | None = None if signal_models[0].is_plain else self._opinions

    def batches(self) -> Iterator[EventBatch]:
        """Load all bars into the windows batch by batch and yield each batch, over which the pipelines then advance.

        Raises:
            DataError: an instrument's bars lack a row that a feature needs.
        """
        starts = [0] * len(self.traded_instruments)
        while any(start < len(traded.bars) for start, traded in zip(starts, self.traded_instruments, strict=True)):
            stops = self._stops(starts)
            spans = list(zip(self.traded_instruments, self.pipelines, starts, stops, strict=True))
            counts = tuple(pipeline.load(m.bars, m.funding, start, stop) for m, pipeline, start, stop in spans)
            stamps = [m.bars.ts[start:stop] + m.bars.interval_ns for m, _, start, stop in spans]
            yield _merge(stamps, counts, self._rows)
            starts = stops

    def produce(self, batch: EventBatch) -> Table:
        """Produce and return the events of a batch in order, in the first rows of a table that is reused."""
        for produce, count in zip(self.producers, batch.counts, strict=True):
            produce(0, count)
        if self._merged is not self.events:
            np.take(self.events, batch.slots, out=self._merged[: len(batch)], mode="clip")
        return self._merged

    def _opinions(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the opinions of some slots, which are consecutive and ascending for each instrument."""
        gathered = np.empty((len(slots), len(self.pipelines[0].opinion)))
        instruments = slots // self._rows
        for k, pipeline in enumerate(self.pipelines):
            own = np.flatnonzero(instruments == k)
            if len(own):
                first = int(slots[own[0]]) - k * self._rows
                gathered[own] = pipeline.opinion[:, first : first + len(own)].T
        return gathered

    def _stops(self, starts: Sequence[int]) -> list[int]:
        """Return where each instrument's batch ends: at the latest with the last bar in any full window."""
        series = [traded.bars.ts for traded in self.traded_instruments]
        ends = [min(start + self._rows, len(ts)) for start, ts in zip(starts, series, strict=True)]
        waiting = [int(ts[end - 1]) for ts, end in zip(series, ends, strict=True) if end < len(ts)]
        if not waiting:
            return ends
        reach = min(waiting)
        return [int(np.searchsorted(ts[:end], reach, side="right")) for ts, end in zip(series, ends, strict=True)]


def _merge(stamps: Sequence[NDArray[np.int64]], counts: tuple[int, ...], window_rows: int) -> EventBatch:
    if len(stamps) == 1:
        rows = np.arange(counts[0])
        return EventBatch(stamps[0], np.zeros_like(rows), rows, rows, counts)
    joined = np.concatenate(stamps)
    order = np.argsort(joined, kind="stable")
    instruments = np.repeat(np.arange(len(counts)), counts)
    rows = np.concatenate([np.arange(count) for count in counts])
    return EventBatch(joined[order], instruments[order], rows[order], (instruments * window_rows + rows)[order], counts)
