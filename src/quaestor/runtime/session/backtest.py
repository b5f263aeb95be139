"""Backtest mode: a session over recorded bars with the venue inside the engine, in event time."""

import time

from quaestor.ports.progress import Progress
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.life_cycle import manage_models
from quaestor.runtime.session.allocation import AllocationSchedule, make_weight_schedule
from quaestor.runtime.session.finished import Finished, warm_up
from quaestor.runtime.session.session import Observer, Session


def run_backtest(
    assembly: Assembly, recorder: Recorder, observers: tuple[Observer, ...], progress: Progress
) -> Finished:
    """Run a session over recorded bars with the venue inside the engine.

    Raises:
        CheckpointError: see `runtime.models.life_cycle.manage_models`.
        ConfigError: see `runtime.models.life_cycle.manage_models`.
    """
    compile_seconds = warm_up(assembly)
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    session = Session(engine, recorder, observers, assembly.config.journal.level, feed.opinions)
    schedule = AllocationSchedule(make_weight_schedule(assembly, recorder))
    model_log = manage_models(assembly.deployment, assembly.config, feed, recorder)
    for batch in feed.batches():
        events = feed.produce(batch)
        model_log.write()
        for begin, end in schedule.parts(batch, session):
            session.run_inside(events, begin, end, batch.slots)
        progress.at(session.bars)
    session.finish()
    return Finished(engine, model_log, time.perf_counter() - started, compile_seconds)
