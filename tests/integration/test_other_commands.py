"""Other commands: data, features, doctor, report, kill and the demonstration, each by its JSON."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.command_line import KEYS, call, json_of, refusal
from tests.made_markets import DIRTY_MISSING, DIRTY_ROWS, DIRTY_SHIFTED
from tests.slices import HOURS, MINUTES, cut, spot_hours


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month")
    return cut(HOURS, folder / "binance_spot_1h.parquet", "2023-05-01", "2023-06-01")


def test_check_reports_what_is_wrong_with_files(dirty: Path, chunked: Path) -> None:
    missing = sum(DIRTY_MISSING)
    spoiled = json_of("data", "check", dirty, "--json")["symbols"]
    assert [entry["symbol"] for entry in spoiled] == ["BTCUSDT"]
    broken = json_of("data", "check", chunked, "--symbol", "ADAUSDT", "--json")["symbols"][0]
    clean = json_of("data", "check", MINUTES, "--json")["symbols"][0]
    assert (clean["rows"], clean["gaps"]["count"], clean["gaps"]["missing_bars"]) == (60_000, 1, 80)
    assert (spoiled[0]["rows"], spoiled[0]["gaps"]["missing_bars"]) == (DIRTY_ROWS - missing, missing)
    assert spoiled[0]["flags"]["MISALIGNED"] == DIRTY_SHIFTED
    assert (broken["rows"], broken["gaps"]["count"]) == (6_000, 29)
    assert broken["coverage"] < 0.3 < 0.9 < spoiled[0]["coverage"] < clean["coverage"] <= 1.0


def test_imported_bars_are_listed_and_resampled(month: Path, tmp_path: Path) -> None:
    root = ("--root", tmp_path / "store", "--json")
    imported = json_of("data", "import", month, *root)["imported"]
    assert len(imported) == 3
    assert {entry["rows"] for entry in imported} == {744}
    again = json_of("data", "import", month, *root)["imported"]
    assert {entry["rows_new"] for entry in again} == {0}
    series = json_of("data", "list", *root)["series"]
    assert [entry["interval"] for entry in series] == ["1h"] * 3
    json_of("data", "resample", "--symbol", "BTCUSDT", "--timeframe", "4h", *root)
    longer = [entry for entry in json_of("data", "list", *root)["series"] if entry["interval"] == "4h"]
    assert [(entry["symbol"], entry["rows"]) for entry in longer] == [("BTCUSDT", 186)]
    out = tmp_path / "days.parquet"
    written = json_of("data", "resample", month, "--symbol", "ETHUSDT", "--timeframe", "1d", "--out", out, *root)
    assert (written["rows"], written["out"]) == (31, str(out))
    assert len(pl.read_parquet(out)) == 31


def test_features_are_listed_and_computed(month: Path, tmp_path: Path) -> None:
    listed = call("features", "list", "--json")
    assert listed.code == 0
    bar = {"open", "high", "low", "close", "volume"}
    rows = json.loads(listed.out)
    names = [row["name"] for row in rows if bar.issuperset(row["inputs"]) and row["warmup"] < 600]
    assert len(names) > 200
    names = names[::8]  # a plan of all compiles for a minute
    out = tmp_path / "features.parquet"
    chosen = ",".join(names)
    summary = json_of(
        "features", "compute", "--data", month, "--symbol", "BTCUSDT", "--features", chosen, "--out", out, "--json"
    )
    frame = pl.read_parquet(out)
    assert frame.columns == ["ts", *names] == ["ts", *summary["features"]]
    assert frame.schema["ts"] == pl.Int64
    assert len(frame) == summary["rows"] == 744
    tail = frame.drop("ts").tail(100).to_numpy()
    assert np.isfinite(tail).all()
    assert summary["warmup"] < 644


def test_doctor_passes_on_this_machine(tmp_path: Path) -> None:
    outcome = call("doctor", "--dir", tmp_path, "--json")
    checks = outcome.json["checks"]
    assert outcome.json["health"] in ("ok", "warn", "fail")
    assert outcome.code == (1 if outcome.json["health"] == "fail" else 0)
    assert len(checks) >= 8
    assert all(check.keys() == {"name", "health", "found", "remedy"} for check in checks)
    assert all(check["remedy"] for check in checks if check["health"] != "ok")


def test_report_of_two_runs_is_one_file_without_links(tmp_path: Path) -> None:
    data = spot_hours(tmp_path)
    for name, strategy in (("a", "ema_cross"), ("b", "breakout")):
        json_of("backtest", *data, "--strategy", strategy, "--out", tmp_path / name, "--json")
    html = tmp_path / "report.html"
    written = json_of("report", tmp_path / "a", tmp_path / "b", "--html", html, "--json")
    assert (written["runs"], written["html"], written["bytes"]) == (2, str(html), html.stat().st_size)
    text = html.read_text(encoding="utf-8")
    assert "ema_cross" in text
    assert "breakout" in text
    assert 'src="http' not in text
    assert "<link" not in text
    in_the_way = tmp_path / "a" / "summary.json" / "report.html"
    assert "cannot be written" in refusal("report", tmp_path / "a", "--html", in_the_way, "--json")


def test_a_kill_ends_a_paper_run_flat(tmp_path: Path) -> None:
    data = spot_hours(tmp_path)
    journal = tmp_path / "journal"
    json_of("paper", *data, "--speed", "max", "--journal", journal, "--json")
    segment = journal / "segment-000001.qj"
    with segment.open("r+b") as file:
        file.truncate(segment.stat().st_size // 2)
    assert call("kill", journal).code == 0
    stopped = json_of("paper", *data, "--speed", "max", "--journal", journal, "--out", tmp_path / "out", "--json")
    assert "killed" in stopped["breakers"]
    assert pl.read_parquet(tmp_path / "out" / "equity.parquet")["position"][-1] == 0.0
    assert json_of("replay", journal, "--json")["identical"] is True
    assert "unknown command 'stop'" in refusal("kill", journal, "--command", "stop")
    assert "holds no journal" in refusal("kill", tmp_path / "out")


def test_the_demo_trades_trains_and_replays_identically(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    shown = json_of("demo", "--out", out, "--json")
    assert (shown["paper_equals_backtest"], shown["replay_identical"]) == (True, True)
    assert {(run["strategy"], run["symbol"]) for run in shown["runs"]} == {
        (strategy, symbol)
        for strategy in ("ema_cross", "mean_reversion", "breakout", "confluence")
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    }
    for run in [*shown["runs"], shown["paper"]]:
        assert KEYS.keys() <= run.keys()
        assert run["fees"] > 0.0
    assert Path(shown["report"]).stat().st_size > 100_000
    assert shown["learned"]["verdict"]["sentence"]
    assert shown["learned"]["hold_out"]["access"] == "opened"
    assert (out / "learned" / "report.html").stat().st_size > 100_000
    assert json_of("why", "trade:1", "--journal", shown["runs"][0]["journal"], "--json")["orders"]
    assert json_of("replay", shown["runs"][0]["journal"], "--json")["identical"] is True
    (out / ".quaestor-demo").unlink()
    assert "is not empty — give another directory with --out" in refusal("demo", "--out", out, "--json")
