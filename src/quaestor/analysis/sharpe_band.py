"""Confidence bands of a Sharpe ratio, or of the difference of two, by the circular block bootstrap.

Blocks of consecutive days are drawn together, so that days that depend on their neighbours stay beside them; of two
series the same days are drawn, so that what moves both cancels out.

Source: Politis & Romano (1992), A circular block-resampling procedure for stationary data; Ledoit & Wolf (2008), Robust
performance hypothesis testing with the Sharpe ratio, Journal of Empirical Finance 15 (5).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.block_bootstrap import block_length
from quaestor.analysis.statistics import PERIODS_ALWAYS_OPEN, TAIL_DAYS_MIN

Floats = NDArray[np.float64]

#: Resampled days held at a time.
_DAYS_AT_A_TIME = 4_000_000


@dataclass(frozen=True, slots=True)
class Band:
    """Interval that holds the true value with a probability of 95 %."""

    low: float
    high: float


def sharpe_band(
    returns: Floats, periods: float = PERIODS_ALWAYS_OPEN, *, draws: int = 2_000, seed: int = 0
) -> Band | None:
    """Return the band of the annual Sharpe ratio of daily returns, float64 (n,).

    None with fewer than 20 days, or without variation.

    Example:
        >>> band = sharpe_band(np.tile([0.01, -0.008, 0.002], 40))
        >>> band.low < 2.6 < band.high
        True
    """
    return sharpe_difference_band(returns, np.zeros(len(returns)), periods, draws=draws, seed=seed)


def sharpe_difference_band(
    mine: Floats, theirs: Floats, periods: float = PERIODS_ALWAYS_OPEN, *, draws: int = 2_000, seed: int = 0
) -> Band | None:
    """Return the band of the difference of two annual Sharpe ratios over the same n days; series that never move have
    0.

    None with fewer than 20 days, or where neither moves.

    Raises:
        ValueError: series of different lengths.
    """
    if len(mine) != len(theirs):
        raise ValueError(f"{len(mine)} days against {len(theirs)}")
    n = len(mine)
    if n < TAIL_DAYS_MIN or not max(float(np.ptp(mine)), float(np.ptp(theirs))) > 0.0:
        return None
    rng = np.random.default_rng(seed)
    block = block_length(n)
    blocks = -(-n // block)
    found = []
    for begin in range(0, draws, step := max(1, _DAYS_AT_A_TIME // n)):
        starts = rng.integers(0, n, (min(step, draws - begin), blocks))
        days = ((starts[:, :, None] + np.arange(block)) % n).reshape(len(starts), -1)[:, :n]
        found.append(_ratios(mine[days]) - _ratios(theirs[days]))
    low, high = np.quantile(np.concatenate(found), (0.025, 0.975)) * math.sqrt(periods)
    return Band(float(low), float(high))


def _ratios(returns: Floats) -> Floats:
    """Return mean over sample deviation of each row, 0 without variation."""
    deviation = np.std(returns, axis=1, ddof=1)
    moves = deviation > 1e-14 * np.max(np.abs(returns), axis=1, initial=0.0)
    ratios: Floats = np.where(moves, np.mean(returns, axis=1) / np.where(moves, deviation, 1.0), 0.0)
    return ratios
