"""`quaestor features`: its listings, its files, its refusals."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests import slices
from tests.contract.market import random_columns

from quaestor.cli.app import run
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.plan import compute, make_plan

ROWS = 300
HOUR = 3_600_000_000_000
START = 1_700_000_100_000_000_000 // 300_000_000_000 * 300_000_000_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file of minutes."""
    columns = random_columns(ROWS)[:N_COLUMNS]
    names = ("open", "high", "low", "close", "volume")
    frame = pl.DataFrame(
        {"ts": START + np.arange(ROWS) * 60_000_000_000} | dict(zip(names, columns[: len(names)], strict=True))
    )
    path = tmp_path / "BTCUSDT_1m.parquet"
    frame.write_parquet(path)
    return path


def test_list_json_describes_every_feature(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(CATALOG)
    for row in rows:
        assert {"name", "family", "inputs", "params", "outputs", "warmup", "units", "source"} <= set(row)
        assert parse_feature(row["name"]).warmup == row["warmup"]
        assert [parse_feature(name).name for name in row["outputs"]] == row["outputs"]


def test_list_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "list"]) == 0
    printed = capsys.readouterr().out
    assert "rsi_14" in printed
    assert "volatility" in printed


def test_compute_writes_stamps_and_one_column_a_feature(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "features.parquet"
    names = "rsi_14,macd_12_26_9.hist,bbands_20_2"
    assert (
        run(["features", "compute", "--data", str(data), "-s", "BTCUSDT", "-f", names, "-o", str(out), "--json"]) == 0
    )
    frame = pl.read_parquet(out)
    assert json.loads(capsys.readouterr().out)["rows"] == len(frame) == ROWS
    assert frame.columns == ["ts", *names.split(",")]
    assert frame.schema["ts"] == pl.Int64
    expected = compute(make_plan(names.split(",")), random_columns(ROWS))
    for row, name in enumerate(names.split(",")):
        assert np.array_equal(frame[name].to_numpy(), expected[row], equal_nan=True)
        assert frame[name].null_count() == 0
    assert np.isnan(frame["rsi_14"][13])
    assert not np.isnan(frame["rsi_14"][14])


def test_compute_resamples_to_a_longer_timeframe(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    common = ["features", "compute", "--data", str(data), "-s", "BTCUSDT", "-f", "ema_3", "-o", str(out)]
    assert run([*common, "--timeframe", "5m"]) == 0
    assert len(pl.read_parquet(out)) == ROWS // 5


@pytest.mark.parametrize(
    ("features", "out", "message"),
    [
        ("rsi_14,rsy_9", "x.parquet", "did you mean rsi"),
        ("rsi_1", "x.parquet", "whole number from 2"),
        (" , ", "x.parquet", "no feature named"),
        ("rsi_14,rsi_14", "x.parquet", "named twice"),
        ("rsi_14", "x.csv", "use .parquet"),
        ("rsi_14", "file.parquet/x.parquet", "cannot be written"),
    ],
)
def test_mistakes_are_one_clear_error_and_leave_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], features: str, out: str, message: str
) -> None:
    (tmp_path / "file.parquet").write_text("a file, not a folder")
    before = sorted(tmp_path.rglob("*"))
    arguments = ["--data", str(data), "-s", "BTCUSDT", "-f", features, "-o", str(tmp_path / out)]
    assert run(["features", "compute", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert captured.err.count("error:") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture
def tape() -> list[str]:
    """The options for a recorded book and trades."""
    return ["--depth", str(slices.tape("spot", "depth")), "--trades", str(slices.tape("spot", "trades"))]


def test_compute_reads_a_recorded_tape(tape: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.parquet"
    names = "spread_bps,book_imbalance_5,vpin_20_5_30,ema_20,mid@5s"
    common = ["features", "compute", *tape, "-s", "BTCUSDT", "-f", names, "-o", str(out)]
    assert run([*common, "--clock", "1s", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert "lower bounds" in summary["notes"][1]
    frame = pl.read_parquet(out)
    assert frame.columns == ["ts", *names.split(",")]
    assert len(frame) == summary["rows"] == 90
    assert np.isfinite(frame.drop("ts").to_numpy()[40:]).all()
    assert np.all(np.diff(frame["ts"].to_numpy()) == 1_000_000_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clock", "1s", "--data", "x.parquet"], "needs bars or a tape"),
        (["--timeframe", "1m", "--clock", "1s"], "needs bars or a tape"),
        ([], "needs bars or a tape"),
        (["--clock", "1x"], "'1x' is no clock"),
        (["--clock", "1w"], "no complete row of 1w"),
        (["--clock", "1s", "--quotes", "none.parquet"], "no such file"),
    ],
)
def test_mistakes_about_tapes_are_one_clear_error(
    tape: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    out = ["-s", "BTCUSDT", "-f", "mid", "-o", str(tmp_path / "x.parquet")]
    assert run(["features", "compute", *tape, *arguments, *out]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("error:") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "message"), [("buy_ratio_20", "needs volume, buy_volume"), ("mid@5s", "mid@5s needs volume, which")]
)
def test_a_feature_that_the_tape_cannot_feed_is_refused(
    tape: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    out = ["-s", "BTCUSDT", "-f", name, "-o", str(tmp_path / "x.parquet"), "--clock", "1s"]
    assert run(["features", "compute", *tape[:2], *out]) == 2
    assert message in capsys.readouterr().err


def test_an_output_that_is_a_folder_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "folder.parquet"
    folder.mkdir()
    assert run(["features", "compute", "--data", str(data), "-s", "BTCUSDT", "-f", "obv", "-o", str(folder)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_show_explains_and_draws(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "rsi"]) == 0
    printed = capsys.readouterr().out
    for said in ("rsi_14", "rsi_LENGTH", "Wilder (1978)", "14 rows", "percent", "the last 144 bars"):
        assert said in printed
    assert any(0x2800 < ord(letter) < 0x2900 for letter in printed)


def test_show_draws_a_file_on_a_timeframe(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "ema_3@15m", "--data", str(data)]) == 0
    assert "2 bars of 15m" in capsys.readouterr().out


def test_show_json_is_the_listed_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "bbands", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert run(["features", "list", "--json"]) == 0
    assert shown in json.loads(capsys.readouterr().out)


def test_show_refuses_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "rsx"]) == 2
    assert "did you mean rsi" in capsys.readouterr().err


def test_candidates_are_listed_and_computable(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "list", "--candidates", "--timeframes", "15m,1h", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert len(names) > 1_000
    assert all(parse_feature(name).name == name for name in names)


def test_bench_writes_json_and_a_chart(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, png = tmp_path / "costs.json", tmp_path / "costs.png"
    arguments = ["--data", str(data), "-f", "ema_5,atr_5", "--repeats", "1", "--out", str(out), "--png", str(png)]
    assert run(["features", "bench", *arguments, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == json.loads(out.read_text())
    assert [row["name"] for row in rows] == ["ema_5", "atr_5", "2 together"]
    assert all(row["batch_ns"] > 0 and row["given_ns"] > 0 and row["stream_us"] > 0 for row in rows)
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("option", [("--out", "x.txt"), ("--png", "x.jpg"), ("--features", "rsx_1")])
def test_bench_refuses_before_it_measures(data: Path, tmp_path: Path, option: tuple[str, str]) -> None:
    value = str(tmp_path / option[1]) if option[0] != "--features" else option[1]
    assert run(["features", "bench", "--data", str(data), option[0], value]) == 2
    assert [path.name for path in tmp_path.iterdir()] == [data.name]


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A file of hours of three instruments, of different lengths."""
    frames = []
    for seed, symbol in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT")):
        rows = 60 + 10 * seed
        ts = START // HOUR * HOUR + np.arange(rows) * HOUR
        values = dict(zip(("open", "high", "low", "close", "volume"), random_columns(rows, seed)[:5], strict=True))
        frames.append(pl.DataFrame({"symbol": symbol, "ts": ts} | values))
    path = tmp_path / "market_1h.parquet"
    pl.concat(frames).write_parquet(path)
    return path


@pytest.mark.parametrize("threads", ["1", "3"])
def test_several_instruments_are_computed_each_by_itself(market: Path, tmp_path: Path, threads: str) -> None:
    out = tmp_path / "all.parquet"
    common = ["features", "compute", "--data", str(market), "-f", "bars,ema_3@4h"]
    assert run([*common, "-s", "all", "-o", str(out), "--threads", threads]) == 0
    every = pl.read_parquet(out)
    assert every.columns[:2] == ["symbol", "ts"]
    for symbol in ("BTCUSDT", "SOLUSDT"):
        alone = tmp_path / f"{symbol}.parquet"
        assert run([*common, "-s", symbol, "-o", str(alone)]) == 0
        rows = every.filter(pl.col("symbol") == symbol).drop("symbol")
        assert rows.equals(pl.read_parquet(alone))
    assert run([*common, "-s", "SOLUSDT,BTCUSDT", "-o", str(out)]) == 0
    assert pl.read_parquet(out)["symbol"].unique(maintain_order=True).to_list() == ["SOLUSDT", "BTCUSDT"]


@pytest.mark.parametrize(
    ("symbol", "message"), [("BTCUSDT,XYZUSDT", "unknown symbol"), (" , ", "no instrument named"), ("XYZ", "unknown")]
)
def test_missing_instruments_are_refused(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], symbol: str, message: str
) -> None:
    out = tmp_path / "x.parquet"
    assert run(["features", "compute", "--data", str(market), "-f", "obv", "-s", symbol, "-o", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_all_instruments_of_a_file_without_names_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.parquet"
    assert run(["features", "compute", "--data", str(data), "-f", "obv", "-s", "all", "-o", str(out)]) == 2
    assert "names no symbols" in capsys.readouterr().err


def test_a_set_without_its_inputs_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["features", "compute", "--data", str(data), "-s", "BTCUSDT", "-o", str(tmp_path / "x.parquet")]
    assert run([*common, "-f", "default"]) == 2
    assert (
        "bid_size needs bid_price, bid_size, ask_price, ask_size, which the data does not hold"
        in capsys.readouterr().err
    )
    assert run([*common, "-f", "bars"]) == 0
    assert run([*common, "-f", "bars,rsi_14"]) == 2
    assert "rsi_14 named twice" in capsys.readouterr().err
