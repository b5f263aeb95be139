"""Sentiment, fear and greed, and funding features against their definitions in NumPy."""

import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from quaestor.adapters.sources.files.files import load_bars
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan, require_inputs

Series = NDArray[np.float64]
N = 24


@pytest.fixture(scope="module")
def columns(shared_data: Path) -> Series:
    """Return real hours with headlines, index and (shifted from another year) funding."""
    data = shared_data / "binance_spot_10sym_1h_20220101_20241231.parquet"
    bars = load_bars(data, "BTCUSDT", start="2022-01-01", end="2022-04-30")
    news = shared_data / "news_crypto_headlines_20211012_20220430.parquet"
    index = shared_data / "fear_greed_daily_20180201_20241231.parquet"
    wide = attach_side_data(bars, SideData(headlines=news, fear_greed=index), data).columns
    later = load_bars(data, "BTCUSDT", start="2023-02-01", end="2023-07-01")
    settled = shared_data / "binance_perp_5sym_funding_8h_20230101_20240514.parquet"
    rates = attach_side_data(later, SideData(funding=settled), data).columns[Column.FUNDING_RATE]
    wide[Column.FUNDING_RATE] = rates[: wide.shape[1]]
    return wide


def windows(x: Series) -> Series:
    return sliding_window_view(x, N)


def score(x: Series) -> Series:
    """Return the standard score of the last value of each window, 0 without spread."""
    scores = np.zeros(len(x) - N + 1)
    for k, window in enumerate(windows(x).tolist()):
        spread = statistics.stdev(window)
        scores[k] = (window[-1] - statistics.fmean(window)) / spread if spread > 0.0 else 0.0
    return scores


Oracle = Callable[[Series], Series]
ORACLES: dict[str, Oracle] = {
    "sentiment": lambda c: c[Column.SENTIMENT],
    f"sentiment_change_{N}": lambda c: c[Column.SENTIMENT, N:] - c[Column.SENTIMENT, :-N],
    f"sentiment_zscore_{N}": lambda c: score(c[Column.SENTIMENT]),
    f"headline_intensity_{N}": lambda c: c[Column.HEADLINES, N - 1 :] / windows(c[Column.HEADLINES]).mean(axis=1),
    f"sentiment_price_divergence_{N}": lambda c: score(c[Column.SENTIMENT]) - score(c[Column.CLOSE]),
    "fear_greed": lambda c: (c[Column.FEAR_GREED] - 50.0) / 50.0,
    f"fear_greed_change_{N}": lambda c: (c[Column.FEAR_GREED, N:] - c[Column.FEAR_GREED, :-N]) / 50.0,
    "funding_rate": lambda c: c[Column.FUNDING_RATE],
    f"funding_zscore_{N}": lambda c: score(c[Column.FUNDING_RATE]),
    f"cumulative_funding_{N}_8": lambda c: windows(c[Column.FUNDING_RATE]).sum(axis=1) / 8.0,
}


@pytest.mark.parametrize("name", ORACLES)
def test_features_equal_their_definitions(columns: Series, name: str) -> None:
    ours = compute(make_plan([name]), columns)[0]
    theirs = ORACLES[name](columns)
    assert np.isnan(ours[: len(ours) - len(theirs)]).all()
    np.testing.assert_allclose(ours[len(ours) - len(theirs) :], theirs, rtol=1e-9, atol=1e-11)


def test_cumulative_funding_equals_the_sum_of_settlements() -> None:
    """Use hourly bars and settlements every eight hours: three settlements a day."""
    columns = np.full((Column.FUNDING_RATE + 1, N), np.nan)
    columns[Column.FUNDING_RATE] = np.repeat([1e-4, 2e-4, -5e-5], 8)
    assert compute(make_plan([f"cumulative_funding_{N}_8"]), columns)[0, -1] == pytest.approx(2.5e-4)


def test_intensity_is_zero_without_headlines_in_the_window() -> None:
    columns = np.zeros((Column.HEADLINES + 1, 3 * N))
    columns[Column.HEADLINES, -1] = 2.0
    intensity = compute(make_plan([f"headline_intensity_{N}"]), columns)[0]
    assert not intensity[N - 1 : -1].any()
    assert intensity[-1] == N


def test_missing_row_is_refused_with_the_name_of_the_feature() -> None:
    with pytest.raises(DataError, match="fear_greed needs fear_greed"):
        require_inputs(make_plan(["rsi_14", "fear_greed"]), np.ones((N_COLUMNS, 50)), "file")
