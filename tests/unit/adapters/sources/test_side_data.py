"""Everything beside the bars at once, from real files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError, DataError, UnknownNameError

HOURLY = "binance_spot_10sym_1h_20220101_20241231.parquet"
PERPETUALS = "binance_perp_5sym_5m_20230101_20240514.parquet"
NEWS = "news_crypto_headlines_20211012_20220430.parquet"


@pytest.fixture(scope="module")
def ether(shared_data: Path) -> Bars:
    return load_bars(shared_data / HOURLY, "ETHUSDT", start="2022-04-01", end="2022-05-01")


def test_all_rows_of_side_data(shared_data: Path, ether: Bars) -> None:
    index = shared_data / "fear_greed_daily_20180201_20241231.parquet"
    side = SideData(headlines=shared_data / NEWS, fear_greed=index, benchmark="btc/usdt")
    wide = attach_side_data(ether, side, open_source(shared_data / HOURLY))
    assert wide.columns.shape == (Column.HEADLINES + 1, len(ether))
    bitcoin = load_bars(shared_data / HOURLY, "BTCUSDT", start="2022-04-01", end="2022-05-01")
    assert np.array_equal(wide.columns[Column.BENCHMARK], bitcoin.columns[Column.CLOSE])
    assert np.all((wide.columns[Column.FEAR_GREED] >= 0) & (wide.columns[Column.FEAR_GREED] <= 100))
    assert np.all(np.abs(wide.columns[Column.SENTIMENT]) < 1)
    assert wide.columns[Column.HEADLINES].max() > 3
    assert np.isnan(wide.columns[Column.FUNDING_RATE]).all()
    assert wide.notes[-1].startswith("555 headlines about ETH")


def test_cut_short_it_is_the_same(shared_data: Path, ether: Bars) -> None:
    """What bars come after, and before, changes nothing."""
    side = SideData(headlines=shared_data / NEWS, benchmark="BTCUSDT")
    whole = attach_side_data(ether, side, open_source(shared_data / HOURLY)).columns
    part = replace(ether, ts=ether.ts[100:200], columns=ether.columns[:, 100:200], flags=ether.flags[100:200])
    assert np.array_equal(
        attach_side_data(part, side, open_source(shared_data / HOURLY)).columns, whole[:, 100:200], equal_nan=True
    )


def test_real_funding(shared_data: Path) -> None:
    path = shared_data / PERPETUALS
    bars = load_bars(path, "BTCUSDT", start="2023-03-01", end="2023-03-02")
    settled = shared_data / "binance_perp_5sym_funding_8h_20230101_20240514.parquet"
    held = attach_side_data(bars, SideData(funding=settled), open_source(path)).columns[Column.FUNDING_RATE]
    rates = pl.read_parquet(settled).filter(pl.col("symbol") == "BTCUSDT")
    for k in (0, 94, 95, 96, 287):
        known = rates.filter(pl.col("ts") <= int(bars.ts[k]) + bars.interval_ns)
        assert held[k] == known["funding_rate"][-1]
    assert len(np.unique(held)) > 1


def test_a_benchmark_of_another_file_and_of_longer_bars(shared_data: Path) -> None:
    perpetual = shared_data / PERPETUALS
    bars = load_bars(perpetual, "ETHUSDT", start="2023-03-01", end="2023-03-02")
    side = SideData(benchmark="BTCUSDT", benchmark_data=shared_data / HOURLY)
    held = attach_side_data(bars, side, open_source(perpetual)).columns[Column.BENCHMARK]
    hours = load_bars(shared_data / HOURLY, "BTCUSDT", start="2023-02-28T23:00", end="2023-03-02")
    assert np.array_equal(held[11::12], hours.columns[Column.CLOSE][1:])
    assert np.all(held[:11] == hours.columns[Column.CLOSE][0])
    longer = attach_side_data(
        load_bars(shared_data / HOURLY, "ETHUSDT", timeframe="4h", end="2022-02-01"),
        SideData(benchmark="BTCUSDT"),
        open_source(shared_data / HOURLY),
        "4h",
    )
    expected = load_bars(shared_data / HOURLY, "BTCUSDT", timeframe="4h", end="2022-02-01")
    assert np.array_equal(longer.columns[Column.BENCHMARK], expected.columns[Column.CLOSE])


def test_what_cannot_be_laid_beside_is_refused(shared_data: Path, tmp_path: Path, ether: Bars) -> None:
    path = shared_data / HOURLY
    source = open_source(path)
    with pytest.raises(ConfigError, match="--benchmark SYMBOL"):
        attach_side_data(ether, SideData(benchmark_data=path), source)
    with pytest.raises(UnknownNameError, match="BTCUSDC"):
        attach_side_data(ether, SideData(benchmark="BTCUSDC"), source)
    with pytest.raises(UnknownNameError, match="asset in headlines 'OBSCURE'"):
        attach_side_data(replace(ether, symbol="OBSCUREUSDT"), SideData(headlines=shared_data / NEWS), source)
    silent = tmp_path / "news.parquet"
    pl.DataFrame({"ts": [0], "title": ["Nothing of interest"]}).write_parquet(silent)
    with pytest.raises(DataError, match="no headline names ETH"):
        attach_side_data(ether, SideData(headlines=silent), source)
