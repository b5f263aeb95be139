"""`quaestor data`: reports, imports with quarantine, listing, resampling, and errors as one line."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.made_markets import CHUNK_KEPT, CHUNK_MISSING, DIRTY_MISSING, DIRTY_ROWS, DIRTY_SHIFTED, DIRTY_SILENT
from tests.slices import MINUTES

from quaestor.adapters.sources.files.bars import load_bars
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
    *stages, message = printed.err.splitlines()
    assert message.startswith("error: ")
    assert not any(stage.startswith("error: ") for stage in stages)
    return message


@dataclass(frozen=True, slots=True)
class Found:
    """What `data check` says of a file of minutes of one symbol."""

    symbol: str
    rows: int
    gaps: int
    missing: int
    zero: int
    misaligned: int
    verdict: str


def require_report(capsys: pytest.CaptureFixture[str], path: Path, found: Found) -> None:
    """The report of a file equals the expected one."""
    (entry,) = answer(capsys, "check", str(path))["symbols"]
    flags, gaps = entry["flags"], entry["gaps"]
    assert (entry["interval"], entry["quarantined"]) == ("1m", 0)
    counted = (entry["symbol"], entry["rows"], gaps["count"], gaps["missing_bars"], flags.get("ZERO_VOLUME", 0))
    assert Found(*counted, flags.get("MISALIGNED", 0), entry["verdict"]) == found
    assert entry["first"] < entry["last"]


def test_files_are_reported_as_they_were_made(capsys: pytest.CaptureFixture[str], dirty: Path, chunked: Path) -> None:
    missing = sum(DIRTY_MISSING)
    planted = Found("BTCUSDT", DIRTY_ROWS - missing, 2, missing, DIRTY_SILENT, DIRTY_SHIFTED, "flagged")
    require_report(capsys, dirty, planted)
    chunks = 30  # of 30,000 rows; the last is not followed by a gap
    gaps = chunks - 1
    sparse = Found("ADAUSDT", CHUNK_KEPT * chunks, gaps, CHUNK_MISSING * gaps, 0, 0, "sparse")
    require_report(capsys, chunked, sparse)


def test_the_outage_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = pl.read_parquet(MINUTES).filter(pl.col("volume") == 0.0)
    require_report(capsys, MINUTES, Found("BTCUSDT", 60_000, 1, 80, len(quiet), 0, "flagged"))


def test_a_long_file_has_a_report_for_each_symbol(equities: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = answer(capsys, "check", str(equities))
    found = {entry["symbol"]: entry for entry in report["symbols"]}
    assert list(found) == ["SPY", "AAPL", "IBM"]
    assert {entry["interval"] for entry in found.values()} == {"1d"}
    assert {entry["verdict"] for entry in found.values()} == {"flagged"}
    assert found["AAPL"]["flags"]["JUMP"] >= 1  # its split is a jump in raw prices
    one = answer(capsys, "check", str(equities), "--symbol", "ibm")
    assert [entry["rows"] for entry in one["symbols"]] == [1_098]


def test_defects_are_the_report_and_not_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = answer(capsys, "check", str(spoiled_csv(tmp_path / "a.csv")), "--symbol", "ZZZUSDT")
    (entry,) = report["symbols"]
    assert entry["quarantined"] == 2
    assert entry["flags"] == {"NOT_FINITE": 1, "DUPLICATE": 1, "GAP_BEFORE": 1}
    assert entry["examples"]["DUPLICATE"] == [3]
    assert entry["verdict"] == "quarantine"
    assert run(["data", "check", str(tmp_path / "a.csv"), "--symbol", "ZZZUSDT"]) == 0
    shown = capsys.readouterr().out
    assert "ZZZUSDT: NOT_FINITE × 1 (set aside; first rows 1)" in shown


def test_what_cannot_be_read_is_one_line_and_exit_code_2(
    tmp_path: Path, fear_greed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no such file" in refusal(capsys, "check", str(tmp_path / "none.parquet"))
    assert "no column open" in refusal(capsys, "check", str(fear_greed))
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(sample_path("1h").read_bytes()[:1000])
    assert "cannot be read" in refusal(capsys, "check", str(cut))
    assert "unknown symbol 'XYZUSDT'" in refusal(capsys, "check", str(sample_path("1h")), "--symbol", "XYZUSDT")
    spoiled = str(spoiled_csv(tmp_path / "a.csv"))
    assert "give --symbol" in refusal(capsys, "check", spoiled)
    report = refusal(capsys, "import", spoiled, "--symbol", "ZZZUSDT", "--root", str(tmp_path / "r"))
    assert "row 1 (ZZZUSDT, 2024-01-01T01:00:00Z): close is nan" in report
    assert not list((tmp_path / "r").rglob("*.parquet"))


def test_imported_bars_are_listed_and_resampled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ("--root", str(tmp_path / "store"))
    report = answer(capsys, "import", str(sample_path("1m")), *root)
    assert [entry["rows_new"] for entry in report["imported"]] == [44_640] * 3
    again = answer(capsys, "import", str(sample_path("1m")), "--symbol", "SOLUSDT", *root)
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
    hours = answer(capsys, "import", str(sample_path("1h")), "--symbol", "SOLUSDT", *root)
    assert hours["imported"][0]["rows_new"] == 8_783 - 744  # the hours built here and those that were shipped agree
    assert run(["data", "list", *root]) == 0
    assert "SOLUSDT" in capsys.readouterr().out


def test_quarantine_keeps_the_good_and_records_the_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, root = spoiled_csv(tmp_path / "a.csv"), tmp_path / "store"
    report = answer(capsys, "import", str(path), "--symbol", "ZZZUSDT", "--quarantine", "--root", str(root))
    (entry,) = report["imported"]
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
    report = answer(capsys, "resample", str(sample_path("1m")), "-s", "BTCUSDT", "--timeframe", "4h", "--out", str(out))
    assert report["rows"] == 186
    expected = load_bars(sample_path("1h"), "BTCUSDT", timeframe="4h", start="2024-01-01", end="2024-02-01")
    built = load_bars(out, "BTCUSDT")
    assert built.ts.tobytes() == expected.ts.tobytes()
    assert built.columns[:4].tobytes() == expected.columns[:4].tobytes()


def test_resample_refuses_invalid_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample, root = str(sample_path("1h")), ("--root", str(tmp_path / "store"))
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
    report = answer(capsys, "resample", *given, "4h", "--market", "perp", "--from", "2024-01-01", *root)
    assert report["market"] == "perp"
