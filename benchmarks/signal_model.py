"""A whole decision, one bar at a time: 25 features, regime, every tabular model, ensemble, officer, orders.

Everything that the strategy `learned` does at its defaults is on: the four learners, a specialist, two online models,
four classical members, a learned filter of regimes, calibration, pool, costs, drift. What is read from disk
and written to a journal is not in it.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.data import configuration, write_minutes
from benchmarks.measure import Figures, percentiles_us
from benchmarks.mind_bars import bars_with_book
from quaestor.analysis.stopwatch import cpu_seconds
from quaestor.brain.models.contract import Family
from quaestor.brain.signal_model import SignalModel
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.outputs import inputs
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.engine.engine import Engine
from quaestor.engine.signal_pipeline import SignalPipeline
from quaestor.features.sets import feature_set
from quaestor.jit.compile import entry_point
from quaestor.ledger.order_table import IDS_PER_ORDER
from quaestor.research.training.model_costs import predicting
from quaestor.research.training.settings import TrainingSettings
from quaestor.research.training.train import train
from quaestor.runtime.assembly.assemble import Assembly, assemble

_TRAINING = 20_000
_WARM = 10_000  # bars that the model has seen, in one call, before single bars are timed
_CALLS = 20_000
_ROUNDS = 5
#: Every check is made and few opinions fail one, so that the officer and the planner have work too.
_EAGER = TradingSettings(
    round_trip=0.0026,
    order_value=10_000.0,
    margin=0.0,
    sigmas=0.0,
    confidence_min=0.1,
    noise_max=1.0,
    volume_min=0.0,
    frames_min=0,
)


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """A trained signal model, and the bars after those that it was trained on."""

    artefact: Artefact
    signal_model: SignalModel
    bars: Bars
    assembly: Assembly

    def pipeline(self) -> SignalPipeline:
        """A fresh signal pipeline that holds all the bars."""
        pipeline = SignalPipeline(
            self.signal_model,
            self.assembly.traded_instruments[0].instrument,
            self.bars.interval_ns,
            rows=len(self.bars),
        )
        pipeline.load(self.bars, None, 0)
        return pipeline


def measure_signal_model() -> Figures:
    """Wall microseconds of single bars, part by part and whole; rows a CPU-second of many bars in one call."""
    subject, training_s = _train()
    manifest = subject.artefact.manifest
    return {
        "features": len(manifest.features),
        "regime_features": len(manifest.regime_features),
        "models": len(manifest.models),
        "nodes": len(subject.artefact.tables["nodes"]),
        "training_rows": _TRAINING,
        "training_s": round(training_s, 1),
        "state_bytes": subject.pipeline().state.nbytes,
        "one_bar": _one_bar(subject),
        "batch": _batch(subject),
    }


def _train() -> tuple[_Subject, float]:
    bars = bars_with_book(_TRAINING + _WARM + _CALLS)
    settings = TrainingSettings(features=feature_set("default"), folds=2)
    started = time.process_time()
    artefact = train(_cut(bars, 0, _TRAINING), settings).artefact
    seconds = time.process_time() - started
    with tempfile.TemporaryDirectory() as name:
        assembly = assemble(configuration(write_minutes(Path(name), 1_000)), venue_inside=True)
    signal_model = make_trained_model(artefact, _EAGER)
    return _Subject(artefact, signal_model, _cut(bars, _TRAINING, len(bars)), assembly), seconds


def _cut(bars: Bars, start: int, stop: int) -> Bars:
    columns = np.ascontiguousarray(bars.columns[:, start:stop])
    return replace(bars, ts=bars.ts[start:stop], columns=columns, flags=bars.flags[start:stop])


def _one_bar(subject: _Subject) -> Figures:
    """The same bars again for each part. What comes before a part is done in one call, since it reads nothing of it."""
    pipeline = subject.pipeline()
    pipeline.advance(0, len(subject.bars))
    with _quiet():
        figures: Figures = {
            "features": percentiles_us(_timed(_features(pipeline))),
            "tabular_models": percentiles_us(_timed(_models(subject, pipeline))),
            "signal_model": percentiles_us(_timed(_signal_model(subject, pipeline))),
            "open_loop": percentiles_us(_timed(_open_loop(subject))),
        }
        engine, decide = _decision(subject)
        figures["decision"] = percentiles_us(_timed(decide))
    account = engine.account[0]
    figures["outcome"] = {
        "decisions": int(account["risk"]["decisions"]),
        "vetoes": int(account["risk"]["vetoes"]),
        "shrinks": int(account["risk"]["shrinks"]),
        "orders": int(account["order_state"]["next_id"]) // IDS_PER_ORDER - 1,
    }
    return figures


def _features(pipeline: SignalPipeline) -> Callable[[int], object]:
    plan, window = pipeline.plan, pipeline.window
    state, out = plan.new_state(), np.empty_like(pipeline.features)
    advance = entry_point(plan.advance, state, window.ts, window.columns, out, 0, 1)
    advance(state, window.ts, window.columns, out, 0, _WARM)
    return lambda k: advance(state, window.ts, window.columns, out, k, k + 1)


def _models(subject: _Subject, pipeline: SignalPipeline) -> Callable[[int], object]:
    """Every trained model's answer to a row, without what calibrates and weighs it."""
    tables = subject.artefact.tables
    models = tables["models"]
    trained = models[np.isin(models["family"], (int(Family.LINEAR), int(Family.TREES)))]
    scaled = pipeline.opinion[inputs(len(models), len(subject.artefact.manifest.features))]
    rows = np.ascontiguousarray(scaled.astype(np.float32), dtype=np.float64)
    return predicting(trained, tables["nodes"], rows).row


