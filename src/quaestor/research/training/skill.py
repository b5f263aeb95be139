"""How good probabilities are: figures on outcomes that were not known when they were given."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.research.training.dataset import Dataset
from quaestor.research.training.foresight import area_under_curve
from quaestor.research.training.weights import log_loss

#: Bins of a reliability diagram.
_BINS = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """One bin of a reliability diagram."""

    probability: float  # mean of those given
    frequency: float  # with which the outcome came
    weight: float  # effective number of outcomes


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often the outcome came where a model gave some probability of it."""

    model: str
    bins: tuple[Reliability, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    """Weighted by how much of each outcome is its own. NaN where there were none."""

    outcomes: int
    effective: float  # outcomes, overlap taken off
    accuracy: float
    base_rate: float  # accuracy of always naming the more frequent outcome
    brier: float
    log_loss: float
    area: float  # under the curve; ½ tells nothing
    reliability: tuple[Reliability, ...]

    def figures(self) -> dict[str, float]:
        """The plain numbers by name."""
        return {name: float(value) for name, value in asdict(self).items() if name != "reliability"}


def judge(probability: NDArray[np.float64], dataset: Dataset) -> Skill:
    """Scores of probabilities of *up*, float64 (s,), NaN where there was no opinion."""
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
