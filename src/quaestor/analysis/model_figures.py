"""Model figures: scores of a run's trained models on outcomes in order of time, drift, and model changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quaestor.brain.models.contract import Family
from quaestor.brain.online.drift_response import Level, alarm_names
from quaestor.brain.online.linear import learning_rate
from quaestor.brain.online.model_score import WINDOWS, accuracy, base_rate, brier_score
from quaestor.brain.trained.model import stage_state
from quaestor.brain.trained.settings import ONLINE_MODELS
from quaestor.domain.artefact import Artefact
from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.jit.tables import Row
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.models.log import ModelLog
from quaestor.runtime.models.manager import ModelManager


@dataclass(frozen=True, slots=True)
class Window:
    """Scores over the last `outcomes` outcomes, at most as many as `size`."""

    size: int
    outcomes: int
    accuracy: float
    base_rate: float  # accuracy of always naming the more frequent outcome
    brier: float  # a probability of ½ always gets ¼


@dataclass(frozen=True, slots=True)
class ModelScore:
    """Scores of one model, or of the pool, since the artefact came into use (of the pool: since the start)."""

    model: str
    outcomes: int
    windows: list[Window]  # none before the first outcome
    log_loss: float | None  # exponentially weighted
    learned: int | None  # outcomes that updated an online model, in training and since; None where it does not learn
    learning_rate: float | None  # of its next step


@dataclass(frozen=True, slots=True)
class LearningFigures:
    """Model changes and scores of one instrument.

    Attributes:
        in_use: SHA-256 of the artefact at the end.
        level: of the drift response at the end; `causes`: alarms since it was last normal.
        escalations: how many times alarms raised it to each level.
        asked: trainings requested, by reason.
        promoted, kept, rolled_back: their outcomes: another model took over, the one in use stayed, the one before
            came back.
        pooled: score of all models together; `models`: of each.
    """

    symbol: str
    in_use: str
    level: str
    causes: list[str]
    escalations: dict[str, int]
    asked: dict[str, int]
    promoted: int
    kept: int
    rolled_back: int
    pooled: ModelScore
    models: list[ModelScore]


def learning_figures(assembly: Assembly, model_log: ModelLog) -> list[LearningFigures]:
    """Return the figures of every instrument with a trained model."""
    if assembly.deployment is None:
        return []
    store = assembly.deployment.store
    return [
        _figures(symbol, k, manager, store.get(manager.in_use), model_log.entries)
        for k, (symbol, manager) in enumerate(zip(assembly.symbols, model_log.managers, strict=True))
    ]


def _figures(
    symbol: str, index: int, manager: ModelManager, artefact: Artefact, entries: Sequence[TrainRequested | ModelReady]
) -> LearningFigures:
    stage = stage_state(manager.pipeline.model_state)
    params = manager.pipeline.signal_model.tables["trading"][0]["learners"]
    requests = {e.number: e for e in entries if isinstance(e, TrainRequested) and e.instrument == index}
    replies = [e for e in entries if isinstance(e, ModelReady) and e.instrument == index]
    reasons = [request.reason for request in requests.values()]
    back = [reply for reply in replies if requests[reply.number].reason is Reason.ROLLBACK]
    stayed = [reply for reply in replies if reply.sha256 == requests[reply.number].champion]
    learners = {
        name: int(row["first"])
        for name, row in zip(artefact.manifest.models, artefact.tables["models"], strict=True)
        if row["family"] == Family.ONLINE and name in ONLINE_MODELS
    }
    models = []
    for name, model_score in zip(artefact.manifest.models, stage["model_scores"], strict=True):
        place = learners.get(name)
        models.append(_score(name, model_score, None if place is None else (stage["learners"][place], params[place])))
    drift_response = stage["drift_response"]
    return LearningFigures(
        symbol=symbol,
        in_use=manager.in_use,
        level=Level(drift_response["level"]).name.lower(),
        causes=list(alarm_names(int(drift_response["causes"]))),
        escalations={level.name.lower(): int(drift_response["entered"][level]) for level in Level if level},
        asked={reason.value: reasons.count(reason) for reason in Reason if reason is not Reason.ROLLBACK},
        promoted=len(replies) - len(back) - len(stayed),
        kept=len(stayed),
        rolled_back=len(back),
        pooled=_score("all together", stage["pooled"], None),
        models=models,
    )


def _score(name: str, model_score: Row, learner: tuple[Row, Row] | None) -> ModelScore:
    count = int(model_score["count"])
    windows = [
        Window(
            size,
            min(count, size),
            float(accuracy(model_score, w)),
            float(base_rate(model_score, w)),
            float(brier_score(model_score, w)),
        )
        for w, size in enumerate(WINDOWS)
    ]
    loss = float(model_score["log_loss"])
    return ModelScore(
        model=name,
        outcomes=count,
        windows=windows if count else [],
        log_loss=loss if count and math.isfinite(loss) else None,
        learned=None if learner is None else int(learner[0]["learned"]),
        learning_rate=None if learner is None else float(learning_rate(*learner)),
    )
