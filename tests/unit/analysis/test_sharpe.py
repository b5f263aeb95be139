"""Sharpe ratio tests against the examples of the papers and another library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skfolio.measures import deflated_sharpe_ratio, probabilistic_sharpe_ratio

from quaestor.analysis.sharpe import (
    Sharpe,
    deflated_sharpe,
    expected_best_sharpe,
    measure_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from quaestor.errors import DataError

#: Bailey & López de Prado (2014): five years of days, an annual ratio of 2.5, trials with a variance of 1/2 a year.
OBSERVED = Sharpe(2.5 / math.sqrt(250), 1250, -3.0, 10.0)
VARIANCE = 0.5 / 250


def test_the_worked_example_of_the_deflated_ratio() -> None:
    assert expected_best_sharpe(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(OBSERVED, 100, VARIANCE) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(OBSERVED, 46, VARIANCE) == pytest.approx(0.9505, abs=5e-5)
    normal = Sharpe(OBSERVED.ratio, 1250)
    assert deflated_sharpe(normal, 88, VARIANCE) == pytest.approx(0.9505, abs=5e-5)


def test_the_worked_examples_of_the_probabilistic_ratio() -> None:
    """Bailey & López de Prado (2012): two years of months of a hedge fund."""
    ratio = 0.458
    assert probabilistic_sharpe(Sharpe(ratio, 24)) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(Sharpe(ratio, 24, -2.448, 10.164)) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_the_worked_examples_of_the_minimum_track_record(periods: int, years: float) -> None:
    """The same: an annual ratio of 2 above one of 1, normal returns of days, weeks and months."""
    root = math.sqrt(periods)
    found = minimum_track_record(Sharpe(2 / root, 1), 1 / root)
    assert found is not None
    assert found / periods == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize("seed", range(5))
def test_ratios_equal_another_librarys(seed: int) -> None:
    returns = np.random.default_rng(seed).standard_t(5, 500) * 0.01 + 0.001
    sharpe = measure_sharpe(returns)
    expected = probabilistic_sharpe_ratio(returns, benchmark_sharpe_ratio=0.02)
    assert probabilistic_sharpe(sharpe, 0.02) == pytest.approx(expected, rel=1e-3)
    trials = np.random.default_rng(seed + 100).normal(0.0, 0.03, 40)
    expected = deflated_sharpe_ratio(returns, trials)
    assert deflated_sharpe(sharpe, 40, float(np.var(trials, ddof=1))) == pytest.approx(expected, rel=1e-9)


def test_without_a_known_variance_it_is_that_of_chance() -> None:
    assert deflated_sharpe(OBSERVED, 100) == deflated_sharpe(OBSERVED, 100, 1 / 1249)
    assert deflated_sharpe(OBSERVED, 1) == probabilistic_sharpe(OBSERVED)


def test_the_best_of_noise_seldom_passes() -> None:
    """Fifty strategies without skill: their best looks real at 95 % in about one search of twenty, not in most."""
    rng = np.random.default_rng(0)
    naive = believed = 0
    for _ in range(200):
        found = [measure_sharpe(returns) for returns in rng.normal(0.0, 0.01, (50, 250))]
        best = max(found, key=lambda sharpe: sharpe.ratio)
        naive += probabilistic_sharpe(best) > 0.95
        believed += deflated_sharpe(best, 50) > 0.95
    assert naive > 150
    assert believed < 20


@given(st.floats(-0.5, 0.5), st.integers(10, 10_000), st.integers(2, 10_000))
def test_more_trials_never_make_it_more_likely(ratio: float, observations: int, trials: int) -> None:
    sharpe = Sharpe(ratio, observations)
    assert deflated_sharpe(sharpe, trials + 1) <= deflated_sharpe(sharpe, trials) <= probabilistic_sharpe(sharpe)


def test_a_ratio_below_the_benchmark_needs_no_length() -> None:
    assert minimum_track_record(Sharpe(0.1, 100), 0.1) is None


@pytest.mark.parametrize("returns", [np.zeros(10), np.array([0.1, 0.2]), np.array([0.1, np.nan, 0.2, 0.3])])
def test_returns_without_a_ratio_are_refused(returns: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    with pytest.raises(DataError):
        measure_sharpe(returns)


def test_two_values_have_a_positive_error() -> None:
    """Skewness and kurtosis of a coin of two sides can cancel the whole error."""
    sharpe = measure_sharpe(np.array([1.0, 1.0, 1.0, 0.0]))
    assert sharpe.error > 0.0
    assert 0.0 <= probabilistic_sharpe(sharpe, 5.0) <= 1.0
