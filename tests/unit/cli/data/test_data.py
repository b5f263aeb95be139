"""`quaestor data`: reports, imports with quarantine, listing, resampling, and errors as one line."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from quaestor.adapters.sources.files.files import load_bars
from quaestor.adapters.stores.sqlite import SqliteStore
from quaestor.cli.app import run
from quaestor.sample import sample_path

FIRST = 1_704_067_200_000_000_000
HOUR = 3_600_000_000_000


def spoiled_csv(path: Path) -> Path:
    base = [100.0 + k for k in range(6)]
    frame = pl.DataFrame(
        {
            "ts": [FIRST + HOUR * k for k in (0, 1, 2, 2, 3, 4)],
            "open": base,
            "high": [value + 1 for value in base],
            "low": [value - 1 for value in base],
            "close": [100.0, None, 102.0, 103.0, 104.0, 105.0],
            "volume": [1.0] * 6,
        }
    )
    frame.write_csv(path)
    return path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["data", *arguments, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    decoded: dict[str, Any] = json.loads(printed.out)
    return decoded


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["data", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize(
    ("name", "symbol", "rows", "gaps", "missing", "zero", "misaligned", "verdict"),
    [
        ("binance_spot_BTCUSDT_1m_20171215_20180212_dirty", "BTCUSDT", 84_139, 6, 2_259, 1, 6_122, "flagged"),
        ("bybit_perp_ADAUSDT_1m_20240908_20241231_chunked_bad", "ADAUSDT", 33_000, 164, 131_364, 34, 0, "sparse"),
        ("binance_spot_BTCUSDT_1m_20230301_20240229", "BTCUSDT", 526_960, 1, 80, 72, 0, "flagged"),
        ("binance_spot_SOLUSDT_1m_20230301_20240229", "SOLUSDT", 526_960, 1, 80, 234, 0, "flagged"),
    ],
)
def test_real_files_are_reported_as_measured(
    shared_data: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    symbol: str,
    rows: int,
    gaps: int,
    missing: int,
    zero: int,
    misaligned: int,
    verdict: str,
) -> None:
    printed = answer(capsys, "check", str(shared_data / f"{name}.parquet"))
    (entry,) = printed["symbols"]
    assert (entry["symbol"], entry["interval"], entry["rows"], entry["quarantined"]) == (symbol, "1m", rows, 0)
    assert (entry["gaps"]["count"], entry["gaps"]["missing_bars"]) == (gaps, missing)
    assert entry["flags"]["ZERO_VOLUME"] == zero
    assert entry["flags"].get("MISALIGNED", 0) == misaligned
    assert entry["verdict"] == verdict
    assert entry["first"] < entry["last"]


def test_a_long_file_has_a_report_for_each_symbol(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data / "us_equity_daily_6sym_1998_2021.parquet"
    printed = answer(capsys, "check", str(path))
    found = {entry["symbol"]: entry for entry in printed["symbols"]}
    assert list(found) == ["SPY", "AAPL", "IBM", "BAC", "GOOG", "QQQ"]
    assert {entry["interval"] for entry in found.values()} == {"1d"}
    assert {entry["verdict"] for entry in found.values()} == {"flagged"}
    assert found["AAPL"]["flags"]["JUMP"] >= 3  # its splits are jumps in raw prices
    one = answer(capsys, "check", str(path), "--symbol", "qqq")
    assert [entry["rows"] for entry in one["symbols"]] == [3_964]


def test_defects_are_the_report_and_not_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = answer(capsys, "check", str(spoiled_csv(tmp_path / "a.csv")), "--symbol", "ZZZUSDT")
    (entry,) = printed["symbols"]
    assert entry["quarantined"] == 2
    assert entry["flags"] == {"NOT_FINITE": 1, "DUPLICATE": 1, "GAP_BEFORE": 1}
    assert entry["examples"]["DUPLICATE"] == [3]
    assert entry["verdict"] == "quarantine"
    assert run(["data", "check", str(tmp_path / "a.csv"), "--symbol", "ZZZUSDT"]) == 0
    shown = capsys.readouterr().out
    assert "ZZZUSDT: NOT_FINITE × 1 (set aside; first rows 1)" in shown


def test_what_cannot_be_read_is_one_line_and_exit_code_2(
    tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no such file" in refusal(capsys, "check", str(tmp_path / "none.parquet"))
    assert "no column open" in refusal(capsys, "check", str(shared_data / "fear_greed_daily_20180201_20241231.parquet"))
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(sample_path("spot_1h").read_bytes()[:1000])
    assert "cannot be read" in refusal(capsys, "check", str(cut))
    assert "unknown symbol 'XYZUSDT'" in refusal(capsys, "check", str(sample_path("spot_1h")), "--symbol", "XYZUSDT")
    spoiled = str(spoiled_csv(tmp_path / "a.csv"))
    assert "give --symbol" in refusal(capsys, "check", spoiled)
    printed = refusal(capsys, "import", spoiled, "--symbol", "ZZZUSDT", "--root", str(tmp_path / "r"))
    assert "row 1 (ZZZUSDT, 2024-01-01T01:00:00Z): close is nan" in printed
    assert not list((tmp_path / "r").rglob("*.parquet"))


def test_imported_bars_are_listed_and_resampled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ("--root", str(tmp_path / "store"))
    printed = answer(capsys, "import", str(sample_path("spot_1m")), *root)
    assert [entry["rows_new"] for entry in printed["imported"]] == [44_640] * 3
    again = answer(capsys, "import", str(sample_path("spot_1m")), "--symbol", "SOLUSDT", *root)
    assert [entry["rows_new"] for entry in again["imported"]] == [0]
    built = answer(capsys, "resample", "--symbol", "SOLUSDT", "--timeframe", "1h", *root)
    assert built["rows"] == 744
    listed = answer(capsys, "list", *root)
    assert [(entry["symbol"], entry["interval"]) for entry in listed["series"]] == [
        ("BTCUSDT", "1m"),
        ("ETHUSDT", "1m"),
        ("SOLUSDT", "1m"),
        ("SOLUSDT", "1h"),
    ]
    hours = answer(capsys, "import", str(sample_path("spot_1h")), "--symbol", "SOLUSDT", *root)
    assert hours["imported"][0]["rows_new"] == 8_783 - 744  # the hours built here and those that were shipped agree
    assert run(["data", "list", *root]) == 0
    assert "SOLUSDT" in capsys.readouterr().out


def test_quarantine_keeps_the_good_and_records_the_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, root = spoiled_csv(tmp_path / "a.csv"), tmp_path / "store"
    printed = answer(capsys, "import", str(path), "--symbol", "ZZZUSDT", "--quarantine", "--root", str(root))
    (entry,) = printed["imported"]
    assert (entry["rows"], entry["quarantined"]) == (4, 2)
    with SqliteStore(root / "quaestor.sqlite") as facts:
        rows = facts.list_quarantine("ZZZUSDT")
        assert [(row.row, row.ts, row.reason) for row in rows] == [
            (1, FIRST + HOUR, "NOT_FINITE"),
            (3, FIRST + 2 * HOUR, "DUPLICATE"),
        ]
        assert facts.list_imports()[0].quarantined == 2


def test_the_environment_names_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))
    assert answer(capsys, "list") == {"root": str(tmp_path / "home" / "data"), "series": []}
    monkeypatch.delenv("QUAESTOR_HOME")
    monkeypatch.chdir(tmp_path)
    assert answer(capsys, "list")["root"] == ".quaestor/data"
    assert run(["data", "list"]) == 0
    assert "nothing is stored" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_resample_writes_a_file_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    out = tmp_path / name
    printed = answer(
        capsys, "resample", str(sample_path("spot_1m")), "-s", "BTCUSDT", "--timeframe", "4h", "--out", str(out)
    )
    assert printed["rows"] == 186
    expected = load_bars(sample_path("spot_1h"), "BTCUSDT", timeframe="4h", start="2024-01-01", end="2024-02-01")
    built = load_bars(out, "BTCUSDT")
    assert built.ts.tobytes() == expected.ts.tobytes()
    assert built.columns[:4].tobytes() == expected.columns[:4].tobytes()


def test_resample_refuses_invalid_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample, root = str(sample_path("spot_1h")), ("--root", str(tmp_path / "store"))
    given = ("--symbol", "BTCUSDT", "--timeframe")
    assert "cannot be built from 1h" in refusal(capsys, "resample", sample, *given, "90m", *root)
    assert "holds no imported bars" in refusal(capsys, "resample", *given, "4h", *root)
    assert "no format for bars" in refusal(capsys, "resample", sample, *given, "4h", "--out", str(tmp_path / "x.xls"))
    (tmp_path / "file").write_text("x")
    unwritable = str(tmp_path / "file" / "x.parquet")
    assert "cannot be written" in refusal(capsys, "resample", sample, *given, "4h", "--out", unwritable)
    for market in ("spot", "perp"):
        answer(capsys, "import", sample, "--symbol", "BTCUSDT", "--market", market, *root)
    assert "stored for several markets" in refusal(capsys, "resample", *given, "4h", *root)
    assert "unknown stored series 'BTCUSDT 5m'" in refusal(capsys, "resample", *given, "4h", "--base", "5m", *root)
    printed = answer(capsys, "resample", *given, "4h", "--market", "perp", "--from", "2024-01-01", *root)
    assert printed["market"] == "perp"
