"""Sentiment, fear and greed, and funding features against their definitions in NumPy."""

import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tests.made_markets import make_headlines, make_perpetuals
from tests.slices import HOURS

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan, require_inputs

Series = NDArray[np.float64]
N = 24


@pytest.fixture(scope="module")
def columns(fear_greed: Path, tmp_path_factory: pytest.TempPathFactory) -> Series:
    """Real hours of January with headlines, index and funding beside."""
    folder = tmp_path_factory.mktemp("beside")
    settled = make_perpetuals(folder, "2024-01-01", "2024-02-01").funding
    news = make_headlines(folder / "headlines.parquet", "2023-12-28", 1_400)
    bars = load_bars(HOURS, "BTCUSDT", start="2024-01-01", end="2024-02-01")
    return attach_side_data(
        bars, SideData(headlines=news, fear_greed=fear_greed, funding=settled), open_source(HOURS)
    ).columns


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
