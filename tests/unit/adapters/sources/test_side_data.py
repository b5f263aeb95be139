"""Everything beside the bars at once, from files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.made_markets import Perpetuals
from tests.slices import HOURS

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError, UnknownNameError


@pytest.fixture(scope="module")
def ether() -> Bars:
    return load_bars(HOURS, "ETHUSDT", start="2023-04-01", end="2023-05-01")


def test_all_rows_of_side_data(headlines: Path, fear_greed: Path, ether: Bars) -> None:
    side = SideData(headlines=headlines, fear_greed=fear_greed, benchmark="btc/usdt")
    wide = attach_side_data(ether, side, open_source(HOURS))
    assert wide.columns.shape == (Column.HEADLINES + 1, len(ether))
    bitcoin = load_bars(HOURS, "BTCUSDT", start="2023-04-01", end="2023-05-01")
    assert np.array_equal(wide.columns[Column.BENCHMARK], bitcoin.columns[Column.CLOSE])
    assert np.all((wide.columns[Column.FEAR_GREED] >= 0) & (wide.columns[Column.FEAR_GREED] <= 100))
    assert np.all(np.abs(wide.columns[Column.SENTIMENT]) < 1)
    assert wide.columns[Column.HEADLINES].max() > 3
    assert np.isnan(wide.columns[Column.FUNDING_RATE]).all()
    titles = pl.read_parquet(headlines)["title"]
    assert wide.notes[-1].startswith(f"{titles.str.contains('Ether').sum()} headlines about ETH")


def test_cut_short_it_is_the_same(headlines: Path, ether: Bars) -> None:
    """What bars come after, and before, changes nothing."""
    side = SideData(headlines=headlines, benchmark="BTCUSDT")
    whole = attach_side_data(ether, side, open_source(HOURS)).columns
    part = replace(ether, ts=ether.ts[100:200], columns=ether.columns[:, 100:200], flags=ether.flags[100:200])
    assert np.array_equal(attach_side_data(part, side, open_source(HOURS)).columns, whole[:, 100:200], equal_nan=True)


def require_last_rate_settled(bars: Bars, path: Path, settled: Path) -> None:
    """Over a day of five minutes, at a close the bars hold the newest rate that was settled by then."""
    held = attach_side_data(bars, SideData(funding=settled), open_source(path)).columns[Column.FUNDING_RATE]
    rates = pl.read_parquet(settled).filter(pl.col("symbol") == "BTCUSDT")
    for k in (0, 94, 95, 96, 287):
        known = rates.filter(pl.col("ts") <= int(bars.ts[k]) + bars.interval_ns)
        assert held[k] == known["funding_rate"][-1]
    assert len(np.unique(held)) > 1


def test_funding(perpetuals: Perpetuals) -> None:
    bars = load_bars(perpetuals.bars, "BTCUSDT", start="2024-01-09", end="2024-01-10")
    require_last_rate_settled(bars, perpetuals.bars, perpetuals.funding)


def test_a_benchmark_of_another_file_and_of_longer_bars(perpetuals: Perpetuals) -> None:
    bars = load_bars(perpetuals.bars, "ETHUSDT", start="2024-01-09", end="2024-01-10")
    side = SideData(benchmark="BTCUSDT", benchmark_data=HOURS)
    held = attach_side_data(bars, side, open_source(perpetuals.bars)).columns[Column.BENCHMARK]
    hours = load_bars(HOURS, "BTCUSDT", start="2024-01-08T23:00", end="2024-01-10")
    assert np.array_equal(held[11::12], hours.columns[Column.CLOSE][1:])
    assert np.all(held[:11] == hours.columns[Column.CLOSE][0])
    longer = attach_side_data(
        load_bars(HOURS, "ETHUSDT", timeframe="4h", end="2023-04-01"),
        SideData(benchmark="BTCUSDT"),
        open_source(HOURS),
        "4h",
    )
    expected = load_bars(HOURS, "BTCUSDT", timeframe="4h", end="2023-04-01")
    assert np.array_equal(longer.columns[Column.BENCHMARK], expected.columns[Column.CLOSE])


def test_what_cannot_be_laid_beside_is_refused(headlines: Path, tmp_path: Path, ether: Bars) -> None:
    path = HOURS
    source = open_source(path)
    with pytest.raises(ConfigError, match="--benchmark SYMBOL"):
        attach_side_data(ether, SideData(benchmark_data=path), source)
    with pytest.raises(UnknownNameError, match="BTCUSDC"):
        attach_side_data(ether, SideData(benchmark="BTCUSDC"), source)
    with pytest.raises(UnknownNameError, match="asset in headlines 'OBSCURE'"):
        attach_side_data(replace(ether, symbol="OBSCUREUSDT"), SideData(headlines=headlines), source)
    silent = tmp_path / "news.parquet"
    pl.DataFrame({"ts": [0], "title": ["Nothing of interest"]}).write_parquet(silent)
    with pytest.raises(DataError, match="no headline names ETH"):
        attach_side_data(ether, SideData(headlines=silent), source)
