"""`quaestor features`: what it lists, what it writes, what it refuses."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.contract.market import random_columns

from quaestor.cli.app import run
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.plan import compute, make_plan
from quaestor.kernels.columns import N_COLUMNS

ROWS = 300
START = 1_700_000_100_000_000_000 // 300_000_000_000 * 300_000_000_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file of minutes."""
    columns = random_columns(ROWS)[:N_COLUMNS]
    names = ("open", "high", "low", "close", "volume")
    frame = pl.DataFrame({"ts": START + np.arange(ROWS) * 60_000_000_000} | dict(zip(names, columns, strict=True)))
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


def test_compute_on_a_longer_timeframe(data: Path, tmp_path: Path) -> None:
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


def test_show_on_a_file_and_a_timeframe(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "ema_3@15m", "--data", str(data)]) == 0
    assert "2 bars of 15m" in capsys.readouterr().out


def test_show_json_is_the_listed_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["features", "show", "bbands", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert run(["features", "list", "--json"]) == 0
    assert shown in json.loads(capsys.readouterr().out)


def test_show_of_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
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
