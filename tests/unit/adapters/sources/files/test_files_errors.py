"""Every bad input gives one error that names the place and what to do."""

import gzip
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from tests.slices import MINUTES

from quaestor.adapters.sources.files.bars import load_bars, read_bars
from quaestor.adapters.sources.files.funding import with_funding
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.domain.bars import Bars
from quaestor.errors import ConfigError, DataError, UnknownNameError

from .frames import FIRST, HOUR, hourly, write


def spoil(column: str, row: int, value: float) -> pl.DataFrame:
    return hourly().with_columns(
        pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(pl.col(column)).alias(column)
    )


@pytest.mark.parametrize(
    ("frame", "row", "message"),
    [
        (spoil("close", 3, float("nan")), 3, "close is nan"),
        (spoil("open", 0, float("inf")), 0, "open is inf"),
        (spoil("low", 2, 0.0), 2, "low is 0.0, a price must be positive"),
        (spoil("low", 2, -1.0), 2, "low is -1.0, a price must be positive"),
        (spoil("high", 5, 1.0), 5, "prices contradict"),
        (spoil("volume", 1, -3.0), 1, "volume is -3.0, negative"),
        (hourly().with_columns(ts=pl.Series([FIRST + HOUR * k for k in (0, 1, 1, 2, 3, 4)])), 2, "duplicate"),
        (hourly().with_columns(ts=pl.Series([FIRST + HOUR * k for k in (0, 1, 3, 2, 4, 5)])), 3, "unsorted"),
    ],
)
def test_strict_names_the_first_impossible_row(tmp_path: Path, frame: pl.DataFrame, row: int, message: str) -> None:
    path = write(frame, tmp_path / "a.parquet")
    with pytest.raises(DataError) as caught:
        load_bars(path, "BTCUSDT")
    text = str(caught.value)
    assert str(path) in text
    assert f"row {row} (BTCUSDT, 2024-01-01T" in text
    assert message in text
    assert "quaestor data check" in text


def test_the_row_counts_in_the_file_not_in_the_symbol(tmp_path: Path) -> None:
    good = hourly().with_columns(symbol=pl.lit("AAAUSDT"))
    bad = spoil("close", 2, float("nan")).with_columns(symbol=pl.lit("BBBUSDT"))
    path = write(pl.concat([good, bad]), tmp_path / "a.csv")
    assert len(load_bars(path, "AAAUSDT")) == 6
    with pytest.raises(DataError, match="row 8 "):
        load_bars(path, "BBBUSDT")


def test_a_defect_outside_the_range_does_not_matter(tmp_path: Path) -> None:
    path = write(spoil("close", 0, float("nan")), tmp_path / "a.parquet")
    assert len(load_bars(path, "BTCUSDT", start="2024-01-01T01:00")) == 5


def test_missing_file_and_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_bars(tmp_path / "none.parquet", "BTCUSDT")
    (tmp_path / "a.xlsx").write_text("x")
    with pytest.raises(DataError, match=r"'\.xlsx' is no accepted format"):
        load_bars(tmp_path / "a.xlsx", "BTCUSDT")


@pytest.mark.parametrize("keep", [0, 5, 300, -1])
@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_truncated_files(tmp_path: Path, name: str, keep: int) -> None:
    path = write(hourly(500), tmp_path / name)
    path.write_bytes(path.read_bytes()[:keep] if keep else b"")
    with pytest.raises(DataError, match="cannot be read"):
        load_bars(path, "BTCUSDT")


