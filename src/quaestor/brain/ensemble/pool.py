"""Pool of probabilities: their mean, weighted by regime and by the recent loss of each model."""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.numeric.elementary import exponential


@kernel
def live_factor(loss: float, best: float, sharpness: float) -> float:
    """Return exp(−sharpness · (loss − best)): 1 for the model of least recent loss (exponential weights, Vovk 1990)."""
    return exponential(-sharpness * max(loss - best, 0.0))


@kernel
def pool(votes: Row, weights: Row) -> tuple[float, float]:
    """Return the weighted mean of the probabilities present, and the share of weight on the other side of ½ from it.

    Weights of models without an opinion (NaN) become 0, the others sum to 1. NaN and 1 while no model has one.
    """
    total = 0.0
    for j in range(len(votes)):
        if votes[j] != votes[j]:
            weights[j] = 0.0
        total += weights[j]
    if not total > 0.0:
        return np.nan, 1.0
    mean = 0.0
    for j in range(len(votes)):
        weights[j] /= total
        if weights[j] > 0.0:
            mean += weights[j] * votes[j]
    against = 0.0
    for j in range(len(votes)):
        if weights[j] > 0.0 and (votes[j] - 0.5) * (mean - 0.5) < 0.0:
            against += weights[j]
    return mean, against
