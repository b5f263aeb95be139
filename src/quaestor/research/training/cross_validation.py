"""Out-of-fold answers: what each model says about outcomes that it has not seen, nor any that overlap them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.features.preprocess import Preprocessing, Scaler, fit_scaler, transform
from quaestor.kernels.chain import Matrix
from quaestor.kernels.codes import Regime
from quaestor.kernels.scaling import Norm
from quaestor.research.folds import purged_folds
from quaestor.research.training.dataset import FEWEST, Dataset
from quaestor.research.training.models.catalog import parse_learner
from quaestor.research.training.models.contract import Fitted
from quaestor.research.training.settings import TrainingSettings

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Member:
    """A model to be trained: its name, its learner, and the regimes that it sees (all when empty)."""

    name: str
    learner: str
    regimes: tuple[Regime, ...] = ()

    def sees(self, regimes: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which rows it learns from and judges."""
        return np.isin(regimes, self.regimes) if self.regimes else np.ones(len(regimes), bool)


def members(settings: TrainingSettings) -> tuple[Member, ...]:
    """Generalists, then specialists."""
    general = tuple(Member(name, name) for name in settings.learners)
    special = tuple(Member(item.name, item.learner, item.regimes) for item in settings.specialists)
    return (*general, *special)


def scaler_of(dataset: Dataset, settings: TrainingSettings) -> Scaler:
    """Standard scaling by the rows of a dataset, and no others."""
    return fit_scaler(settings.features, dataset.x, Preprocessing(norm=Norm.NONE))


def scaled_samples(dataset: Dataset, scaler: Scaler) -> NDArray[np.float32]:
    """What libraries learn from and the decision path feeds its models: float32 (s, f)."""
    return np.ascontiguousarray(transform(scaler, dataset.x).T, dtype=np.float32)


def out_of_fold(
    dataset: Dataset, regimes: NDArray[np.int8], chosen: Sequence[Member], settings: TrainingSettings, on_step: OnStep
) -> Matrix:
    """Raw answers of each member, float64 (m, s), each from a fit on the other folds, purged and embargoed.

    NaN where a specialist does not judge, or had too few outcomes in a fold's training to learn from.
    """
    answers = np.full((len(chosen), len(dataset)), np.nan)
    for number, fold in enumerate(purged_folds(dataset.rows, dataset.ends, settings.folds, settings.embargo)):
        train, test = dataset.take(fold.train), dataset.take(fold.test)
        scaler = scaler_of(train, settings)
        seen, unseen = scaled_samples(train, scaler), scaled_samples(test, scaler)
        for j, member in enumerate(chosen):
            on_step(f"fold {number + 1}: {member.name}")
            taught, judged = member.sees(regimes[fold.train]), member.sees(regimes[fold.test])
            if judged.any() and can_learn(train.up[taught]):
                fitted = _fit(member, seen[taught], train.take(taught), settings.seed)
                answers[j, fold.test[judged]] = fitted.probability(unseen[judged])
    return answers


def fit_members(
    dataset: Dataset,
    regimes: NDArray[np.int8],
    scaler: Scaler,
    chosen: Sequence[Member],
    settings: TrainingSettings,
    on_step: OnStep,
) -> list[Fitted | None]:
    """Each member fitted on everything it may see; None where that is too little to learn from."""
    x = scaled_samples(dataset, scaler)
    fitted: list[Fitted | None] = []
    for member in chosen:
        on_step(f"fitting {member.name}")
        taught = member.sees(regimes)
        if not can_learn(dataset.up[taught]):
            fitted.append(None)
            continue
        fitted.append(_fit(member, x[taught], dataset.take(taught), settings.seed))
    return fitted


def can_learn(up: NDArray[np.bool_]) -> bool:
    """Whether there are enough outcomes of either kind."""
    ups = int(up.sum())
    return min(ups, len(up) - ups) >= FEWEST // 2


def _fit(member: Member, x: NDArray[np.float32], taught: Dataset, seed: int) -> Fitted:
    return parse_learner(member.learner, {}).fit(x, taught.up, taught.own / taught.own.mean(), seed)
