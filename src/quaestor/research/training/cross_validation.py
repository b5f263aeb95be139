"""Cross-validation: predictions of each model out of fold, on outcomes that it has not seen, nor any that overlap
them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset
from quaestor.features.preprocess import Preprocessing, Scaler, fit_scaler, transform
from quaestor.jit.tables import Matrix
from quaestor.ledger.codes import Regime
from quaestor.numeric.scaling import Norm
from quaestor.ports.progress import Progress
from quaestor.research.training.dataset import FEWEST
from quaestor.research.training.folds import purged_folds
from quaestor.research.training.models.catalog import parse_learner
from quaestor.research.training.models.contract import Fitted
from quaestor.research.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Member:
    """Model to be trained: its name, its learner, the regimes that it is trained on (all when empty), and the
    classical strategy whose side it predicts the success of, by its index in the settings (None: it predicts the
    market)."""

    name: str
    learner: str
    regimes: tuple[Regime, ...] = ()
    primary: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTask:
    """Samples and targets of one member, sample by sample.

    Attributes:
        member: the model.
        seen: bool (s,), the samples that it learns from and predicts.
        target: bool (s,), what it is to predict of them.
        against: bool (s,), where that is of a short side: its prediction is then one less the probability of *up*.
    """

    member: Member
    seen: NDArray[np.bool_]
    target: NDArray[np.bool_]
    against: NDArray[np.bool_]

    def take(self, positions: NDArray[np.int64]) -> "TrainingTask":
        """Return the task for some of the samples."""
        return TrainingTask(self.member, self.seen[positions], self.target[positions], self.against[positions])


def members(settings: TrainingSettings) -> tuple[Member, ...]:
    """Return generalists, specialists, and secondaries of classical strategies, in order."""
    general = [Member(name, name) for name in settings.learners]
    special = [Member(item.name, item.learner, item.regimes) for item in settings.specialists]
    places = {name: k for k, (name, _) in enumerate(settings.alphas)}
    second = [Member(item.name, item.learner, primary=places[item.alpha]) for item in settings.secondaries]
    return (*general, *special, *second)


def training_tasks(
    chosen: Sequence[Member], dataset: Dataset, regimes: NDArray[np.int8], sides: Matrix, cost: float
) -> list[TrainingTask]:
    """Return what each member is trained to predict.

    Args:
        chosen: the members.
        dataset: s samples.
        regimes: int8 (s,), the regime of each.
        sides: float64 (a, s), the signal of each classical strategy; NaN is none.
        cost: of a round trip, which a side must earn to be a success.
    """
    result = []
    for member in chosen:
        seen = np.isin(regimes, member.regimes) if member.regimes else np.ones(len(dataset), bool)
        target, against = dataset.up, np.zeros(len(dataset), bool)
        if member.primary is not None:
            side = np.nan_to_num(np.sign(sides[member.primary]))
            seen = seen & (side != 0.0)
            target, against = side * dataset.change > cost, side < 0.0
        result.append(TrainingTask(member, seen, target, against))
    return result


def scaler_of(dataset: Dataset, settings: TrainingSettings) -> Scaler:
    """Return standard scaling by the rows of a dataset, and no others."""
    return fit_scaler(settings.features, dataset.x, Preprocessing(norm=Norm.NONE))


def scaled_samples(dataset: Dataset, scaler: Scaler) -> NDArray[np.float32]:
    """Return the inputs that libraries learn from and the decision path feeds its models: float32 (s, f)."""
    return np.ascontiguousarray(transform(scaler, dataset.x).T, dtype=np.float32)


def out_of_fold(
    dataset: Dataset, tasks: Sequence[TrainingTask], settings: TrainingSettings, progress: Progress
) -> Matrix:
    """Return raw probabilities of *up* by each member, float64 (m, s), from fits on the other folds, purged and
    embargoed.

    NaN where a member does not predict, or had too few outcomes in a fold's training to learn from.
    """
    raw_predictions = np.full((len(tasks), len(dataset)), np.nan)
    for number, fold in enumerate(purged_folds(dataset.rows, dataset.ends, settings.folds, settings.embargo)):
        train, test = dataset.take(fold.train), dataset.take(fold.test)
        scaler = scaler_of(train, settings)
        before, after = scaled_samples(train, scaler), scaled_samples(test, scaler)
        for j, task in enumerate(tasks):
            progress.describe(f"fold {number + 1}: {task.member.name}")
            past, ahead = task.take(fold.train), task.take(fold.test)
            if ahead.seen.any() and can_learn(past.target[past.seen]):
                found = _fit(past, before, train, settings.seed).probability(after[ahead.seen])
                raw_predictions[j, fold.test[ahead.seen]] = np.where(ahead.against[ahead.seen], 1.0 - found, found)
    return raw_predictions


def fit_members(
    dataset: Dataset, scaler: Scaler, tasks: Sequence[TrainingTask], settings: TrainingSettings, progress: Progress
) -> list[Fitted | None]:
    """Return each member fitted on everything it may see; None where that is too little to learn from."""
    x = scaled_samples(dataset, scaler)
    fitted: list[Fitted | None] = []
    for task in tasks:
        progress.describe(f"fitting {task.member.name}")
        enough = can_learn(task.target[task.seen])
        fitted.append(_fit(task, x, dataset, settings.seed) if enough else None)
    return fitted


def can_learn(up: NDArray[np.bool_]) -> bool:
    """Return whether there are enough outcomes of either kind."""
    ups = int(up.sum())
    return min(ups, len(up) - ups) >= FEWEST // 2


def _fit(task: TrainingTask, x: NDArray[np.float32], dataset: Dataset, seed: int) -> Fitted:
    own = dataset.own[task.seen]
    learner = parse_learner(task.member.learner, {})
    return learner.fit(x[task.seen], task.target[task.seen], own / own.mean(), seed)
