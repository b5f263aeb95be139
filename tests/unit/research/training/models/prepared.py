"""Learner fixtures: scaled features of real hours, and whether the price then rose."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from tests.slices import HOURS

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.analysis.forecasts.labels import fixed_horizon
from quaestor.features.plan import compute, make_plan
from quaestor.features.sets import feature_set
from quaestor.research.training.models.catalog import CATALOG, parse_learner
from quaestor.research.training.models.contract import Fitted, Rows

NAMES = feature_set("bars")
_AHEAD = 6


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Samples float32 (s, F), outcomes bool (s,), weights float64 (s,)."""

    x: Rows
    up: NDArray[np.bool_]
    weights: NDArray[np.float64]


@cache
def real_samples() -> tuple[Prepared, Prepared]:
    """Return half a year to train on and the quarter after it."""
    bars = load_bars(HOURS, "BTCUSDT", start="2023-03-01", end="2023-12-01")
    labels = fixed_horizon(bars.columns, _AHEAD)
    values = compute(make_plan(NAMES), bars.columns)[: len(NAMES)]
    rows = np.flatnonzero(labels.known & np.isfinite(values).all(axis=0))
    train, test = rows[rows < len(bars) * 2 // 3], rows[rows >= len(bars) * 2 // 3]
    mean, deviation = values[:, train].mean(axis=1), values[:, train].std(axis=1)
    weights = 0.5 + np.random.default_rng(5).random(len(bars))

    def part(at: NDArray[np.int64]) -> Prepared:
        scaled = ((values[:, at].T - mean) / deviation).astype(np.float32)
        return Prepared(np.ascontiguousarray(scaled), labels.change[at] > 0.0, weights[at])

    return part(train), part(test)


@cache
def fitted(name: str) -> Fitted:
    """Return a learner with its defaults, trained on the half year."""
    train, _ = real_samples()
    return parse_learner(name, {}).fit(train.x, train.up, train.weights, seed=7)


def every_fitted() -> dict[str, Fitted]:
    """Return every learner of the catalogue, trained."""
    return {learner.name: fitted(learner.name) for learner in CATALOG}
