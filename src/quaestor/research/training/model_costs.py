"""Model costs: bytes of each model of a trained model, which never vary, and times, measured on this machine."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quaestor.analysis.stopwatch import call_times, cpu_seconds
from quaestor.brain.models.contract import Family
from quaestor.brain.models.predict import predict_rows
from quaestor.brain.online.linear import predict_rows as predict_online_rows
from quaestor.brain.trained.layout import state_dtype, trained_dtype
from quaestor.brain.trained.outputs import inputs, output_names, signals, weights
from quaestor.brain.trained.reevaluate import reevaluate_rows, reevaluation_dtype
from quaestor.brain.trained.validation import validate_trained
from quaestor.domain.artefact import Artefact
from quaestor.jit.compile import entry_point
from quaestor.jit.tables import Matrix, Table
from quaestor.research.training.models.contract import part

#: Name of all models, calibrated and pooled, beside the names of the models.
TOGETHER = "all together"
_ROWS = 20_000
_CALLS = 20_000
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class ModelMemory:
    """Bytes of one model.

    Attributes:
        name: of the model.
        kind: ``linear``, ``trees``, ``online`` or ``rule``.
        nodes: of its trees.
        table_bytes: of the artefact: its row, its nodes or learner, its calibration and its weights by regime.
        state_bytes: of a running signal model, more than it would have without this model: its scores, its pending
            votes, and the learner of an online one.
    """

    name: str
    kind: str
    nodes: int
    table_bytes: int
    state_bytes: int


@dataclass(frozen=True, slots=True)
class ModelTime:
    """Time of one model, or of all together with calibration and pool, in this process on this machine now.

    Attributes:
        name: of the model; `TOGETHER`.
        row_p50_us, row_p99_us: wall microseconds of one row, one call from Python a row.
        rows_per_cpu_s: many rows in one call.
    """

    name: str
    row_p50_us: float
    row_p99_us: float
    rows_per_cpu_s: int


def model_memory(artefact: Artefact) -> tuple[ModelMemory, ...]:
    """Return the bytes of every model, in the order of the artefact.

    Raises:
        DataError: tables that do not fit one another.
    """
    validate_trained(artefact)
    manifest, tables = artefact.manifest, artefact.tables
    sizes = (len(manifest.features), len(manifest.models), len(tables["learners"]), manifest.barrier.rows)
    learner = tables["learners"].itemsize
    shared = tables["models"].itemsize + trained_dtype(2).itemsize - trained_dtype(1).itemsize
    state = _state_bytes(*sizes) - _state_bytes(sizes[0], sizes[1] - 1, *sizes[2:])
    found = []
    for name, own in zip(manifest.models, part(tables["models"], tables["nodes"]), strict=True):
        family = Family(int(own.model[0]["family"]))
        extra = learner if family == Family.ONLINE else 0
        bytes_of = (shared + own.nodes.nbytes + extra, state + extra)
        found.append(ModelMemory(name, family.name.lower(), len(own.nodes), *bytes_of))
    return tuple(found)


def _state_bytes(features: int, models: int, learners: int, horizon: int) -> int:
    return state_dtype(features, models, learners, horizon).itemsize


def time_models(artefact: Artefact, *, rows: int = _ROWS, calls: int = _CALLS) -> tuple[ModelTime, ...]:
    """Return the times of every model but rules, whose signals are the classical strategies' own, and of all
    together.

    Inputs are drawn from a standard normal, as scaled features are. The first call compiles and is not counted.

    Args:
        artefact: of the models.
        rows: that are drawn, and predicted in one call.
        calls: of single rows.

    Raises:
        DataError: tables that do not fit one another.
    """
    validate_trained(artefact)
    tables, manifest = artefact.tables, artefact.manifest
    x = np.random.default_rng(0).standard_normal((len(manifest.features), rows))
    drawn = x.astype(np.float32).astype(np.float64)
    works: dict[str, Work] = {}
    for name, model in zip(manifest.models, part(tables["models"], tables["nodes"]), strict=True):
        family, place = model.model[0]["family"], int(model.model[0]["first"])
        if family == Family.ONLINE:
            works[name] = _online(tables["learners"][place : place + 1], drawn)
        elif family != Family.RULE:
            works[name] = predicting(model.model, model.nodes, drawn)
    works[TOGETHER] = _together(artefact, drawn)
    return tuple(_time(name, work, rows, calls) for name, work in works.items())


@dataclass(frozen=True, slots=True)
class Work:
    """Predictions to be timed: ``row(k)`` of one row, ``batch()`` of all of them."""

    row: Callable[[int], object]
    batch: Callable[[], object]


def predicting(models: Table, nodes: Table, rows: Matrix) -> Work:
    """Return raw predictions of models for `rows`, float64 (F, N), as work; see `brain.models.predict`."""
    return _work(predict_rows, rows.shape[1], models, nodes, rows, np.zeros((len(models), rows.shape[1])))


def _online(learners: Table, rows: Matrix) -> Work:
    return _work(predict_online_rows, rows.shape[1], learners, rows, np.zeros((len(learners), rows.shape[1])))


def _together(artefact: Artefact, rows: Matrix) -> Work:
    """Return every model, calibrated and evenly weighed, as work; classical strategies are long, so that secondary
    models vote."""
    manifest, tables = artefact.manifest, artefact.tables
    outputs = output_names(manifest.models, manifest.features, [name for name, _ in manifest.alphas])
    models, features = len(manifest.models), len(manifest.features)
    workspace = np.zeros(1, reevaluation_dtype(features, models, len(tables["learners"])))
    workspace["learners"] = tables["learners"]
    opinion = np.zeros((len(outputs), rows.shape[1]))
    opinion[weights(models)] = 1.0
    opinion[inputs(models, features)] = rows
    opinion[signals(models, features, len(manifest.alphas))] = 1.0
    return _work(
        reevaluate_rows, rows.shape[1], workspace, tables["learned"], tables["models"], tables["nodes"], opinion
    )


def _work(function: Callable[..., None], rows: int, *arguments: object) -> Work:
    call = entry_point(function, *arguments, 0, 1)
    return Work(lambda k: call(*arguments, k, k + 1), lambda: call(*arguments, 0, rows))


def _time(name: str, work: Work, rows: int, calls: int) -> ModelTime:
    taken = call_times(work.row, rows, calls)
    p50, p99 = np.percentile(np.asarray(taken), [50, 99]) / 1e3
    seconds = statistics.median(cpu_seconds(work.batch) for _ in range(_ROUNDS))
    return ModelTime(name, float(p50), float(p99), round(rows / seconds))
