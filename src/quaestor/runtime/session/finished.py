"""Beginning and end of a run in every mode: compilation before the first bar, and the finished run."""

import time
from dataclasses import dataclass

from quaestor.engine.engine import Engine
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.models.log import ModelLog


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended: the engine and the signal models as they stand, and where the time went."""

    engine: Engine
    model_log: ModelLog
    seconds: float
    compile_seconds: float


def warm_up(assembly: Assembly) -> float:
    """Compile (or load from the cache) everything the run will call, on a scratch copy; return the seconds it took."""
    started = time.perf_counter()
    feed, engine = assembly.feed(), assembly.engine()
    batch = next(feed.batches())
    for pipeline, count in zip(feed.pipelines, batch.counts, strict=True):
        pipeline.advance(0, min(count, 2))
    engine.advance(feed.events, 0, min(batch.counts[0], 2))
    if not assembly.venue_inside:
        venue = assembly.simulated_venue()
        venue.on_bar(feed.events, 0)
        venue.submit(engine.no_orders())
    return time.perf_counter() - started