def test_damaged_archives_and_json(tmp_path: Path) -> None:
    packed = gzip.compress(hourly(500).write_csv().encode())
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.csv.gz").write_bytes(b"not gzip")
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    (tmp_path / "a.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "b.json").write_text("[[1, 2")
    for name in ("a.csv.gz", "b.csv.gz", "a.zip", "a.json", "b.json"):
        with pytest.raises(DataError, match="cannot be read"):
            load_bars(tmp_path / name, "BTCUSDT")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    with pytest.raises(DataError, match="2 CSV files"):
        load_bars(tmp_path / "two.zip", "BTCUSDT")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("ts,open,high,low,close\n1,2,3,4,5\n", "no column volume"),
        ("open,high,low,close,volume\n1,2,3,4,5\n", "no column ts"),
        ("1,2,3,4,5,6\n", "no column names and 6 columns"),
        ("ts,open,high,low,close,volume\n", "no rows of BTCUSDT"),
        ("ts,open,high,low,close,volume\n1704067200,abc,1,1,1,1\n", "could not parse `abc`"),
        ("ts,open,high,low,close,volume\nyesterday,1,1,1,1,1\n", "row 0: 'yesterday' is no time stamp"),
        ("ts,open,high,low,close,volume\n1704067200,1,1,1,1,1\n,1,1,1,1,1\n", "row 1: no time stamp"),
        ("ts,open,high,low,close,volume\n1704067200.5,1,1,1,1,1\n", "row 0: 1704067200.5 is no exact time stamp"),
        ("ts,open,high,low,close,volume\n1704067200,1,1,1,1,1\n", "do not show how long a bar is"),
        ("ts,open,high,low,close,volume\n1704067200,1,1,1,1,1\n1704067260,1,1,1\n", "close is nan|volume is nan"),
        ("ts,open,high,low,close,volume\n1704067200,1,1,1,1,1,9,9\n", "cannot be read"),
    ],
)
def test_bad_csv(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        load_bars(path, "BTCUSDT")


def test_one_row_is_enough_when_the_timeframe_is_given(tmp_path: Path) -> None:
    path = write(hourly(1), tmp_path / "a.parquet")
    assert load_bars(path, "BTCUSDT", timeframe="1h").interval_ns == HOUR


def test_wide_file_without_a_column(tmp_path: Path) -> None:
    fields = ("open", "high", "low", "close", "volume")
    wide = hourly().rename({name: f"BTCUSDT_{name}" for name in fields})
    path = write(wide.drop("BTCUSDT_volume"), tmp_path / "wide.parquet")
    with pytest.raises(DataError, match="no column BTCUSDT_volume"):
        load_bars(path, "BTCUSDT")
    with pytest.raises(UnknownNameError, match="unknown symbol 'ETHUSDT'"):
        load_bars(path, "ETHUSDT")


def test_columns_that_hold_no_numbers_or_times(tmp_path: Path) -> None:
    texts = hourly().with_columns(close=pl.lit("x"))
    with pytest.raises(DataError, match=r"'close' \(close\) of type String holds no numbers"):
        load_bars(write(texts, tmp_path / "a.parquet"), "BTCUSDT")
    truths = hourly().with_columns(ts=pl.lit(True))
    with pytest.raises(DataError, match="holds no times"):
        load_bars(write(truths, tmp_path / "b.parquet"), "BTCUSDT")


def test_unknown_symbols(tmp_path: Path, equities: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown symbol 'MSFT' — known: AAPL, IBM, SPY"):
        load_bars(equities, "MSFT")
    with pytest.raises(DataError, match="the file name says BTCUSDT"):
        load_bars(MINUTES, "ETHUSDT")
    with pytest.raises(DataError, match="the file name says BTCUSDT"):
        load_bars(write(hourly(), tmp_path / "BTC_USDT-1h.feather"), "ETH/USDT")
    with pytest.raises(UnknownNameError, match="unknown symbol"):
        load_bars(write(hourly(), tmp_path / "a.parquet"), "no such thing!")


def test_ranges_and_timeframes_that_make_no_sense(tmp_path: Path) -> None:
    path = write(hourly(), tmp_path / "a.parquet")
    with pytest.raises(ConfigError, match="is not before"):
        load_bars(path, "BTCUSDT", start="2024-02-01", end="2024-01-01")
    with pytest.raises(ConfigError, match="outside 1678"):
        load_bars(path, "BTCUSDT", end="2500-01-01")
    with pytest.raises(ConfigError, match="'soon' is no date"):
        load_bars(path, "BTCUSDT", start="soon")
    with pytest.raises(
        DataError, match=r"no bars of BTCUSDT in the range.*2024-01-01T00:00:00Z to 2024-01-01T05:00:00Z"
    ):
        load_bars(path, "BTCUSDT", start="2025-01-01")
    with pytest.raises(ConfigError, match="cannot be built from 1h"):
        load_bars(path, "BTCUSDT", timeframe="30m")
    with pytest.raises(ConfigError, match="no timeframe"):
        load_bars(path, "BTCUSDT", timeframe="hourly")
    with pytest.raises(DataError, match="no complete bar"):
        load_bars(path, "BTCUSDT", timeframe="1d")
    with pytest.raises(UnknownNameError, match="unknown market 'moon'"):
        read_bars(open_source(path, market="moon"), "BTCUSDT")


def funded(path: Path, funding: Path, mark: Path | None = None) -> Bars:
    source = open_source(path)
    return with_funding(
        read_bars(source, "BTCUSDT"), source, open_source(funding), None if mark is None else open_source(mark)
    )


@pytest.mark.parametrize(
    ("rates", "stamps", "message"),
    [
        ([0.1, None], [0, 8], "row 1 .*funding_rate is nan"),
        ([0.1, 0.2], [8, 8], "row 1 .*not later"),
        ([0.1, 0.2], [8, 0], "row 1 .*not later"),
        ([], [], "no rows of BTCUSDT"),
    ],
)
def test_bad_funding(tmp_path: Path, rates: list[float | None], stamps: list[int], message: str) -> None:
    frame = pl.DataFrame(
        {"ts": [FIRST + HOUR * k for k in stamps], "funding_rate": rates},
        schema={"ts": pl.Int64, "funding_rate": pl.Float64},
    )
    path = write(hourly(), tmp_path / "a_perp.parquet")
    with pytest.raises(DataError, match=message):
        funded(path, write(frame, tmp_path / "f.parquet"))


def test_funding_marks_are_nan_where_no_candle_opens(tmp_path: Path) -> None:
    funding = pl.DataFrame({"ts": [FIRST + HOUR + 5_000_000, FIRST + 3 * HOUR], "open": [0.001, -0.002]})
    mark = hourly().filter(pl.col("ts") < FIRST + 2 * HOUR)
    path = write(hourly(), tmp_path / "a_perp.parquet")
    bars = funded(path, write(funding, tmp_path / "f.feather"), write(mark, tmp_path / "m.parquet"))
    assert bars.funding is not None
    assert bars.funding.rate.tolist() == [0.001, -0.002]
    assert str(bars.funding.mark.tolist()) == "[101.0, nan]"
    other = write(mark.with_columns(symbol=pl.lit("ETHUSDT")), tmp_path / "o.parquet")
    with pytest.raises(UnknownNameError, match="unknown symbol 'BTCUSDT'"):
        funded(path, other)
