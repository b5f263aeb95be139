"""How much each model counts in each regime, from its out-of-fold losses."""

import numpy as np
from numpy.typing import NDArray

from quaestor.ledger.codes import Regime

Floats = NDArray[np.float64]

#: Imagined outcomes of a regime, with the model's loss over all regimes: thin regimes speak for themselves slowly.
PRIOR = 200.0
_FLOOR = 1e-6  # of an effective number that something is divided by


def regime_weights(losses: Floats, regimes: NDArray[np.int8], own: Floats, sharpness: float) -> Floats:
    """exp(−sharpness · (loss − least loss)) by model and regime, 0 for a model that never had an opinion.

    Returns float64 (m, number of regimes).

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
    judged = there.any(axis=1)
    result: Floats = np.exp(-sharpness * (table - table[judged].min(axis=0)))
    result[~judged] = 0.0
    return result
