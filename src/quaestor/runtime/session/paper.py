"""Paper mode: a session over recorded bars, one at a time at a clock's pace, against a simulated venue."""

import time
from itertools import islice

from quaestor.ports.clock import Clock
from quaestor.ports.operator import Commands
from quaestor.ports.progress import Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.life_cycle import manage_models
from quaestor.runtime.session.allocation import AllocationSchedule, make_weight_schedule
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
    """Run a session over recorded bars, each when `clock` reaches its close, with the operator's commands in between.

    Raises:
        CheckpointError: see `runtime.models.life_cycle.manage_models`.
        ConfigError: see `runtime.models.life_cycle.manage_models`.
    """
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    feed, engine, venue = assembly.feed(), assembly.engine(), assembly.simulated_venue()
    session = Session(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    schedule = AllocationSchedule(make_weight_schedule(assembly, recorder))
    model_log = manage_models(assembly.deployment, assembly.config, feed, recorder)
    events, produce = feed.events, feed.producers
    engine.bind(events)
    for batch in feed.batches():
        session.begin_window(events, batch.slots)
        columns = (batch.stamps, batch.instruments, batch.rows, batch.slots)
        bars = zip(*(column.tolist() for column in columns), strict=True)
        for begin, end in schedule.parts(batch, session):
            for due, traded, row, slot in islice(bars, end - begin):
                clock.wait_until(due)
                given = commands.pending(session.bars)
                if given:
                    session.apply_commands(venue, given, due - assembly.interval_ns)
                    commands.journaled()
                    for manager in model_log.managers:
                        manager.apply_commands(given)
                produce[traded](row, row + 1)
                if model_log.notes:
                    model_log.write()
                session.step_outside(venue, events, slot)
        session.end_window()
        progress.at(session.bars)
    session.finish()
    return Finished(engine, model_log, time.perf_counter() - started, compile_seconds)
