"""Decay test: a one-sided CUSUM on the trades of the model in use, against its out-of-sample trades.

    S₀ = 0,   Sₖ = max(0, Sₖ₋₁ + (m − xₖ)/s − a)

over the trades' net returns x, with mean m and deviation s of the out-of-sample trades and half the distance from m to
nothing as the allowance a: the sum drifts down while the edge is there and up once it is gone. It alarms above a
threshold that trades drawn from the out-of-sample ones, of any shape of tail, exceed within a horizon with a given
probability.

Source: Page (1954), Continuous inspection schemes, Biometrika 41; threshold by the bootstrap as in Chatterjee & Qiu
(2009), Distribution-free cumulative sum control charts using bootstrap-based control limits, Annals of Applied
Statistics 3 (1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import DataError

_TRADES_MIN = 30
_PATHS = 2000
#: Least allowance, in deviations: a smaller shift is lost in noise within any horizon.
_ALLOWANCE_MIN = 0.05


@dataclass(frozen=True, slots=True)
class Expectation:
    """Distribution that the trades of a model are expected to have, and the threshold of the sum.

    Attributes:
        mean: net return of a trade, out of sample.
        deviation: sample standard deviation.
        trades: that it was measured on.
        allowance: what is taken off a trade's shortfall, in deviations.
        threshold: of the sum.
        horizon_trades: within which a false alarm has the probability `false_alarm`.
    """

    mean: float
    deviation: float
    trades: int
    allowance: float
    threshold: float
    horizon_trades: int
    false_alarm: float


@dataclass(frozen=True, slots=True)
class Decay:
    """Result of the test: whether to roll back, and the figures.

    Attributes:
        statistic: the highest that the sum has been.
        at_trade: trades when it first exceeded the threshold; 0 when it did not.
        mean: net return of the live trades; 0 without one.
    """

    roll_back: bool
    reason: str
    statistic: float
    threshold: float
    at_trade: int
    trades: int
    mean: float
    expected_mean: float

    @property
    def figures(self) -> dict[str, float]:
        """Return every number, as the registry holds them."""
        numbers = ("statistic", "threshold", "at_trade", "trades", "mean", "expected_mean")
        return {name: float(getattr(self, name)) for name in numbers}


def expect(
    trade_returns: NDArray[np.float64], *, horizon_trades: int = 250, false_alarm: float = 0.05, seed: int = 0
) -> Expectation:
    """Return the expectation that out-of-sample trades, float64 (k,), net of costs, set.

    Args:
        trade_returns: of closed trades, in order.
        horizon_trades: live trades within which a model as good as ever alarms with probability `false_alarm`.
        false_alarm: that probability.
        seed: of the resampling; the same seed gives the same threshold.

    Raises:
        DataError: fewer than 30 trades, one that is no number, or none that differs.
    """
    k = len(trade_returns)
    if k < _TRADES_MIN or not np.isfinite(trade_returns).all() or not float(np.ptp(trade_returns)) > 0.0:
        raise DataError(
            f"{k} trades, fewer than {_TRADES_MIN} or none that differs",
            place="expectation of a model",
            remedy="measure it on a longer period",
        )
    mean, deviation = float(np.mean(trade_returns)), float(np.std(trade_returns, ddof=1))
    allowance = max(mean / deviation / 2.0, _ALLOWANCE_MIN)
    drawn = np.random.default_rng(seed).integers(0, k, (_PATHS, horizon_trades))
    shortfalls = ((mean - trade_returns) / deviation - allowance)[drawn]
    highest = np.max(_cumulated(shortfalls), axis=1)
    threshold = float(np.quantile(highest, 1.0 - false_alarm))
    return Expectation(mean, deviation, k, allowance, threshold, horizon_trades, false_alarm)


def assess_live(expectation: Expectation, trade_returns: NDArray[np.float64]) -> Decay:
    """Return whether live trades, float64 (k,), net of costs, in order since the model is in use, call for a
    rollback.

    Raises:
        DataError: a return that is no number.
    """
    if not np.isfinite(trade_returns).all():
        raise DataError("a trade's return is no number", place="live trades", remedy="check the journal")
    shortfalls = (expectation.mean - trade_returns) / expectation.deviation - expectation.allowance
    sums = _cumulated(shortfalls[None, :])[0]
    over = np.flatnonzero(sums > expectation.threshold)
    at = int(over[0]) + 1 if len(over) else 0
    mean = float(np.mean(trade_returns)) if len(trade_returns) else 0.0
    compared = f"{len(trade_returns)} live trades of {mean:+.5f} on average where {expectation.mean:+.5f} was expected"
    verdict = f"the edge is gone since trade {at} at the latest" if at else "nothing that chance does not explain"
    highest = float(np.max(sums, initial=0.0))
    return Decay(
        at > 0, f"{compared}: {verdict}", highest, expectation.threshold, at, len(trade_returns), mean, expectation.mean
    )


def _cumulated(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum that is never below 0, along the last axis: the running sum less its lowest so far."""
    running = np.cumsum(steps, axis=-1)
    return running - np.minimum(np.minimum.accumulate(running, axis=-1), 0.0)
