"""Sharpe ratio tests: significance of a ratio, given its length, its tails and the number of trials behind it.

Ratios here are *per observation*, not annualised: mean over sample standard deviation of the returns.

Sources: Bailey & López de Prado (2012), The Sharpe Ratio Efficient Frontier, Journal of Risk 15 (2); Bailey & López de
Prado (2014), The Deflated Sharpe Ratio, Journal of Portfolio Management 40 (5).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.statistics import sharpe_ratio
from quaestor.errors import DataError

_NORMAL = NormalDist()
_EULER_GAMMA = 0.5772156649015329
_OBSERVATIONS_MIN = 4


@dataclass(frozen=True, slots=True)
class Sharpe:
    """Sharpe ratio with the moments that its error depends on.

    Attributes:
        ratio: per observation.
        observations: that it was measured on.
        skewness: third standardised moment of the returns, 0 for normal ones.
        kurtosis: fourth standardised moment, 3 for normal ones.
    """

    ratio: float
    observations: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    @property
    def error(self) -> float:
        """Return the standard error of the ratio: Mertens (2002), as in the sources."""
        return math.sqrt(self._spread / (self.observations - 1))

    @property
    def _spread(self) -> float:
        # of any sample the kurtosis is at least 1 + skewness²: below 0 by rounding only, and 0 for two values only
        return max(1.0 - self.skewness * self.ratio + (self.kurtosis - 1.0) / 4.0 * self.ratio**2, 1e-12)


def measure_sharpe(returns: NDArray[np.float64]) -> Sharpe:
    """Return the ratio of returns, float64 (n,), with their population skewness and kurtosis.

    Raises:
        DataError: fewer than 4 returns, one that is no number, or none that differs.
    """
    if len(returns) < _OBSERVATIONS_MIN or not np.isfinite(returns).all():
        raise DataError(f"{len(returns)} returns, or one that is no number", place="Sharpe ratio", remedy="give more")
    ratio = sharpe_ratio(returns, 1.0)
    if ratio is None:
        raise DataError("returns that are all the same", place="Sharpe ratio", remedy="give a period with trades")
    deviations = returns - np.mean(returns)
    standard = deviations / math.sqrt(float(np.mean(deviations**2)))
    return Sharpe(ratio, len(returns), float(np.mean(standard**3)), float(np.mean(standard**4)))


def probabilistic_sharpe(sharpe: Sharpe, benchmark: float = 0.0) -> float:
    """Return the probability that the true ratio exceeds a benchmark, both per observation.

    Example:
        >>> round(probabilistic_sharpe(Sharpe(0.458, 24, -2.448, 10.164)), 3)
        0.913
    """
    return _NORMAL.cdf((sharpe.ratio - benchmark) / sharpe.error)


def expected_best_sharpe(trials: int, variance: float) -> float:
    """Return the ratio that the best of some trials without any skill is expected to show (the False Strategy theorem).

    Args:
        trials: independent ones, at least 1.
        variance: of the ratios of the trials, per observation.

    Example:
        >>> round(expected_best_sharpe(100, 0.5 / 250), 4)
        0.1132
    """
    if trials <= 1:
        return 0.0
    low, high = (_NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - math.exp(-1.0) / trials))
    return math.sqrt(variance) * ((1.0 - _EULER_GAMMA) * low + _EULER_GAMMA * high)


def deflated_sharpe(sharpe: Sharpe, trials: int, variance: float | None = None) -> float:
    """Return the probability that the true ratio exceeds what the best of so many trials without skill would show.

    Args:
        sharpe: of the one that was chosen.
        trials: configurations that were tried, itself included. Trials that resemble one another count as if they did
            not, which errs on the side of caution.
        variance: of the ratios of the trials, per observation. Where it is not known, the variance of the ratio that
            something without skill shows by chance: 1 / (n − 1) for normal returns.

    Example:
        >>> observed = Sharpe(2.5 / 250**0.5, 1250, -3.0, 10.0)
        >>> round(deflated_sharpe(observed, 100, 0.5 / 250), 4)
        0.9004
    """
    by_chance = 1.0 / (sharpe.observations - 1)
    return probabilistic_sharpe(sharpe, expected_best_sharpe(trials, by_chance if variance is None else variance))


def minimum_track_record(sharpe: Sharpe, benchmark: float = 0.0, confidence: float = 0.95) -> float | None:
    """Return the observations needed to be so confident that the true ratio exceeds a benchmark; None if it does not.

    Example:
        >>> daily = Sharpe(2 / 252**0.5, 1)
        >>> round(minimum_track_record(daily, 1 / 252**0.5) / 252, 2)  # years
        2.73
    """
    if not sharpe.ratio > benchmark:
        return None
    return 1.0 + sharpe._spread * (_NORMAL.inv_cdf(confidence) / (sharpe.ratio - benchmark)) ** 2
