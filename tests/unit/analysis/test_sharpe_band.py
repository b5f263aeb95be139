"""Bands of Sharpe ratios against what is known of normal returns, and their plain properties."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.analysis.sharpe_band import sharpe_band, sharpe_difference_band


def normal(days: int, mean: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 0.01, days)


def test_the_band_is_as_wide_as_the_error_of_independent_normal_returns() -> None:
    returns = normal(2_000, 0.0005)
    band = sharpe_band(returns)
    assert band is not None
    error = math.sqrt(365.0) * math.sqrt((1.0 + 0.5 * (returns.mean() / returns.std(ddof=1)) ** 2) / len(returns))
    assert band.high - band.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert band.low < math.sqrt(365.0) * returns.mean() / returns.std(ddof=1) < band.high


def test_days_that_follow_one_another_widen_it() -> None:
    """Ten equal days in a row are one observation, not ten."""
    calm = normal(3_000, 0.0)
    clustered = np.repeat(normal(300, 0.0), 10)
    alone, together = sharpe_band(calm), sharpe_band(clustered)
    assert alone is not None
    assert together is not None
    assert together.high - together.low > 2.0 * (alone.high - alone.low)


def test_the_band_covers_the_truth_at_its_nominal_rate() -> None:
    bands = [sharpe_band(normal(250, 0.0, seed), draws=400, seed=seed) for seed in range(200)]
    inside = np.mean([band is not None and band.low <= 0.0 <= band.high for band in bands])
    assert 0.88 <= inside <= 0.99


def test_what_moves_both_cancels_out() -> None:
    market = normal(500, 0.0)
    better = market + 0.001
    band, alone = sharpe_difference_band(better, market), sharpe_band(better)
    assert band is not None
    assert alone is not None
    assert band.low > 0.0
    assert band.high - band.low < 0.2 * (alone.high - alone.low)
    same = sharpe_difference_band(market, market)
    assert same is not None
    assert (same.low, same.high) == (0.0, 0.0)


def test_the_same_seed_gives_the_same_band() -> None:
    returns = normal(300, 0.001)
    assert sharpe_band(returns, seed=1) == sharpe_band(returns, seed=1)
    assert sharpe_band(returns, seed=1) != sharpe_band(returns, seed=2)


@pytest.mark.parametrize("returns", [np.zeros(300), normal(19, 0.0), np.empty(0)])
def test_too_few_days_or_none_that_moves_give_no_band(returns: NDArray[np.float64]) -> None:
    assert sharpe_band(returns) is None


def test_different_days_are_refused() -> None:
    with pytest.raises(ValueError, match="20 days against 21"):
        sharpe_difference_band(np.zeros(20), np.zeros(21))
