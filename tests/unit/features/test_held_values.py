"""Features of sentiment, fear and greed, and funding, against their definitions written out in NumPy."""

import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan, require_inputs

Series = NDArray[np.float64]
N = 24


@pytest.fixture(scope="module")
def columns(shared_data: Path) -> Series:
    """Real hours with headlines, index and (of another year, shifted here) funding."""
    data = shared_data / "binance_spot_10sym_1h_20220101_20241231.parquet"
    bars = load_bars(data, "BTCUSDT", start="2022-01-01", end="2022-04-30")
    news = shared_data / "news_crypto_headlines_20211012_20220430.parquet"
    index = shared_data / "fear_greed_daily_20180201_20241231.parquet"
    wide = attach_side_data(bars, SideData(headlines=news, fear_greed=index), open_source(data)).columns
    later = load_bars(data, "BTCUSDT", start="2023-02-01", end="2023-07-01")
    settled = shared_data / "binance_perp_5sym_funding_8h_20230101_20240514.parquet"
    rates = attach_side_data(later, SideData(funding=settled), open_source(data)).columns[Column.FUNDING_RATE]
    wide[Column.FUNDING_RATE] = rates[: wide.shape[1]]
    return wide


def windows(x: Series) -> Series:
    return sliding_window_view(x, N)


def score(x: Series) -> Series:
    """Standard score of the last value of each window, 0 without spread."""
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
def test_it_is_as_defined(columns: Series, name: str) -> None:
    ours = compute(make_plan([name]), columns)[0]
    theirs = ORACLES[name](columns)
    assert np.isnan(ours[: len(ours) - len(theirs)]).all()
    np.testing.assert_allclose(ours[len(ours) - len(theirs) :], theirs, rtol=1e-9, atol=1e-11)


def test_cumulative_funding_is_what_settlements_add_up_to() -> None:
    """Hours between settlements of eight hours: three settlements in a day."""
    columns = np.full((Column.FUNDING_RATE + 1, N), np.nan)
    columns[Column.FUNDING_RATE] = np.repeat([1e-4, 2e-4, -5e-5], 8)
    assert compute(make_plan([f"cumulative_funding_{N}_8"]), columns)[0, -1] == pytest.approx(2.5e-4)


def test_no_headline_for_a_whole_window_is_no_intensity() -> None:
    columns = np.zeros((Column.HEADLINES + 1, 3 * N))
    columns[Column.HEADLINES, -1] = 2.0
    intensity = compute(make_plan([f"headline_intensity_{N}"]), columns)[0]
    assert not intensity[N - 1 : -1].any()
    assert intensity[-1] == N


def test_without_the_row_the_feature_is_named() -> None:
    with pytest.raises(DataError, match="fear_greed needs fear_greed"):
        require_inputs(make_plan(["rsi_14", "fear_greed"]), np.ones((N_COLUMNS, 50)), "file")
