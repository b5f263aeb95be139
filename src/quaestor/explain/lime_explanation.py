"""LIME explanation: straight lines that fit the trained models' probabilities around one decision.

Contributions by TreeSHAP take each trained model's sum apart. These lines fit the probabilities: of the pool, with
online models, calibration and weights, and of each model. The regime, the weights and the signals of the classical
strategies are held constant. The model itself is evaluated (`brain.trained.reevaluate`): its online models are those
of that bar, for the run is repeated up to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import Family
from quaestor.brain.trained.model import stage_state
from quaestor.brain.trained.outputs import Output, inputs, probability_row
from quaestor.brain.trained.reevaluate import reevaluate_rows, reevaluation_dtype
from quaestor.brain.trained.validation import validate_trained
from quaestor.domain.artefact import Artefact
from quaestor.errors import ConfigError, JournalError
from quaestor.explain.explain import artefact_of
from quaestor.explain.journaled_decision import JournaledDecision
from quaestor.jit.tables import Matrix, Table
from quaestor.research.training.lime import Lines, fit_lines
from quaestor.research.training.models.contract import Rows
from quaestor.runtime.recovery.replay import run_up_to

_PLACE = "--lime"
#: Largest difference from the journaled probability that rounding can make.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Slope:
    """Slope of one feature of a line.

    Attributes:
        name: of the feature.
        scaled: its value, as the models take it.
        slope: rise of the probability when that rises by 1; `error`: its standard error.
        contribution: slope · (scaled − mean in training): with `base` they add up to the line's value.
    """

    name: str
    scaled: float
    slope: float
    error: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Line:
    """Line of one model, or of the pool.

    Attributes:
        name: of the model; ``all together``.
        probability: of *up* that the model gave.
        answer: value of the line at the same row.
        base: value of the line at the mean in training.
        r2: share of the variance around the row that it accounts for; None where nothing varies.
        slopes: of the features, the largest contribution first.
    """

    name: str
    probability: float
    answer: float
    base: float
    r2: float | None
    slopes: list[Slope]


@dataclass(frozen=True, slots=True)
class LimeExplanation:
    """Lines around one decision: of the pool, and of each model that has an opinion and is no rule."""

    samples: int
    pooled: Line
    models: list[Line]


def lime_explanation(decision: JournaledDecision) -> LimeExplanation:
    """Return the lines around one decision; its number is the seed.

    Raises:
        ConfigError: it is not a trained model's, or that had no opinion; or the extra `train` is not installed.
        JournalError: the run does not come out as journaled.
        ModelError: the artefact that decided is not in its store any more.
    """
    artefact = artefact_of(decision)
    if artefact is None:
        raise ConfigError(
            "no trained model made this decision", place=_PLACE, remedy="ask about one of the strategy learned"
        )
    if decision.outputs["score"] != decision.outputs["score"]:
        raise ConfigError(
            "the model had no opinion at this decision", place=_PLACE, remedy="ask about one where models voted"
        )
    signal_model = _ReevaluatedModel(decision, artefact)
    _require_same(signal_model)
    x = signal_model.inputs()
    lines = fit_lines(signal_model.predict, x, int(decision.row["number"]))
    figures = zip(signal_model.names, signal_model.journaled.tolist(), strict=True)
    pooled, *models = (_line(lines, t, *each, x, artefact.manifest.features) for t, each in enumerate(figures))
    return LimeExplanation(lines.samples, pooled, models)


class _ReevaluatedModel:
    """Signal model as of one decision, to be evaluated at other inputs."""

    def __init__(self, decision: JournaledDecision, artefact: Artefact) -> None:
        validate_trained(artefact)
        manifest, self._tables = artefact.manifest, artefact.tables
        journaled, learners = decision.outputs, _learners(decision)
        self._workspace: Table = np.zeros(
            1, reevaluation_dtype(len(manifest.features), len(manifest.models), len(learners))
        )
        self._workspace["learners"] = learners
        self._held = decision.rows.opinions[decision.index]
        self._inputs = inputs(len(manifest.models), len(manifest.features))
        families = self._tables["models"]["family"].tolist()
        with_opinion = [
            j
            for j, name in enumerate(manifest.models)
            if families[j] != Family.RULE and np.isfinite(journaled[f"{name}.probability"])
        ]
        self.names = ("all together", *(manifest.models[j] for j in with_opinion))
        self._rows = [int(Output.SCORE), *(probability_row(j) for j in with_opinion)]
        self.journaled: NDArray[np.float64] = self._held[self._rows]

    def predict(self, rows: Rows) -> Matrix:
        """Return probabilities by the pool and by each of the others in `names`, float64 (t, s), of rows float32 (s,
        F)."""
        opinion = np.repeat(self._held[:, None], len(rows), axis=1)
        opinion[self._inputs] = rows.T
        tables = self._tables
        reevaluate_rows(self._workspace, tables["learned"], tables["models"], tables["nodes"], opinion, 0, len(rows))
        return opinion[self._rows]

    def inputs(self) -> NDArray[np.float64]:
        """Return the inputs of the decision, float64 (F,)."""
        return self._held[self._inputs]


def _require_same(signal_model: _ReevaluatedModel) -> None:
    """Refuse a signal model that does not reproduce the journaled probabilities."""
    again = signal_model.predict(signal_model.inputs()[None, :].astype(np.float32))[:, 0]
    if not (np.abs(again - signal_model.journaled) <= _ROUNDING).all():
        raise JournalError(
            f"the model says {again[0]:.6f} where {signal_model.journaled[0]:.6f} was journaled",
            place=_PLACE,
            remedy="ask with the program and on the machine that wrote the journal",
        )


def _learners(decision: JournaledDecision) -> Table:
    """Return the online models as of a decision."""
    _, finished = run_up_to(decision.path, int(decision.row["ts"]), data=decision.data, observers=lambda _: ())
    pipeline = finished.model_log.managers[int(decision.row["instrument"])].pipeline
    learners: Table = stage_state(pipeline.model_state)["learners"]
    return learners


def _line(
    lines: Lines, t: int, name: str, probability: float, x: NDArray[np.float64], features: tuple[str, ...]
) -> Line:
    contributions = lines.slopes[t] * x
    figures = zip(features, x, lines.slopes[t], lines.errors[t], contributions, strict=True)
    slopes = [Slope(feature, *(float(value) for value in values)) for feature, *values in figures]
    base, r2 = float(lines.base[t]), float(lines.r2[t])
    return Line(
        name=name,
        probability=probability,
        answer=base + float(contributions.sum()),
        base=base,
        r2=r2 if r2 == r2 else None,
        slopes=sorted(slopes, key=lambda slope: -abs(slope.contribution)),
    )
