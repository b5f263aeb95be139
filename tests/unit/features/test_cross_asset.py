"""Cross-asset features against scipy and numpy, on real bars of two instruments."""

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.slices import JANUARY

from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan, require_inputs

from .real_bars import Series
from .reference import exponential

ROWS = 400


@pytest.fixture(scope="module")
def columns() -> Series:
    """Return real minutes of ETH with the closes of BTC as benchmark."""
    matrix = np.full((Column.BENCHMARK + 1, ROWS), np.nan)
    names = ["open", "high", "low", "close", "volume"]
    for symbol, rows in (("ETHUSDT", slice(0, 5)), ("BTCUSDT", slice(Column.BENCHMARK, Column.BENCHMARK + 1))):
        frame = pl.read_parquet(JANUARY).filter(pl.col("symbol") == symbol)
        frame = frame.slice(30_000, ROWS).select(names if symbol == "ETHUSDT" else ["close"])
        matrix[rows] = frame.to_numpy().T
    return matrix


def pairs_of(own: Series, other: Series, length: int) -> list[tuple[Series, Series]]:
    """Return windows of two series, from the first in which both are complete."""
    return [(own[k - length : k], other[k - length : k]) for k in range(length, len(own) + 1)]


def padded(values: list[float]) -> Series:
    """Return the values at the end of a series of ROWS, NaN before."""
    return np.concatenate([np.full(ROWS - len(values), np.nan), values])


def residual(own: Series, other: Series) -> float:
    """Return the residual of the newest pair."""
    line = stats.linregress(other, own)
    return float(own[-1] - line.intercept - line.slope * other[-1])


def spread_zscore(own: Series, other: Series) -> float:
    """Return the newest residual in standard deviations of all, with levels subtracted first to avoid cancellation."""
    own, other = own - own[-1], other - other[-1]
    line = stats.linregress(other, own)
    distances = own - line.intercept - line.slope * other
    return float(distances[-1] / np.std(distances, ddof=1))


def expected(columns: Series) -> dict[str, Series]:
    """Return the features by their definitions."""
    own, other = np.log(columns[Column.CLOSE]), np.log(columns[Column.BENCHMARK])
    returns = pairs_of(np.diff(own), np.diff(other), 50)
    levels = pairs_of(own, other, 100)
    ratio = columns[Column.CLOSE] / columns[Column.BENCHMARK]
    return {
        "benchmark_beta_50": padded([stats.linregress(b, a).slope for a, b in returns]),
        "benchmark_correlation_50": padded([stats.pearsonr(a, b).statistic for a, b in returns]),
        "residual_return_50": padded([residual(a, b) for a, b in returns]),
        "residual_return_50.alpha": padded([stats.linregress(b, a).intercept for a, b in returns]),
        "tracking_volatility_50": padded([float(np.std(a - b, ddof=1)) for a, b in returns]),
        "side_beta_50.up": padded([stats.linregress(b[b > 0], a[b > 0]).slope for a, b in returns]),
        "side_beta_50.down": padded([stats.linregress(b[b < 0], a[b < 0]).slope for a, b in returns]),
        "lead_lag_50.leads": padded([stats.pearsonr(a[:-1], b[1:]).statistic for a, b in returns]),
        "lead_lag_50.follows": padded([stats.pearsonr(a[1:], b[:-1]).statistic for a, b in returns]),
        "relative_strength_20": padded(list(ratio[20:] / ratio[:-20] - 1)),
        "ratio_momentum_12_26": exponential(np.log(ratio), 12) - exponential(np.log(ratio), 26),
        "spread_zscore_100": padded([spread_zscore(a, b) for a, b in levels]),
        "spread_zscore_100.hedge_ratio": padded([stats.linregress(b, a).slope for a, b in levels]),
    }


def test_features_equal_scipy_and_numpy_on_real_bars(columns: Series) -> None:
    references = expected(columns)
    plan = make_plan(list(references))
    out = compute(plan, columns)
    for row, (name, values) in enumerate(references.items()):
        assert int(np.isnan(values).sum()) == plan.requested[row].warmup, name
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-12, err_msg=name)


def test_instrument_against_itself_has_beta_one_and_no_residual(columns: Series) -> None:
    same = columns.copy()
    same[Column.BENCHMARK] = same[Column.CLOSE]
    names = ["benchmark_beta_50", "benchmark_correlation_50", "tracking_volatility_50", "relative_strength_20"]
    beta, together, apart, stronger = compute(make_plan(names), same)
    np.testing.assert_allclose(beta[50:], 1.0, rtol=1e-12)
    np.testing.assert_allclose(together[50:], 1.0, rtol=1e-12)
    assert not apart[50:].any()
    assert not stronger[20:].any()


def test_lead_lag_identifies_the_leading_series() -> None:
    steps = np.random.default_rng(2).normal(0.0, 0.01, 300)
    columns = np.full((Column.BENCHMARK + 1, 300), np.nan)
    columns[Column.CLOSE] = np.exp(np.cumsum(steps))
    columns[Column.BENCHMARK, 1:] = columns[Column.CLOSE, :-1]
    leads, follows = compute(make_plan(["lead_lag_50", "lead_lag_50.follows"]), columns)
    np.testing.assert_allclose(leads[52:], 1.0, rtol=1e-12)
    assert np.abs(follows[52:]).max() < 0.6


def test_data_without_benchmark_is_refused(columns: Series) -> None:
    with pytest.raises(DataError, match="benchmark_beta_50 needs benchmark"):
        require_inputs(make_plan(["benchmark_beta"]), columns[:5], "file")


def test_fast_average_longer_than_slow_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be shorter"):
        parse_feature("ratio_momentum_26_12")
