"""What a run's learned minds learned, and how well they foretold: each forecast judged by its outcome, in the order in
which both came to be known."""

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
from quaestor.runtime.models.log import Diary
from quaestor.runtime.models.manager import Keeper


@dataclass(frozen=True, slots=True)
class Window:
    """Scores over the last `outcomes` outcomes, at most as many as `size`."""

    size: int
    outcomes: int
    accuracy: float
    base_rate: float  # accuracy of always naming the more frequent outcome
    brier: float  # ¼ is what a probability of ½ always gets


@dataclass(frozen=True, slots=True)
class ModelScore:
    """One model, or all together: outcomes judged since the artefact came into use (all together: since the start)."""

    model: str
    outcomes: int
    windows: list[Window]  # none before the first outcome
    log_loss: float | None  # fading
    learned: int | None  # outcomes that moved an online model, in training and since; None where it does not learn
    learning_rate: float | None  # of its next step


@dataclass(frozen=True, slots=True)
class LearningFigures:
    """What became of one instrument's models.

    Attributes:
        in_use: SHA-256 of the artefact at the end.
        level: of the ladder of drift at the end; `causes`: what had set it off since it was last normal.
        climbs: how many times alarms led up to each level.
        asked: trainings asked for, by reason.
        promoted, kept, rolled_back: what came of them: another model took over, the one in use stayed, the one before
            came back.
        pooled: score of all models together; `models`: of each.
    """

    symbol: str
    in_use: str
    level: str
    causes: list[str]
    climbs: dict[str, int]
    asked: dict[str, int]
    promoted: int
    kept: int
    rolled_back: int
    pooled: ModelScore
    models: list[ModelScore]


def learning_figures(assembly: Assembly, diary: Diary) -> list[LearningFigures]:
    """Of every instrument with a learned mind."""
    if assembly.keeping is None:
        return []
    store = assembly.keeping.store
    return [
        _figures(symbol, k, keeper, store.get(keeper.in_use), diary.entries)
        for k, (symbol, keeper) in enumerate(zip(assembly.symbols, diary.keepers, strict=True))
    ]


def _figures(
    symbol: str, index: int, keeper: Keeper, artefact: Artefact, entries: Sequence[TrainRequested | ModelReady]
) -> LearningFigures:
    stage = stage_state(keeper.loop.mind_state)
    params = keeper.loop.mind.tables["trading"][0]["learners"]
    requests = {e.number: e for e in entries if isinstance(e, TrainRequested) and e.instrument == index}
    answers = [e for e in entries if isinstance(e, ModelReady) and e.instrument == index]
    reasons = [request.reason for request in requests.values()]
    back = [answer for answer in answers if requests[answer.number].reason is Reason.ROLLBACK]
    stayed = [answer for answer in answers if answer.sha256 == requests[answer.number].champion]
    learners = {
        name: int(row["first"])
        for name, row in zip(artefact.manifest.models, artefact.tables["models"], strict=True)
        if row["family"] == Family.ONLINE and name in ONLINE_MODELS
    }
    models = []
    for name, track in zip(artefact.manifest.models, stage["tracks"], strict=True):
        place = learners.get(name)
        models.append(_score(name, track, None if place is None else (stage["learners"][place], params[place])))
    ladder = stage["ladder"]
    return LearningFigures(
        symbol=symbol,
        in_use=keeper.in_use,
        level=Level(ladder["level"]).name.lower(),
        causes=list(alarm_names(int(ladder["causes"]))),
        climbs={level.name.lower(): int(ladder["entered"][level]) for level in Level if level},
        asked={reason.value: reasons.count(reason) for reason in Reason if reason is not Reason.ROLLBACK},
        promoted=len(answers) - len(back) - len(stayed),
        kept=len(stayed),
        rolled_back=len(back),
        pooled=_score("all together", stage["pooled"], None),
        models=models,
    )


def _score(name: str, track: Row, learner: tuple[Row, Row] | None) -> ModelScore:
    count = int(track["count"])
    windows = [
        Window(
            size, min(count, size), float(accuracy(track, w)), float(base_rate(track, w)), float(brier_score(track, w))
        )
        for w, size in enumerate(WINDOWS)
    ]
    loss = float(track["log_loss"])
    return ModelScore(
        model=name,
        outcomes=count,
        windows=windows if count else [],
        log_loss=loss if count and math.isfinite(loss) else None,
        learned=None if learner is None else int(learner[0]["learned"]),
        learning_rate=None if learner is None else float(learning_rate(*learner)),
    )
