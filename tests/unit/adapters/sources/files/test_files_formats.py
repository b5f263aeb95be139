"""Every accepted format, column naming and time form gives the same bars."""

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quaestor.adapters.sources.files.bar_rows import read_bar_rows
from quaestor.adapters.sources.files.bars import load_bars, read_bars
from quaestor.adapters.sources.files.funding import with_funding
from quaestor.adapters.sources.files.gate import assess_rows
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.ledger.codes import Quality

from .frames import FIRST, HOUR, hourly, write


def assert_is_hourly(bars: Bars, n: int = 6) -> None:
    expected = hourly(n)
    assert bars.ts.tolist() == expected["ts"].to_list()
    assert bars.columns[:N_COLUMNS].tolist() == [
        expected[name].to_list() for name in ("open", "high", "low", "close", "volume")
    ]
    assert bars.columns.flags.c_contiguous
    assert bars.ts.dtype == np.int64
    assert bars.flags.dtype == np.uint32
    assert bars.interval_ns == HOUR


@pytest.mark.parametrize("name", ["bars.parquet", "bars.csv", "bars.feather"])
def test_plain_files(tmp_path: Path, name: str) -> None:
    path = write(hourly(), tmp_path / name)
    bars = load_bars(path, "btc/usdt")
    assert_is_hourly(bars)
    assert bars.symbol == "BTCUSDT"
    assert bars.reference is not None
    assert bars.reference.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (bars.reference.rows, bars.reference.first_ts, bars.reference.timeframe_ns) == (6, FIRST, HOUR)


def test_compressed_csv(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress(hourly().write_csv().encode()))
    assert_is_hourly(load_bars(path, "BTCUSDT"))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("per_ns", [1_000_000, 1_000])
def test_binance_archive(tmp_path: Path, header: bool, per_ns: int) -> None:
    frame = hourly().select(
        open_time=pl.col("ts") // per_ns,
        open=pl.col("open"),
        high=pl.col("high"),
        low=pl.col("low"),
        close=pl.col("close"),
        volume=pl.col("volume"),
        close_time=(pl.col("ts") + HOUR) // per_ns - 1,
        quote_volume=pl.lit(1.5),
        count=pl.lit(3),
        taker_buy_volume=pl.lit(0.5),
        taker_buy_quote_volume=pl.lit(0.5),
        ignore=pl.lit(0),
    )
    path = tmp_path / "BTCUSDT-1h-2024-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTCUSDT-1h-2024-01.csv", frame.write_csv(include_header=header))
    assert_is_hourly(load_bars(path, "BTCUSDT"))


