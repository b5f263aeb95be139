"""Paper mode: recorded bars one at a time, a simulated venue behind the port, the clock's time, commands."""

import time
from itertools import islice

from quaestor.ports.clock import Clock
from quaestor.ports.operator import Commands
from quaestor.ports.progress import Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.life_cycle import manage_models
from quaestor.runtime.session.allocation import AllocationSchedule, schedule_for
from quaestor.runtime.session.finished import Finished, warm_up
from quaestor.runtime.session.session import Observer, Session


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
    schedule = AllocationSchedule(schedule_for(assembly, recorder))
    model_log = manage_models(assembly.deployment, assembly.config, feed, recorder)
    events, produce = feed.events, feed.producers
    engine.bind(events)
    for batch in feed.batches():
        session.begin_window(events, batch.slots)
        columns = (batch.stamps, batch.instruments, batch.rows, batch.slots)
        coming = zip(*(column.tolist() for column in columns), strict=True)
        for begin, end in schedule.parts(batch, session):
            for due, traded, row, slot in islice(coming, end - begin):
                clock.wait_until(due)
                given = commands.pending(session.bars)
                if given:
                    session.command(venue, given, due - assembly.interval_ns)
                    commands.journaled()
                    for manager in model_log.managers:
                        manager.obey(given)
                produce[traded](row, row + 1)
                if model_log.notes:
                    model_log.write()
                session.step_outside(venue, events, slot)
        session.end_window()
        progress.at(session.bars)
    session.finish()
    return Finished(engine, model_log, time.perf_counter() - started, compile_seconds)
