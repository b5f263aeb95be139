"""Selection skill: of choosing and fitting on rows that neither has seen, walk forward, everything repeated.

Measured on the folds that chose them, the best of a thousand useless features look useful. Here each window chooses
anew from what lies before it, fits, and predicts the window.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.ports.progress import Progress
from quaestor.research.selection.gather import Sample
from quaestor.research.selection.learner import Model, log_loss
from quaestor.research.selection.ranks import areas_under_curve, centred_ranks
from quaestor.research.selection.settings import SelectionSettings
from quaestor.research.training.folds import walk_forward

_SHUFFLES = 999
#: Accuracy that directional forecasts of minutes to hours do not reach honestly, and the least gain that goes with it.
ACCURACY_MAX = 0.60
_GAIN_MAX = 0.05
#: Chance of a lucky result below which it counts as skill.
CHANCE_MAX = 0.05

Choose = Callable[[Sample], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Skill:
    """Skill of the forecasts of all windows together, each window against its own base.

    Attributes:
        windows, samples: how many were predicted.
        accuracy: share of samples whose more likely side came.
        base_accuracy: the same for always naming what was more frequent before the window.
        log_loss, base_log_loss: of the model's probabilities, and of the frequency before the window.
        auc: chance that an up sample got a higher probability than a down sample of its window.
        shuffled_accuracy, shuffled_auc: value that 5 % of shuffled labels exceed.
        chance: share of shuffles, the real order among them, whose `auc` is as high.
    """

    windows: int
    samples: int
    accuracy: float
    base_accuracy: float
    log_loss: float
    base_log_loss: float
    auc: float
    shuffled_accuracy: float
    shuffled_auc: float
    chance: float

    @property
    def is_distinguishable(self) -> bool:
        """Return whether luck alone would rarely do as well."""
        return self.chance <= CHANCE_MAX

    @property
    def is_implausible(self) -> bool:
        """Return whether the accuracy is too good to be true."""
        return self.accuracy > ACCURACY_MAX and self.accuracy - self.base_accuracy > _GAIN_MAX


@dataclass(frozen=True, slots=True)
class _Window:
    """Forecasts and outcomes of one window."""

    probabilities: NDArray[np.float64]
    up: NDArray[np.bool_]
    weights: NDArray[np.float64]
    before: float  # share of up before it


def measure_skill(
    sample: Sample, choose: Choose, settings: SelectionSettings, embargo_rows: int, progress: Progress
) -> Skill:
    """Return the skill of choosing by `choose` and fitting, over windows of the second half of a sample.

    Args:
        sample: labelled candidates.
        choose: positions of the candidates that the samples before a window call for.
        settings: see `SelectionSettings`.
        embargo_rows: rows between what is learned from and a window.
        progress: receives a stage before each window is forecast.

    Raises:
        ConfigError: too few samples for the windows and folds.
    """
    windows = []
    for fold in walk_forward(sample.rows, sample.ends, settings.windows, embargo_rows):
        past, ahead = sample.take(fold.train), _without_overlap(sample.take(fold.test))
        columns = choose(past)
        progress.describe("forecasting what comes after")
        model = Model(past, columns, settings.seed)
        before = float(np.average(past.up, weights=past.weights))
        windows.append(_Window(model.predict(ahead), ahead.up, ahead.weights, before))
    return _skill_of(windows, np.random.default_rng((settings.seed, len(windows))))


def _without_overlap(sample: Sample) -> Sample:
    """Return as many samples in turn as share no row: labels that overlap repeat one another, and repeated luck
    looks real."""
    kept, free = [], 0
    for position, (row, end) in enumerate(zip(sample.rows.tolist(), sample.ends.tolist(), strict=True)):
        if row >= free:
            kept.append(position)
            free = end
    return sample.take(np.array(kept))


def _skill_of(windows: list[_Window], generator: np.random.Generator) -> Skill:
    sizes = [len(window.up) for window in windows]

    def mean(figure: Callable[[_Window], float]) -> float:
        return float(np.average([figure(window) for window in windows], weights=sizes))

    shuffled = np.average([_shuffled(window, generator) for window in windows], axis=0, weights=sizes)
    auc = mean(lambda window: _auc(window.probabilities, window.up))
    return Skill(
        windows=len(windows),
        samples=sum(sizes),
        accuracy=mean(lambda window: float(np.mean((window.probabilities > 0.5) == window.up))),
        base_accuracy=mean(lambda window: float(np.mean(window.up == (window.before > 0.5)))),
        log_loss=mean(lambda window: log_loss(window.probabilities, window.up, window.weights)),
        base_log_loss=mean(lambda w: log_loss(np.full(len(w.up), w.before), w.up, w.weights)),
        auc=auc,
        shuffled_accuracy=float(np.quantile(shuffled[0], 0.95)),
        shuffled_auc=float(np.quantile(shuffled[1], 0.95)),
        chance=(1.0 + float(np.count_nonzero(shuffled[1] >= auc))) / (1.0 + _SHUFFLES),
    )


def _auc(probabilities: NDArray[np.float64], up: NDArray[np.bool_]) -> float:
    """Return the area under the curve; ½ where only one kind came."""
    if up.all() or not up.any():
        return 0.5
    return float(areas_under_curve(centred_ranks(probabilities[None].astype(np.float32)), up)[0])


def _shuffled(window: _Window, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return accuracy and area under the curve for labels in random order: float64 (2, shuffles)."""
    ranks = centred_ranks(window.probabilities[None].astype(np.float32))
    forecast = window.probabilities > 0.5
    n_up = int(np.count_nonzero(window.up))
    pairs = max(2.0 * n_up * (len(forecast) - n_up), 1.0)
    figures = np.empty((2, _SHUFFLES))
    for shuffle in range(_SHUFFLES):
        up = generator.permutation(window.up)
        figures[:, shuffle] = np.mean(forecast == up), 0.5 + ranks[0, up].sum(dtype=np.int64) / pairs
    return figures
