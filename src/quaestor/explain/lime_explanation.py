"""What a trained model would have said of inputs a little different from those of one decision, as straight lines.

Contributions by TreeSHAP take each trained model's sum apart. These lines are about the answer: of all models together,
those that learn while they trade, their calibration and their weights with them. The regime, the weights and what the
classical strategies said are held as they were. The model itself is asked (`brain.trained.reevaluate`): its online
models are those of that bar, for the run is repeated up to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import Family
from quaestor.brain.trained.model import stage_state
from quaestor.brain.trained.outputs import Output, inputs, probability_row
from quaestor.brain.trained.reevaluate import ask_rows, asked_dtype
from quaestor.brain.trained.validation import require_tables
from quaestor.domain.artefact import Artefact
from quaestor.errors import ConfigError, JournalError
from quaestor.explain.case import Case
from quaestor.explain.explain import artefact_of
from quaestor.jit.tables import Matrix, Table
from quaestor.research.training.lime import Lines, fit_lines
from quaestor.research.training.models.contract import Rows
from quaestor.runtime.recovery.replay import run_up_to

_PLACE = "--lime"
#: Largest difference from the journaled probability that rounding can make.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Slope:
    """One feature of a line.

    Attributes:
        name: of the feature.
        scaled: its value, as the models see it.
        slope: by how much the probability rises when that rises by 1; `error`: its standard error.
        contribution: slope · (scaled − mean in training): with `base` they add up to the line's answer.
    """

    name: str
    scaled: float
    slope: float
    error: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one model, or of all together.

    Attributes:
        name: of the model; ``all together``.
        probability: of *up* that was given.
        answer: what the line says of the same row.
        base: what it says at the mean in training.
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
    """Lines around one decision: of all models together, and of each that has an opinion and is no rule."""

    samples: int
    pooled: Line
    models: list[Line]


def lime_explanation(case: Case) -> LimeExplanation:
    """The lines around one decision; its number is the seed.

    Raises:
        ConfigError: it is not a trained model's, or that had no opinion; or the extra `train` is not installed.
        JournalError: the run does not come out as journaled.
        ModelError: the artefact that decided is not in its store any more.
    """
    artefact = artefact_of(case)
    if artefact is None:
        raise ConfigError(
            "no trained model made this decision", place=_PLACE, remedy="ask about one of the strategy learned"
        )
    if case.said["score"] != case.said["score"]:
        raise ConfigError(
            "the model had no opinion at this decision", place=_PLACE, remedy="ask about one where models voted"
        )
    signal_model = _AskedModel(case, artefact)
    _require_same(signal_model)
    x = signal_model.inputs()
    lines = fit_lines(signal_model.ask, x, int(case.row["number"]))
    told = zip(signal_model.names, signal_model.said.tolist(), strict=True)
    pooled, *models = (_line(lines, t, *each, x, artefact.manifest.features) for t, each in enumerate(told))
    return LimeExplanation(lines.samples, pooled, models)


class _AskedModel:
    """A signal model as it was at one decision, to be asked about other inputs."""

    def __init__(self, case: Case, artefact: Artefact) -> None:
        require_tables(artefact)
        manifest, self._tables = artefact.manifest, artefact.tables
        said, learners = case.said, _learners(case)
        self._asked: Table = np.zeros(1, asked_dtype(len(manifest.features), len(manifest.models), len(learners)))
        self._asked["learners"] = learners
        self._held = case.rows.opinions[case.index]
        self._inputs = inputs(len(manifest.models), len(manifest.features))
        families = self._tables["models"]["family"].tolist()
        heard = [
            j
            for j, name in enumerate(manifest.models)
            if families[j] != Family.RULE and np.isfinite(said[f"{name}.probability"])
        ]
        self.names = ("all together", *(manifest.models[j] for j in heard))
        self._answers = [int(Output.SCORE), *(probability_row(j) for j in heard)]
        self.said: NDArray[np.float64] = self._held[self._answers]

    def ask(self, rows: Rows) -> Matrix:
        """float64 (answers, s): probabilities by all together and by each of the others in `names`."""
        opinion = np.repeat(self._held[:, None], len(rows), axis=1)
        opinion[self._inputs] = rows.T
        tables = self._tables
        ask_rows(self._asked, tables["learned"], tables["models"], tables["nodes"], opinion, 0, len(rows))
        return opinion[self._answers]

    def inputs(self) -> NDArray[np.float64]:
        """float64 (F,): those of the decision."""
        return self._held[self._inputs]


def _require_same(signal_model: _AskedModel) -> None:
    """Refuse a signal model that does not say again what it said."""
    again = signal_model.ask(signal_model.inputs()[None, :].astype(np.float32))[:, 0]
    if not (np.abs(again - signal_model.said) <= _ROUNDING).all():
        raise JournalError(
            f"the model says {again[0]:.6f} where {signal_model.said[0]:.6f} was journaled",
            place=_PLACE,
            remedy="ask with the program and on the machine that wrote the journal",
        )


def _learners(case: Case) -> Table:
    """The online models as they answered at a decision."""
    _, finished = run_up_to(case.path, int(case.row["ts"]), data=case.data, observers=lambda _: ())
    loop = finished.model_log.managers[int(case.row["instrument"])].loop
    learners: Table = stage_state(loop.model_state)["learners"]
    return learners


def _line(
    lines: Lines, t: int, name: str, probability: float, x: NDArray[np.float64], features: tuple[str, ...]
) -> Line:
    contributions = lines.slopes[t] * x
    told = zip(features, x, lines.slopes[t], lines.errors[t], contributions, strict=True)
    slopes = [Slope(feature, *(float(value) for value in values)) for feature, *values in told]
    base, r2 = float(lines.base[t]), float(lines.r2[t])
    return Line(
        name=name,
        probability=probability,
        answer=base + float(contributions.sum()),
        base=base,
        r2=r2 if r2 == r2 else None,
        slopes=sorted(slopes, key=lambda slope: -abs(slope.contribution)),
    )
