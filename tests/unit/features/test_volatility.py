"""Volatility features against their formulas, window by window, on real bars."""

import numpy as np
import polars as pl
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tests.slices import MINUTES

from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
ROWS = 3_000


@pytest.fixture(scope="module")
def bars() -> Series:
    """Return open, high, low, close and volume of real minutes."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(20_000, ROWS)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


def padded(values: Series) -> Series:
    """Return the values at the end of a series of ROWS, NaN before."""
    return np.concatenate([np.full(ROWS - len(values), np.nan), values])


def mean_root(terms: Series, length: int) -> Series:
    """Return the root of the rolling mean."""
    return padded(np.sqrt(sliding_window_view(terms, length).mean(axis=1)))


def expected(bars: Series) -> dict[str, Series]:
    """Return the features by their definitions."""
    opened, high, low, close = bars[:4]
    drift_free = np.log(high / close) * np.log(high / opened) + np.log(low / close) * np.log(low / opened)
    returns = np.log(close[1:] / close[:-1])
    k = 0.34 / (1.34 + 21 / 19)
    jumps = sliding_window_view(np.log(opened[1:] / close[:-1]), 20).var(axis=1, ddof=1)
    bodies = sliding_window_view(np.log(close / opened)[1:], 20).var(axis=1, ddof=1)
    inside = sliding_window_view(drift_free[1:], 20).mean(axis=1)
    decayed = [returns[0] ** 2]
    for change in returns[1:]:
        decayed.append(0.94 * decayed[-1] + 0.06 * change**2)
    products = np.abs(returns[1:] * returns[:-1])
    volatility = sliding_window_view(returns, 20).std(axis=1, ddof=1)
    below = 100 * (close[13:] / sliding_window_view(close, 14).max(axis=1) - 1)
    body = (2 * np.log(2) - 1) * np.log(close / opened) ** 2
    return {
        "parkinson_20": mean_root(np.log(high / low) ** 2 / (4 * np.log(2)), 20),
        "garman_klass_20": mean_root(np.log(high / low) ** 2 / 2 - body, 20),
        "rogers_satchell_20": mean_root(drift_free, 20),
        "yang_zhang_20": padded(np.sqrt(jumps + k * bodies + (1 - k) * inside)),
        "historical_range_20": padded(
            np.log(sliding_window_view(high, 20).max(axis=1) / sliding_window_view(low, 20).min(axis=1))
        ),
        "ewma_volatility_0.94": padded(np.sqrt(np.array(decayed))),
        "realised_20": padded(np.sqrt(sliding_window_view(returns**2, 20).sum(axis=1))),
        "bipower_20": padded(np.sqrt(np.pi / 2 * 20 / 19 * sliding_window_view(products, 19).sum(axis=1))),
        "volatility_of_volatility_20_30": padded(sliding_window_view(volatility, 30).std(axis=1, ddof=1)),
        "ulcer_index_14": mean_root(below**2, 14),
    }


def test_volatilities_equal_their_formulas_on_real_bars(bars: Series) -> None:
    references = expected(bars)
    out = compute(make_plan(list(references)), bars)
    for row, (name, values) in enumerate(references.items()):
        assert np.isfinite(values).sum() > ROWS - 60
        np.testing.assert_allclose(out[row], values, rtol=1e-9, atol=1e-15, err_msg=name)
