"""Drift baseline: loss and profit of out-of-fold forecasts over blocks of one horizon, which drift is measured
against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import log_loss

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Means over blocks of one horizon; all 0 where there are too few blocks.

    Attributes:
        loss: log loss of the pooled probability, and `loss_deviation` of its block means.
        profit_deviation: of the block means of what its side earned after costs, as a multiple of the expected width.
    """

    loss: float
    loss_deviation: float
    profit_deviation: float


#: Fewest blocks to measure deviations on.
_BLOCKS_MIN = 20


def expectation(pooled: Floats, dataset: Dataset, barrier: Barrier) -> Expectation:
    """Return the baseline of a pool's out-of-fold probabilities.

    Args:
        pooled: float64 (s,), probability of up out of fold, NaN for no opinion.
        dataset: the s samples.
        barrier: its rows are a block, its cost that of a trade.
    """
    there = np.isfinite(pooled)
    block = dataset.rows[there] // barrier.rows
    loss = _block_means(log_loss(pooled[there], dataset.up[there]), block)
    side = np.where(pooled[there] > 0.5, 1.0, -1.0)
    profit = _block_means((side * dataset.change[there] - barrier.cost) / dataset.width[there], block)
    if len(loss) < _BLOCKS_MIN:
        return Expectation(0.0, 0.0, 0.0)
    return Expectation(float(loss.mean()), float(loss.std(ddof=1)), float(profit.std(ddof=1)))


def _block_means(values: Floats, block: NDArray[np.int64]) -> Floats:
    _, place, count = np.unique(block, return_inverse=True, return_counts=True)
    means: Floats = np.bincount(place, values) / count
    return means
