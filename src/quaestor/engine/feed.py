"""The bars of several instruments as one stream of events, in the order in which they became known.

Two bars that close together come in the order of their instruments on the account. Each instrument keeps its own open
loop and its own window; an instrument without a bar at a time simply has no event there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.signal_model import Mind
from quaestor.domain.bars import Bars
from quaestor.domain.instrument import Instrument
from quaestor.engine.signal_pipeline import WINDOW_ROWS, OpenLoop
from quaestor.jit.tables import Table
from quaestor.ledger.rows import EVENT

#: Every output of the minds that produced some rows of the table of events: float64 (rows, outputs).
Opinions = Callable[[NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Member:
    """One instrument of an account: its bars, the settlements aligned to them (see `engine.market_rows`), its rules."""

    bars: Bars
    funding: NDArray[np.float64] | None
    instrument: Instrument

    def until(self, ts: int) -> "Member":
        """With the bars alone that close by `ts`."""
        n = int(np.searchsorted(self.bars.ts + self.bars.interval_ns, ts, side="right"))
        return replace(self, bars=self.bars.part(0, n), funding=None if self.funding is None else self.funding[:, :n])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bars of every member that lie in the windows together.

    Attributes:
        stamps: int64 (n,), when each became known, ascending.
        members: int64 (n,), whose it is.
        rows: int64 (n,), its row in that member's window.
        places: int64 (n,), its row in the table of events of all members.
        counts: bars of each member.
    """

    stamps: NDArray[np.int64]
    members: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.stamps)


#: Rows of a member's window where several share them: each costs some calls from Python.
_ROWS_MIN = 512


class Feed:
    """Every member's open loop over one table of events.

    `producers[k](i, n)` produces the events of rows i … n-1 of member k's window; `events` holds them, a window a
    member.
    """

    def __init__(
        self, minds: Sequence[Mind], members: Sequence[Member], *, levels: bool = False, window_rows: int | None = None
    ) -> None:
        """`minds`: of each member, all of the same code: they may differ in their tables. `window_rows`: of all windows
        together; as many as are fast when None."""
        self._members = tuple(members)
        if window_rows is None:
            self._rows = max(_ROWS_MIN, WINDOW_ROWS // len(members))
        else:
            self._rows = max(1, window_rows // len(members))
        self.events: Table = np.zeros(len(members) * self._rows, EVENT)
        self._merged: Table = self.events if len(members) == 1 else np.zeros_like(self.events)
        self.loops = tuple(
            OpenLoop(
                minds[k],
                member.instrument,
                member.bars.interval_ns,
                index=k,
                rows=self._rows,
                levels=levels,
                events=self.events[k * self._rows : (k + 1) * self._rows],
            )
            for k, member in enumerate(members)
        )
        #: ``producers[k](i, n)`` produces rows i … n−1 of member k: its open loop's, or what stands before that.
        self.producers: list[Callable[[int, int], None]] = [loop.advance for loop in self.loops]
        #: Everything that the minds said; None where that is no more than the events hold.
        self.opinions: Opinions | None = None if minds[0].is_plain else self._opinions

    def stretches(self) -> Iterator[Stretch]:
        """Bring all bars through the windows, stretch by stretch; the open loops have yet to be advanced over each.

        Raises:
            DataError: a member's bars lack a row that a feature needs.
        """
        starts = [0] * len(self._members)
        while any(start < len(member.bars) for start, member in zip(starts, self._members, strict=True)):
            stops = self._stops(starts)
            spans = list(zip(self._members, self.loops, starts, stops, strict=True))
            counts = tuple(loop.load(m.bars, m.funding, start, stop) for m, loop, start, stop in spans)
            stamps = [m.bars.ts[start:stop] + m.bars.interval_ns for m, _, start, stop in spans]
            yield _merge(stamps, counts, self._rows)
            starts = stops

    def produce(self, stretch: Stretch) -> Table:
        """Produce every event of a stretch; they come back in order, in the first rows of a table that is reused."""
        for produce, count in zip(self.producers, stretch.counts, strict=True):
            produce(0, count)
        if self._merged is not self.events:
            np.take(self.events, stretch.places, out=self._merged[: len(stretch)], mode="clip")
        return self._merged

    def _opinions(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """`places` in order, so that each member's rows follow one another."""
        gathered = np.empty((len(places), len(self.loops[0].opinion)))
        members = places // self._rows
        for k, loop in enumerate(self.loops):
            own = np.flatnonzero(members == k)
            if len(own):
                first = int(places[own[0]]) - k * self._rows
                gathered[own] = loop.opinion[:, first : first + len(own)].T
        return gathered

    def _stops(self, starts: Sequence[int]) -> list[int]:
        """How far each member may go so that none passes a bar of another that is not in its window yet."""
        series = [member.bars.ts for member in self._members]
        ends = [min(start + self._rows, len(ts)) for start, ts in zip(starts, series, strict=True)]
        waiting = [int(ts[end - 1]) for ts, end in zip(series, ends, strict=True) if end < len(ts)]
        if not waiting:
            return ends
        reach = min(waiting)
        return [int(np.searchsorted(ts[:end], reach, side="right")) for ts, end in zip(series, ends, strict=True)]


def _merge(stamps: Sequence[NDArray[np.int64]], counts: tuple[int, ...], window_rows: int) -> Stretch:
    if len(stamps) == 1:
        rows = np.arange(counts[0])
        return Stretch(stamps[0], np.zeros_like(rows), rows, rows, counts)
    joined = np.concatenate(stamps)
    order = np.argsort(joined, kind="stable")
    members = np.repeat(np.arange(len(counts)), counts)
    rows = np.concatenate([np.arange(count) for count in counts])
    return Stretch(joined[order], members[order], rows[order], (members * window_rows + rows)[order], counts)
