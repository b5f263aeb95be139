"""Statistical features against their formulas and pandas, window by window, on real bars."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import talib
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.errors import ConfigError
from quaestor.features.catalog import parse_feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
ROWS = 2_000


@pytest.fixture(scope="module")
def bars() -> Series:
    """Return open, high, low, close and volume of real minutes."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(20_000, ROWS)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


def padded(values: Series) -> Series:
    """Return the values at the end of a series of ROWS, NaN before."""
    return np.concatenate([np.full(ROWS - len(values), np.nan), values])


def entropy(returns: Series) -> float:
    """Return the normalised entropy over ten equal intervals."""
    place = (returns - returns.min()) / (returns.max() - returns.min()) * 10
    shares = np.bincount(np.minimum(place.astype(int), 9), minlength=10) / len(returns)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(10))


def rescaled_range(part: Series) -> float:
    """Return the rescaled range of one part."""
    walk = np.concatenate([[0.0], np.cumsum(part - part.mean())])
    return float((walk.max() - walk.min()) / part.std())


def hurst(returns: Series) -> float:
    """Return the slope over parts of 100, 50, 25 and 12 returns."""
    sizes = [100, 50, 25, 12]
    means = []
    for size in sizes:
        parts = returns[len(returns) - len(returns) // size * size :].reshape(-1, size)
        means.append(np.mean([rescaled_range(part) for part in parts]))
    return float(np.polyfit(np.log(sizes), np.log(means), 1)[0])


def autocorrelation(returns: Series, lag: int) -> float:
    """Return the usual estimator of the autocorrelation."""
    d = returns - returns.mean()
    return float((d[lag:] * d[:-lag]).sum() / (d * d).sum())


def expected(bars: Series) -> dict[str, Series]:
    """Return the features by their definitions."""
    close, volume = pd.Series(bars[3]), pd.Series(bars[4])
    returns = np.diff(np.log(bars[3]))
    fifties = sliding_window_view(returns, 50)
    weights = [1.0]
    for k in range(1, 100):
        weights.append(-weights[-1] * (0.4 - k + 1) / k)
    logs = sliding_window_view(np.log(bars[3]), 100)
    lines = [np.corrcoef(np.arange(14), window)[0, 1] ** 2 for window in sliding_window_view(bars[3], 14)]
    moving = [np.corrcoef(a, b)[0, 1] for a, b in zip(*(sliding_window_view(bars[r], 20) for r in (3, 4)), strict=True)]
    assert len(volume) == ROWS
    return {
        "skew_50": padded(pd.Series(returns).rolling(50).apply(lambda w: w.skew()).to_numpy()),
        "kurtosis_50": padded(pd.Series(returns).rolling(50).apply(lambda w: w.kurt()).to_numpy()),
        "autocorrelation_50_1": padded(np.array([autocorrelation(w, 1) for w in fifties])),
        "autocorrelation_50_7": padded(np.array([autocorrelation(w, 7) for w in fifties])),
        "zscore_20": ((close - close.rolling(20).mean()) / close.rolling(20).std()).to_numpy(),
        "price_volume_correlation_20": padded(np.array(moving)),
        "entropy_50_10": padded(np.array([entropy(w) for w in fifties])),
        "hurst_100": padded(np.array([hurst(w) for w in sliding_window_view(returns, 100)])),
        "fractional_difference_0.4_100": padded(logs @ np.array(weights)[::-1]),
        "var_20": padded(sliding_window_view(bars[3], 20).var(axis=1)),
        "stddev_20": padded(sliding_window_view(bars[3], 20).std(axis=1)),
        "linearreg_r2_14": padded(np.array(lines)),
    }


def test_features_equal_their_formulas_on_real_bars(bars: Series) -> None:
    references = expected(bars)
    out = compute(make_plan(list(references)), bars)
    for row, (name, values) in enumerate(references.items()):
        assert np.isfinite(values).sum() > ROWS - 110
        np.testing.assert_allclose(
            out[row], values, rtol=1e-9, atol=1e-9 if name == "zscore_20" else 1e-11, err_msg=name
        )


def test_variance_equals_talib_within_its_rounding(bars: Series) -> None:
    out = compute(make_plan(["var_20", "stddev_20"]), bars)
    np.testing.assert_allclose(out[0], talib.VAR(bars[3], 20), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(out[1], talib.STDDEV(bars[3], 20), rtol=1e-5, atol=1e-2)


def test_fractional_differences_of_order_0_and_1_are_log_close_and_return(bars: Series) -> None:
    out = compute(make_plan(["fractional_difference_0_50", "fractional_difference_1_50"]), bars)
    np.testing.assert_allclose(out[0, 49:], np.log(bars[3, 49:]), rtol=1e-14)
    np.testing.assert_allclose(out[1, 49:], np.diff(np.log(bars[3]))[48:], atol=1e-13)


def test_lag_that_leaves_no_pairs_is_refused() -> None:
    with pytest.raises(ConfigError, match="leaves no pair"):
        parse_feature("autocorrelation_10_10")
