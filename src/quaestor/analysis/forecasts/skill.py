"""Forecast skill: accuracy, Brier score, log loss, area under the curve and reliability of probabilities."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset

#: Bins of a reliability diagram.
_BINS = 10
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True, slots=True)
class Reliability:
    """One bin of a reliability diagram."""

    probability: float  # mean of those given
    frequency: float  # of the outcome
    weight: float  # effective number of outcomes


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of one model's probabilities, bin by bin."""

    model: str
    bins: tuple[Reliability, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    """Figures weighted by the uniqueness of each outcome; NaN without outcomes."""

    outcomes: int
    effective: float  # sum of the uniqueness of the outcomes
    accuracy: float
    base_rate: float  # accuracy of always naming the more frequent outcome
    brier: float
    log_loss: float
    area: float  # under the ROC curve; ½: no skill
    reliability: tuple[Reliability, ...]

    def figures(self) -> dict[str, float]:
        """Return the plain numbers by name."""
        return {name: float(value) for name, value in asdict(self).items() if name != "reliability"}


def mean_ranks(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1, equal values sharing the mean of theirs, float64 (s,).

    Example:
        >>> mean_ranks(np.array([0.3, 0.1, 0.3])).tolist()
        [2.5, 1.0, 2.5]
    """
    _, places, counts = np.unique(series, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2.0)[places]
    return ranks


def area_under_curve(series: NDArray[np.float64], up: NDArray[np.bool_]) -> float:
    """Return the probability that a random *up* sample has the larger value (ties count half): ½ without skill.

    Example:
        >>> area_under_curve(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True]))
        1.0
    """
    ranks = mean_ranks(series)
    ups = int(up.sum())
    downs = len(up) - ups
    return float((ranks[up].sum() - ups * (ups + 1) / 2.0) / (ups * downs))


def log_loss(probability: NDArray[np.float64], up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the logarithmic loss of each probability, in nats."""
    right = np.clip(np.where(up, probability, 1.0 - probability), _LEAST_PROBABILITY, 1.0)
    loss: NDArray[np.float64] = -np.log(right)
    return loss


def score_forecasts(probability: NDArray[np.float64], dataset: Dataset) -> Skill:
    """Return the skill of probabilities of *up*, float64 (s,), NaN where there was no opinion."""
    there = np.isfinite(probability)
    p, up, own = probability[there], dataset.up[there], dataset.own[there]
    if not len(p):
        nan = float("nan")
        return Skill(0, 0.0, nan, nan, nan, nan, nan, ())
    hit = np.where(p == 0.5, 0.5, (p > 0.5) == up)
    share = float(np.average(up, weights=own))
    return Skill(
        outcomes=len(p),
        effective=float(own.sum()),
        accuracy=float(np.average(hit, weights=own)),
        base_rate=max(share, 1.0 - share),
        brier=float(np.average((p - up) ** 2, weights=own)),
        log_loss=float(np.average(log_loss(p, up), weights=own)),
        area=area_under_curve(p, up) if up.any() and not up.all() else float("nan"),
        reliability=_reliability(p, up, own),
    )


def _reliability(p: NDArray[np.float64], up: NDArray[np.bool_], own: NDArray[np.float64]) -> tuple[Reliability, ...]:
    bin_of = np.minimum((p * _BINS).astype(np.int64), _BINS - 1)
    bins = []
    for k in range(_BINS):
        here = bin_of == k
        weight = float(own[here].sum())
        if weight > 0.0:
            mean = float(np.average(p[here], weights=own[here]))
            bins.append(Reliability(mean, float(np.average(up[here], weights=own[here])), weight))
    return tuple(bins)
