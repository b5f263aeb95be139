"""Regime summary: the states of a regime model as they were fitted."""

from dataclasses import dataclass

import numpy as np

from quaestor.ledger.codes import Regime
from quaestor.research.training.regime_model import RegimeModel


@dataclass(frozen=True, slots=True)
class StateSummary:
    """Figures of one state, as it was fitted."""

    name: Regime
    means: tuple[float, ...]  # of each feature, in its units
    weight: float  # share of time in the long run
    expected_dwell: float  # bars: 1 / (1 − probability of staying)


def summarise_states(model: RegimeModel) -> tuple[StateSummary, ...]:
    """Return the states of a model, as they were fitted."""
    leaving = 1.0 - np.diagonal(model.transition)
    return tuple(
        StateSummary(
            name=name,
            means=tuple(float(mean) for mean in model.natural_means[k]),
            weight=float(model.initial[k]),
            expected_dwell=float(1.0 / leaving[k]) if leaving[k] > 0.0 else np.inf,
        )
        for k, name in enumerate(model.names)
    )
