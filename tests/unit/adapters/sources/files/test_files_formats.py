"""Every accepted format, column naming and time form gives the same bars."""

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.made_markets import DIRTY_MISSING, DIRTY_ROWS, Perpetuals
from tests.slices import HOURS, JANUARY, MINUTES

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


def test_csv_numbers_are_read_to_the_last_bit(tmp_path: Path) -> None:
    frame = pl.read_parquet(JANUARY).filter(pl.col("symbol") == "ETHUSDT").drop("symbol").head(20_000)
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


def test_a_file_of_every_market_loads_as_it_is(
    perpetuals: Perpetuals, equities: Path, dirty: Path, chunked: Path
) -> None:
    expected = (
        (equities, "SPY", 1_098, 24 * HOUR, "equity"),
        (perpetuals.bars, "SOLUSDT", 1_728, HOUR // 12, "perp"),
        (HOURS, "SOLUSDT", 8_783, HOUR, "spot"),
        (MINUTES, "BTCUSDT", 60_000, HOUR // 60, "spot"),
        (dirty, "BTCUSDT", DIRTY_ROWS - sum(DIRTY_MISSING), HOUR // 60, "spot"),
        (chunked, "ADAUSDT", 6_000, HOUR // 60, "perp"),
    )
    for path, symbol, rows, interval, market in expected:
        bars = load_bars(path, symbol)
        assert (len(bars), bars.interval_ns, bars.market) == (rows, interval, market), path.name


def test_funding_and_marks_of_a_perpetual(perpetuals: Perpetuals) -> None:
    source, funding, mark = (open_source(path) for path in (perpetuals.bars, perpetuals.funding, perpetuals.mark))
    bars = with_funding(read_bars(source, "BTCUSDT"), source, funding, mark)
    assert bars.funding is not None
    assert len(bars.funding.ts) == 18
    settled = bars.funding.ts // HOUR * HOUR
    opens = bars.columns[Column.OPEN, np.searchsorted(bars.ts, settled)]
    np.testing.assert_allclose(bars.funding.mark, 0.9999 * opens, rtol=1e-12)
    assert any("18 funding settlements" in note for note in bars.notes)
