"""The modes: one engine, and only the ports differ."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from quaestor.engine.engine import Engine
from quaestor.engine.feed import EventBatch
from quaestor.ports.clock import Clock
from quaestor.ports.operator import Commands
from quaestor.ports.progress import Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.log import ModelLog, manage_models
from quaestor.runtime.session.allocation import Schedule, schedule_for
from quaestor.runtime.session.session import Observer, Session


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: the engine and the signal models as they stand, and where the time went."""

    engine: Engine
    model_log: ModelLog
    seconds: float
    compile_seconds: float


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


def run_backtest(
    assembly: Assembly, recorder: Recorder, observers: tuple[Observer, ...], progress: Progress
) -> Finished:
    """Recorded data, venue inside, event time."""
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    session = Session(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    moments = AllocationSchedule(schedule_for(assembly, recorder))
    model_log = manage_models(assembly, feed, recorder)
    for batch in feed.batches():
        events = feed.produce(batch)
        model_log.write()
        for begin, end in moments.parts(batch, session):
            session.run_inside(events, begin, end, batch.slots)
        progress.at(session.bars)
    session.finish()
    return Finished(engine, model_log, time.perf_counter() - started, compile_seconds)


def run_paper(
    assembly: Assembly,
    recorder: Recorder,
    observers: tuple[Observer, ...],
    progress: Progress,
    clock: Clock,
    commands: Commands,
) -> Finished:
    """Recorded data one bar at a time, a simulated venue behind the port, the clock's time, an operator's commands."""
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    feed, engine, venue = assembly.feed(), assembly.engine(), assembly.simulated_venue()
    session = Session(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    moments = AllocationSchedule(schedule_for(assembly, recorder))
    model_log = manage_models(assembly, feed, recorder)
    events, produce = feed.events, feed.producers
    engine.bind(events)
    for batch in feed.batches():
        session.begin_window(events, batch.slots)
        columns = (batch.stamps, batch.instruments, batch.rows, batch.slots)
        coming = zip(*(column.tolist() for column in columns), strict=True)
        for begin, end in moments.parts(batch, session):
            for due, traded, row, slot in islice(coming, end - begin):
                clock.wait_until(due)
                given = commands.pending(session.bars)
                if given:
                    session.command(venue, given, due - assembly.interval_ns)
                    commands.journaled()
                    for keeper in model_log.managers:
                        keeper.obey(given)
                produce[traded](row, row + 1)
                if model_log.notes:
                    model_log.write()
                session.step_outside(venue, events, slot)
        session.end_window()
        progress.at(session.bars)
    session.finish()
    return Finished(engine, model_log, time.perf_counter() - started, compile_seconds)


def warm_up(assembly: Assembly) -> float:
    """Compile (or load from the cache) everything the run will call, on a scratch copy; returns the seconds it took."""
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    batch = next(feed.batches())
    for loop, count in zip(feed.loops, batch.counts, strict=True):
        loop.advance(0, min(count, 2))
    engine.advance(feed.events, 0, min(batch.counts[0], 2))
    if not assembly.venue_inside:
        venue = assembly.simulated_venue()
        venue.on_bar(feed.events, 0)
        venue.submit(engine.no_orders())
    return time.perf_counter() - started
