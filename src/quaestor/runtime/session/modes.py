"""The modes: one engine, and only the ports differ."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from quaestor.engine.engine import Engine
from quaestor.engine.feed import Stretch
from quaestor.ports.clock import Clock
from quaestor.ports.operator import Commands
from quaestor.ports.progress import Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.log import Diary, keep_models
from quaestor.runtime.session.allocation import Schedule, schedule_for
from quaestor.runtime.session.session import Observer, Shell


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: the engine and the minds as they stand, and where the time went."""

    engine: Engine
    diary: Diary
    seconds: float
    compile_seconds: float


class Moments:
    """Parts of the stream between which the engine is told something that no bar says."""

    def __init__(self, schedule: Schedule | None) -> None:
        self._schedule = schedule
        self._last_ts: int | None = None

    def parts(self, stretch: Stretch, shell: Shell) -> Iterator[tuple[int, int]]:
        """First and last (exclusive) event of each part; what the engine is to know before a part has been told."""
        if self._schedule is None:
            yield 0, len(stretch)
            return
        for begin, end, is_due in self._schedule.cut(stretch, self._last_ts):
            if is_due:
                shell.inform(self._schedule.weigher.events(shell.bars, int(stretch.stamps[begin])))
            yield begin, end
        self._last_ts = int(stretch.stamps[-1])


def run_backtest(
    assembly: Assembly, recorder: Recorder, observers: tuple[Observer, ...], progress: Progress
) -> Finished:
    """Recorded data, venue inside, event time."""
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    shell = Shell(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    moments = Moments(schedule_for(assembly, recorder))
    diary = keep_models(assembly, feed, recorder)
    for stretch in feed.stretches():
        events = feed.produce(stretch)
        diary.write()
        for begin, end in moments.parts(stretch, shell):
            shell.run_inside(events, begin, end, stretch.places)
        progress.at(shell.bars)
    shell.finish()
    return Finished(engine, diary, time.perf_counter() - started, compile_seconds)


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
    shell = Shell(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    moments = Moments(schedule_for(assembly, recorder))
    diary = keep_models(assembly, feed, recorder)
    events, produce = feed.events, feed.producers
    engine.bind(events)
    for stretch in feed.stretches():
        shell.begin_window(events, stretch.places)
        columns = (stretch.stamps, stretch.members, stretch.rows, stretch.places)
        coming = zip(*(column.tolist() for column in columns), strict=True)
        for begin, end in moments.parts(stretch, shell):
            for due, member, row, place in islice(coming, end - begin):
                clock.wait_until(due)
                given = commands.pending(shell.bars)
                if given:
                    shell.command(venue, given, due - assembly.interval_ns)
                    commands.journaled()
                    for keeper in diary.keepers:
                        keeper.obey(given)
                produce[member](row, row + 1)
                if diary.notes:
                    diary.write()
                shell.step_outside(venue, events, place)
        shell.end_window()
        progress.at(shell.bars)
    shell.finish()
    return Finished(engine, diary, time.perf_counter() - started, compile_seconds)


def warm_up(assembly: Assembly) -> float:
    """Compile (or load from the cache) everything the run will call, on a scratch copy; returns the seconds it took."""
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    stretch = next(feed.stretches())
    for loop, count in zip(feed.loops, stretch.counts, strict=True):
        loop.advance(0, min(count, 2))
    engine.advance(feed.events, 0, min(stretch.counts[0], 2))
    if not assembly.venue_inside:
        venue = assembly.simulated_venue()
        venue.on_bar(feed.events, 0)
        venue.submit(engine.no_orders())
    return time.perf_counter() - started