def test_an_archive_that_changes_unit_half_way(tmp_path: Path) -> None:
    stamps = hourly()["ts"].to_numpy()
    mixed = np.concatenate((stamps[:3] // 1_000_000, stamps[3:] // 1_000))
    assert_is_hourly(load_bars(write(hourly().with_columns(ts=mixed), tmp_path / "a.csv"), "BTCUSDT"))


def test_freqtrade_feather_and_json(tmp_path: Path) -> None:
    stamps = pl.from_epoch("ts", time_unit="ns").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC").alias("date")
    feather = write(hourly().select(stamps, pl.exclude("ts")), tmp_path / "BTC_USDT-1h.feather")
    assert_is_hourly(load_bars(feather, "BTC/USDT"))
    rows = hourly().with_columns(pl.col("ts") // 1_000_000).rows()
    plain = tmp_path / "BTC_USDT-1h.json"
    plain.write_text(json.dumps(rows))
    assert_is_hourly(load_bars(plain, "BTC/USDT:USDT"))
    packed = tmp_path / "BTC_USDT-1h.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert_is_hourly(load_bars(packed, "BTCUSDT"))


@pytest.mark.parametrize("style", ["{symbol}_{field}", "{field}_{symbol}", "{symbol}.{field}"])
def test_wide_files(tmp_path: Path, style: str) -> None:
    fields = ("open", "high", "low", "close", "volume")
    wide = hourly().rename({name: style.format(symbol="btcusdt", field=name) for name in fields})
    other = hourly(price=7.0).rename({name: style.format(symbol="ETHUSDT", field=name.upper()) for name in fields})
    listed_late = other.with_columns(pl.when(pl.int_range(pl.len()) >= 2).then(pl.exclude("ts")).otherwise(None))
    path = write(pl.concat([wide, listed_late.drop("ts")], how="horizontal"), tmp_path / "wide.parquet")
    assert_is_hourly(load_bars(path, "BTCUSDT"))
    assert load_bars(path, "ETHUSDT").ts.tolist() == hourly()["ts"].to_list()[2:]


def test_long_files_and_aliases_of_any_case(tmp_path: Path) -> None:
    names = {"ts": "Open Time", "open": "O", "high": "H", "low": "L", "close": "C", "volume": "Vol"}
    long = pl.concat(
        [
            hourly().rename(names).with_columns(Ticker=pl.lit("BTC/USDT")),
            hourly(price=5.0).rename(names).with_columns(Ticker=pl.lit("ETH/USDT")),
        ]
    )
    for name in ("long.parquet", "long.csv"):
        path = write(long, tmp_path / name)
        assert_is_hourly(load_bars(path, "BTCUSDT"))
        assert load_bars(path, "ethusdt").columns[Column.OPEN, 0] == 5.0


TIME_FORMS = {
    "seconds": pl.col("ts") // 1_000_000_000,
    "milliseconds": pl.col("ts") // 1_000_000,
    "float_milliseconds": (pl.col("ts") // 1_000_000).cast(pl.Float64),
    "naive": pl.from_epoch("ts", time_unit="ns"),
    "zoned": pl.from_epoch("ts", time_unit="ns").dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York"),
    "iso": pl.from_epoch("ts", time_unit="ns").dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
    "space": pl.from_epoch("ts", time_unit="ns").dt.to_string("%Y-%m-%d %H:%M:%S"),
    "offset": pl.from_epoch("ts", time_unit="ns").dt.offset_by("2h").dt.to_string("%Y-%m-%d %H:%M:%S+02:00"),
    "digits": (pl.col("ts") // 1_000_000_000).cast(pl.String),
}


@pytest.mark.parametrize("form", TIME_FORMS)
def test_time_forms(tmp_path: Path, form: str) -> None:
    frame = hourly().select(TIME_FORMS[form].alias("timestamp"), pl.exclude("ts"))
    assert_is_hourly(load_bars(write(frame, tmp_path / "a.parquet"), "BTCUSDT"))


def test_csv_numbers_are_read_to_the_last_bit(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "binance_spot_ETHUSDT_1m_20230301_20240229.parquet"
    frame = pl.read_parquet(source, n_rows=20_000)
    path = write(frame, tmp_path / "ETHUSDT.csv")
    from_csv, from_parquet = load_bars(path, "ETHUSDT"), load_bars(write(frame, tmp_path / "e.parquet"), "ETHUSDT")
    assert from_csv.ts.tobytes() == from_parquet.ts.tobytes()
    assert from_csv.columns.tobytes() == from_parquet.columns.tobytes()


def test_range_is_half_open_and_in_utc(tmp_path: Path) -> None:
    path = write(hourly(48), tmp_path / "a.parquet")
    day = load_bars(path, "BTCUSDT", start="2024-01-01", end="2024-01-02")
    assert (len(day), int(day.ts[0])) == (24, FIRST)
    part = load_bars(path, "BTCUSDT", start="2024-01-01T22:00", end="2024-01-02T01:00+01:00")
    assert part.ts.tolist() == [FIRST + 22 * HOUR, FIRST + 23 * HOUR]


def test_resampled_and_flagged(tmp_path: Path) -> None:
    bars = load_bars(write(hourly(10), tmp_path / "a.parquet"), "BTCUSDT", timeframe="4h")
    assert bars.ts.tolist() == [FIRST, FIRST + 4 * HOUR]
    assert bars.columns[Column.CLOSE].tolist() == [103.25, 107.25]
    assert bars.reference is not None
    assert bars.reference.timeframe_ns == 4 * HOUR


def test_rows_that_the_gate_sets_aside_are_no_bars(tmp_path: Path) -> None:
    spoiled = hourly(10).with_columns(
        close=pl.when(pl.int_range(pl.len()) == 4).then(float("nan")).otherwise(pl.col("close")),
        ts=pl.when(pl.int_range(pl.len()) == 7).then(pl.col("ts") - HOUR).otherwise(pl.col("ts")),
    )
    rows = read_bar_rows(open_source(write(spoiled, tmp_path / "a.parquet")), "BTCUSDT")
    assessed = assess_rows(rows, HOUR)
    bars = assessed.bars("spot", "")
    assert len(bars) == 8
    assert (np.diff(bars.ts) > 0).all()
    counts = {finding.name: finding.count for finding in assessed.report().findings if finding.quarantines}
    assert counts == {"NOT_FINITE": 1, "DUPLICATE": 1}
    assert bars.flags[4] == int(Quality.GAP_BEFORE)


@pytest.mark.parametrize(
    ("name", "symbol", "given", "market"),
    [
        ("BTCUSDT_perp.parquet", "BTCUSDT", None, "perp"),
        ("BTCUSDT-futures-um.parquet", "BTCUSDT", None, "perp"),
        ("us_equity_daily.parquet", "SPY", None, "equity"),
        ("binance_spot.parquet", "BTCUSDT", None, "spot"),
        ("a.parquet", "SPY", None, "equity"),
        ("a.parquet", "SUIUSDT", None, "perp"),
        ("a.parquet", "BTCUSDT", None, "spot"),
        ("a.parquet", "ZZZUSDT", None, "spot"),
        ("a_perp.parquet", "BTCUSDT", "spot", "spot"),
    ],
)
def test_the_market_is_detected_and_explained(
    tmp_path: Path, name: str, symbol: str, given: str | None, market: str
) -> None:
    bars = read_bars(open_source(write(hourly(), tmp_path / name), market=given), symbol)
    assert bars.market == market
    assert bars.notes[0].startswith(f"market {market}: ")


@pytest.mark.parametrize(
    ("name", "symbol", "rows", "interval", "market"),
    [
        ("us_equity_daily_6sym_1998_2021", "SPY", 5849, 24 * HOUR, "equity"),
        ("us_equity_minute_trades_SPY_IBM_AAPL", "IBM", 2566, HOUR // 60, "equity"),
        ("binance_perp_5sym_5m_20230101_20240514", "1000PEPEUSDT", 107_991, HOUR // 12, "perp"),
        ("binance_spot_10sym_1h_20220101_20241231", "DOTUSDT", 26_303, HOUR, "spot"),
        ("binance_spot_BTCUSDT_1m_20230301_20240229", "BTCUSDT", 526_960, HOUR // 60, "spot"),
        ("binance_spot_BTCUSDT_1m_20171215_20180212_dirty", "BTCUSDT", 84_139, HOUR // 60, "spot"),
        ("bybit_perp_ADAUSDT_1m_20240908_20241231_chunked_bad", "ADAUSDT", 33_000, HOUR // 60, "perp"),
    ],
)
def test_real_files_load_as_they_are(
    shared_data: Path, name: str, symbol: str, rows: int, interval: int, market: str
) -> None:
    bars = load_bars(shared_data / f"{name}.parquet", symbol)
    assert (len(bars), bars.interval_ns, bars.market) == (rows, interval, market)


def test_funding_and_marks_of_a_real_perpetual(shared_data: Path) -> None:
    source, funding, mark = (
        open_source(shared_data / f"binance_perp_5sym_{what}_20230101_20240514.parquet")
        for what in ("5m", "funding_8h", "mark_8h")
    )
    bars = with_funding(read_bars(source, "BTCUSDT", start="2023-06-01", end="2023-07-01"), source, funding, mark)
    assert bars.funding is not None
    assert len(bars.funding.ts) == 90
    settled = bars.funding.ts // HOUR * HOUR
    closes = bars.columns[Column.OPEN, np.searchsorted(bars.ts, settled)]
    assert np.abs(bars.funding.mark / closes - 1).max() < 0.002
    assert any("90 funding settlements" in note for note in bars.notes)
