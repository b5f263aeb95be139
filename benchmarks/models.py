"""Trained models on real minutes: one row and many rows by our kernels, by the libraries, and by onnxruntime."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from onnxruntime import InferenceSession

from benchmarks.data import MINUTE_NS, minutes
from benchmarks.measure import Figures, percentiles_us
from benchmarks.onnx_trees import onnx_session
from quaestor.analysis.forecasts.labels import fixed_horizon
from quaestor.analysis.stopwatch import call_times, cpu_seconds
from quaestor.brain.models.predict import predict_rows
from quaestor.features.plan import compute, make_plan
from quaestor.features.sets import feature_set
from quaestor.jit.tables import Matrix
from quaestor.research.training.model_costs import predicting
from quaestor.research.training.models.catalog import CATALOG, parse_learner
from quaestor.research.training.models.contract import Exported, Fitted, Rows, join

_BARS = 60_000
_TRAINING = 20_000
_BATCH = 20_000
_AHEAD = 30
_CALLS = 20_000
_PEER_CALLS = 300
_ROUNDS = 7


@dataclass(frozen=True, slots=True, eq=False)
class _Trained:
    """Models with their defaults, and rows that they have not seen."""

    models: Mapping[str, Fitted]
    exported: Mapping[str, Exported]
    x: Rows
    seconds: Mapping[str, float]


def measure_models() -> Figures:
    """Microseconds a row in one call a row, rows a CPU-second in one call, and how many times the peers' that is."""
    trained = _train()
    together = join(list(trained.exported.values()))
    names = list(trained.exported)
    return {
        "features": trained.x.shape[1],
        "training_rows": _TRAINING,
        "training_s": {name: round(seconds, 2) for name, seconds in trained.seconds.items()},
        "nodes": {name: len(each.nodes) for name, each in trained.exported.items()},
        "tables_bytes": sum(table.nbytes for table in together),
        "largest_difference_from_library": {name: _difference(trained, name) for name in names},
        "one_row": _one_row(trained),
        "batch": _batch(trained),
    }


def _train() -> _Trained:
    frame = minutes().head(_BARS).select("open", "high", "low", "close", "volume")
    columns = np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)
    names = feature_set("bars")
    stamps = np.arange(columns.shape[1], dtype=np.int64) * MINUTE_NS
    values = compute(make_plan(names), columns, ts=stamps)[: len(names)]
    labels = fixed_horizon(columns, _AHEAD)
    rows = np.flatnonzero(labels.known & np.isfinite(values).all(axis=0))
    seen, unseen = rows[:_TRAINING], rows[_TRAINING : _TRAINING + _BATCH]
    mean, deviation = values[:, seen].mean(axis=1), values[:, seen].std(axis=1)
    x = np.ascontiguousarray(((values.T - mean) / deviation).astype(np.float32))
    models: dict[str, Fitted] = {}
    seconds = {}
    for learner in CATALOG:
        started = time.process_time()
        models[learner.name] = parse_learner(learner.name, {}).fit(
            x[seen], labels.change[seen] > 0.0, np.ones(len(seen)), seed=1
        )
        seconds[learner.name] = time.process_time() - started
    return _Trained(models, {name: model.export() for name, model in models.items()}, x[unseen], seconds)


def _rows(x: Rows) -> Matrix:
    return np.ascontiguousarray(x.T, dtype=np.float64)


def _difference(trained: _Trained, name: str) -> float:
    exported, out = trained.exported[name], np.zeros((1, len(trained.x)))
    predict_rows(exported.model, exported.nodes, _rows(trained.x), out, 0, len(trained.x))
    return float(np.abs(out[0] - trained.models[name].probability(trained.x)).max())


def _one_row(trained: _Trained) -> Figures:
    """Wall microseconds a call, the answers of all models to one row, and of each alone."""
    rows = _rows(trained.x)
    figures: Figures = {}
    kernels: dict[str, float] = {}
    for name, chosen in {
        "all": list(trained.exported.values()),
        **{n: [e] for n, e in trained.exported.items()},
    }.items():
        taken = call_times(predicting(*join(chosen), rows).row, _BATCH, _CALLS)
        figures[name] = percentiles_us(taken)
        kernels[name] = statistics.median(taken)
    for peer, calls in {"library": _library_calls(trained), "onnxruntime": _onnx_calls(trained)}.items():
        medians = {
            name: statistics.median(call_times(partial(_call_row, call, trained.x), _BATCH, _PEER_CALLS))
            for name, call in calls.items()
        }
        medians["all"] = sum(medians.values())
        figures[f"{peer}_p50_us"] = {name: round(value / 1e3, 1) for name, value in medians.items()}
        figures[f"times_{peer}"] = {name: round(medians[name] / kernels[name], 1) for name in medians}
    return figures


def _call_row(call: Callable[[Rows], object], x: Rows, k: int) -> object:
    return call(x[k : k + 1])


def _library_calls(trained: _Trained) -> dict[str, Callable[[Rows], object]]:
    return {name: model.probability for name, model in trained.models.items()}


def _onnx_calls(trained: _Trained) -> dict[str, Callable[[Rows], object]]:
    sessions = {name: onnx_session(exported) for name, exported in trained.exported.items()}
    return {name: partial(_run, session) for name, session in sessions.items()}


def _run(session: InferenceSession, x: Rows) -> object:
    return session.run(None, {"x": x})


def _batch(trained: _Trained) -> Figures:
    """Rows a CPU-second through each model, and through all of them."""
    rows, x = _rows(trained.x), trained.x
    work: dict[str, dict[str, Callable[[], object]]] = {}
    for name, exported in trained.exported.items():
        work[name] = {"ours": predicting(exported.model, exported.nodes, rows).batch}
        for peer, calls in {"library": _library_calls(trained), "onnxruntime": _onnx_calls(trained)}.items():
            work[name][peer] = partial(calls[name], x)
    taken: dict[str, dict[str, list[float]]] = {name: {who: [] for who in each} for name, each in work.items()}
    for _ in range(_ROUNDS):
        for name, each in work.items():
            for who, do in each.items():
                taken[name][who].append(cpu_seconds(do))
    medians = {name: {who: statistics.median(times) for who, times in each.items()} for name, each in taken.items()}
    medians["all"] = {who: sum(each[who] for each in medians.values()) for who in ("ours", "library", "onnxruntime")}
    return {
        name: {
            "rows_per_cpu_s": round(len(x) / each["ours"]),
            "times_library": round(each["library"] / each["ours"], 1),
            "times_onnxruntime": round(each["onnxruntime"] / each["ours"], 1),
        }
        for name, each in medians.items()
    }