def _signal_model(subject: _Subject, pipeline: SignalPipeline) -> Callable[[int], object]:
    signal_model, window = subject.signal_model, pipeline.window
    tables = (
        signal_model.new_state(),
        *signal_model.tables.values(),
        window.ts,
        pipeline.features,
        window.columns,
        window.funding,
        np.zeros_like(pipeline.opinion),
        np.zeros_like(pipeline.regimes),
    )
    advance = entry_point(signal_model.advance, *tables, 0, 1)
    advance(*tables, 0, _WARM)
    return lambda k: advance(*tables, k, k + 1)


def _open_loop(subject: _Subject) -> Callable[[int], object]:
    pipeline = subject.pipeline()
    pipeline.advance(0, _WARM)
    return lambda k: pipeline.advance(k, k + 1)


def _decision(subject: _Subject) -> tuple[Engine, Callable[[int], object]]:
    """From a bar to an officer's decision and the orders that follow, fills of the bar before them."""
    pipeline, engine = subject.pipeline(), subject.assembly.engine()
    pipeline.advance(0, _WARM)
    engine.run(pipeline.events, 0, _WARM, lambda _: None)
    engine.bind(pipeline.events)

    def decide(k: int) -> None:
        pipeline.advance(k, k + 1)
        if engine.advance(pipeline.events, k, k + 1) == k:  # no room for what it may write
            engine.drain()
            engine.advance(pipeline.events, k, k + 1)

    return engine, decide


def _timed(call: Callable[[int], object]) -> list[int]:
    """Nanoseconds of each of the bars after the warm ones."""
    clock = time.perf_counter_ns
    taken = []
    for k in range(_WARM, _WARM + _CALLS):
        started = clock()
        call(k)
        taken.append(clock() - started)
    return taken


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Python's garbage collector."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _batch(subject: _Subject) -> Figures:
    """Rows a CPU-second through the model alone, and through the whole signal pipeline."""
    rows = len(subject.bars)
    pipeline = subject.pipeline()
    pipeline.advance(0, rows)
    window = pipeline.window

    def think() -> None:
        subject.signal_model.opinions(pipeline.features, window.columns, window.ts, window.funding)

    signal_models = [cpu_seconds(think) for _ in range(_ROUNDS)]
    durations = [_advance_fresh(subject) for _ in range(_ROUNDS)]
    return {
        "rows": rows,
        "mind_rows_per_cpu_s": round(rows / statistics.median(signal_models)),
        "open_loop_rows_per_cpu_s": round(rows / statistics.median(durations)),
    }


def _advance_fresh(subject: _Subject) -> float:
    pipeline = subject.pipeline()
    return cpu_seconds(lambda: pipeline.advance(0, len(subject.bars)))
