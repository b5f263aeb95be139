"""Probability of backtest overfitting: that choosing the best of many backtests chooses a bad one.

Source: Bailey, Borwein, López de Prado & Zhu (2017), The Probability of Backtest Overfitting, Journal of Computational
Finance 20 (4): combinatorially symmetric cross-validation.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """Rank, in the other half of the time, of the trial that was best in one half.

    Attributes:
        probability: share of the splits in which the best is no better than the median of all out of sample.
        logits: float64 (splits,): log odds of the out-of-sample rank of the in-sample best; below 0: the worse half.
        loss_probability: share of the splits in which the best has a negative ratio out of sample.
    """

    probability: float
    logits: NDArray[np.float64]
    loss_probability: float


def overfitting(returns: NDArray[np.float64], blocks: int = 16) -> Overfitting:
    """Split time into blocks, choose by Sharpe ratio in each half of them, and rank the choice in the other half.

    Args:
        returns: float64 (n, trials): of every configuration that was tried on the same rows, one a column. Rows that
            the blocks do not divide are left out at the start.
        blocks: an even number, 2 to 20.

    Raises:
        ConfigError: fewer than 2 trials, an odd number of blocks, or blocks of fewer than 2 rows.
    """
    n, trials = returns.shape
    if trials < 2 or blocks % 2 or not 2 <= blocks <= 20 or n < 2 * blocks:
        raise ConfigError(
            f"{blocks} blocks of {n} rows and {trials} trials",
            place="overfitting",
            remedy="give 2 trials or more, and an even number of blocks, 2 to 20, of 2 rows or more",
        )
    rows = n // blocks
    parts = returns[n - rows * blocks :].reshape(blocks, rows, trials)
    centre = np.mean(parts, axis=(0, 1))
    sums, squares = np.sum(parts - centre, axis=1), np.sum((parts - centre) ** 2, axis=1)
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    members = np.zeros((len(chosen), blocks))
    np.put_along_axis(members, chosen, 1.0, axis=1)
    count = rows * (blocks // 2)
    inside = _ratios(members, sums, squares, centre, count)
    outside = _ratios(1.0 - members, sums, squares, centre, count)
    best = np.argmax(inside, axis=1)
    of_best = np.take_along_axis(outside, best[:, None], axis=1)
    # the mean rank of equals: of configurations that never differ none is worse than another
    rank = np.sum(outside < of_best, axis=1) + (np.sum(outside == of_best, axis=1) + 1) / 2
    share = rank / (trials + 1)
    logits = np.log(share / (1.0 - share))
    return Overfitting(float(np.mean(logits <= 0.0)), logits, float(np.mean(of_best < 0.0)))


def _ratios(
    members: NDArray[np.float64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    centre: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Return mean over deviation of every trial in every half, float64 (splits, trials); 0 without variation."""
    total, square = members @ sums, members @ squares
    variance = np.maximum(square - total**2 / count, 0.0) / (count - 1)
    mean = centre + total / count
    return np.divide(mean, np.sqrt(variance), out=np.zeros_like(mean), where=variance > 1e-28 * (1.0 + mean**2))
