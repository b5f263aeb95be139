"""Regime weights: share of each model in each regime, from its out-of-fold losses."""

import numpy as np
from numpy.typing import NDArray

from quaestor.ledger.codes import Regime

Floats = NDArray[np.float64]

#: Prior outcomes of a regime, with the model's loss over all regimes, which weights of rare regimes shrink to.
PRIOR = 200.0
_FLOOR = 1e-6  # of an effective number that something is divided by


def regime_weights(losses: Floats, regimes: NDArray[np.int8], own: Floats, sharpness: float) -> Floats:
    """Return exp(−sharpness · (loss − least loss)) by model and regime, float64 (m, regimes); 0 for a model that
    never had an opinion.

    Args:
        losses: float64 (m, s), NaN where a model had no opinion.
        regimes: int8 (s,), codes.
        own: float64 (s,), weights of the outcomes.
        sharpness: e-fold for a difference of 1 / sharpness.
    """
    there = np.isfinite(losses)
    weight = np.where(there, own, 0.0)
    value = np.where(there, losses, 0.0) * weight
    overall = value.sum(axis=1) / np.maximum(weight.sum(axis=1), _FLOOR)
    table = np.empty((len(losses), len(Regime)))
    for regime in Regime:
        here = regimes == regime
        table[:, regime] = (value[:, here].sum(axis=1) + PRIOR * overall) / (weight[:, here].sum(axis=1) + PRIOR)
    has_opinions = there.any(axis=1)
    result: Floats = np.exp(-sharpness * (table - table[has_opinions].min(axis=0)))
    result[~has_opinions] = 0.0
    return result
