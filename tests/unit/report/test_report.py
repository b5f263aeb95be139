"""HTML report: complete, self-contained, escaped, and explicit about missing figures."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quaestor.cli import app as cli_app
from quaestor.errors import DataError, OutputError, UsageError
from quaestor.report import load_run, write_report
from quaestor.report import page as report_page

HOUR = 3_600_000_000_000
START = 1_700_006_400_000_000_000


def write_run(path: Path, *, strategy: str = "ema_cross", seed: int = 1, n_trades: int = 12, n: int = 600) -> Path:
    """Write an output directory as a run does, on a random walk."""
    path.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    ts = START + np.arange(n) * HOUR
    close = 30_000.0 * np.cumprod(1.0 + rng.normal(0.0, 0.006, n))
    opening = np.concatenate(([30_000.0], close[:-1]))
    high, low = np.maximum(opening, close) * 1.002, np.minimum(opening, close) * 0.998
    position = np.sign(rng.normal(size=n)).cumsum().clip(0, 1)
    equity = 10_000.0 * np.cumprod(1.0 + np.concatenate(([0.0], position[:-1])) * (close / opening - 1.0))
    entries = np.sort(rng.choice(n - 10, n_trades, replace=False))
    exits = entries + 8
    pnl = 0.01 * (close[exits] - close[entries]) - 0.5
    bars = {
        "symbol": ["BTCUSDT"] * n,
        "ts": ts,
        "open": opening,
        "high": high,
        "low": low,
        "close": close,
        "volume": rng.uniform(1, 9, n),
    }
    pl.DataFrame(bars).write_parquet(path / "bars.parquet")
    frame = pl.DataFrame({"ts": ts, "equity": equity, "price": close, "position": position})
    frame.write_parquet(path / "equity.parquet")
    trades = {
        "symbol": ["BTCUSDT"] * n_trades,
        "entry_ts": ts[entries],
        "exit_ts": ts[exits],
        "side": ["long" if i % 2 == 0 else "short" for i in range(n_trades)],
        "qty": np.full(n_trades, 0.01),
        "entry_price": close[entries],
        "exit_price": close[exits],
        "fee": np.full(n_trades, 0.5),
        "pnl": pnl,
        "exit_reason": ["signal_exit"] * n_trades,
    }
    schema = {"symbol": pl.String, "side": pl.String, "exit_reason": pl.String}
    pl.DataFrame(trades, schema_overrides=schema).write_parquet(path / "trades.parquet")
    verdicts = {
        "rule": ["position_size", "drawdown"],
        "layer": ["position", "drawdown"],
        "verdict": ["shrink", "veto"],
        "count": [41, 3],
        "example_decision": [17, 402],
    }
    pl.DataFrame(verdicts).write_parquet(path / "verdicts.parquet")
    peaks = np.maximum.accumulate(np.maximum(equity, 10_000.0))
    summary = {
        "strategy": strategy,
        "symbol": "BTCUSDT",
        "timeframe": "1h",
        "bars": n,
        "seconds": 0.01,
        "equity_initial": 10_000.0,
        "equity_final": equity[-1],
        "total_return": equity[-1] / 10_000.0 - 1.0,
        "max_drawdown": float(np.max(1.0 - equity / peaks)),
        "sharpe": 0.4,
        "sortino": None,
        "trades": n_trades,
        "win_rate": 0.5 if n_trades else None,
        "profit_factor": None,
        "fees": 0.5 * n_trades,
        "funding": 0.0,
        "vetoes": 3,
        "shrinks": 41,
        "decisions": n,
        "liquidations": 0,
    }
    summary["refusals"] = [
        {
            "symbol": "BTCUSDT",
            "rule": "drawdown",
            "layer": "drawdown",
            "vetoes": 3,
            "shrinks": 0,
            "episodes": 2,
            "notional": 4321.0,
            "saved": 77.5,
            "cost": 12.25,
            "net": 65.25,
            "right": 0.5,
            "unsettled": 0,
        }
    ]
    (path / "summary.json").write_text(json.dumps(summary))
    return path


def without_scripts(text: str) -> str:
    return re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def charts_of(text: str) -> dict[str, dict[str, list[dict[str, list[object]]]]]:
    found = re.search(r"const CHARTS=(.*);\n\"use strict\"", text)
    assert found is not None
    charts: dict[str, dict[str, list[dict[str, list[object]]]]] = json.loads(found[1])
    return charts


def test_one_file_holds_everything(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / "a"), write_run(tmp_path / "b", strategy="breakout", seed=2)]
    target = write_report(runs, tmp_path / "deep" / "report.html")
    text = target.read_text()
    page = without_scripts(text)
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    assert "@import" not in page
    assert "url(" not in page
    assert "ema_cross · BTCUSDT · 1h" in page
    assert "breakout · BTCUSDT · 1h" in page
    assert "position_size" in page
    assert "2 runs are compared here" in page
    assert sorted(charts_of(text)) == ["candles-0-0", "candles-1-0", "comparison", "equity-0", "equity-1"]
    for name in charts_of(text):
        assert f"id={name}" in page
    assert [file.name for file in target.parent.iterdir()] == ["report.html"]


def test_charts_hold_the_numbers_of_the_run(tmp_path: Path) -> None:
    run = load_run(write_run(tmp_path / "a"))
    charts = charts_of(report_page.render([run]))
    equity = charts["equity-0"]["data"][0]
    assert equity["y"] == pytest.approx(run.equity["equity"].to_list(), rel=1e-7)
    assert equity["x"][:2] == ["2023-11-15 00:00:00", "2023-11-15 01:00:00"]
    names = {str(trace.get("name")): trace for trace in charts["candles-0-0"]["data"]}
    assert len(names["long entry"]["x"]) + len(names["short entry"]["x"]) == 12
    assert len(names["exit with profit"]["x"]) + len(names["exit with loss"]["x"]) == 12
    assert len(charts["candles-0-0"]["data"][0]["x"]) == 600


def test_refusals_are_reported_in_money(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a")
    page = without_scripts(report_page.render([load_run(path)]))
    assert "What refusals saved and cost" in page
    assert "<td class=n>77.50</td><td class=n>12.25</td><td class=n>65.25</td>" in page
    assert "<td class=n>50.00 %</td>" in page
    summary = json.loads((path / "summary.json").read_text())
    del summary["refusals"]
    (path / "summary.json").write_text(json.dumps(summary))
    assert "What refusals" not in report_page.render([load_run(path)])


def test_the_sentence_states_gain_drawdown_and_holding(tmp_path: Path) -> None:
    run = load_run(write_run(tmp_path / "a"))
    text = without_scripts(report_page.render([run]))
    total = run.number("total_return")
    assert total is not None
    word = "gained" if total > 0 else "lost"
    assert f"{word} {abs(100 * total):.2f} % after the costs" in text
    assert "Holding the asset instead would have" in text
    assert "runs are compared" not in text


def test_the_summarys_return_of_holding_is_preferred(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a")
    summary = json.loads((path / "summary.json").read_text())
    prices = load_run(path).equity["price"]
    assert load_run(path).hold_return == pytest.approx(prices[-1] / prices[0] - 1.0)
    (path / "summary.json").write_text(json.dumps(summary | {"buy_and_hold_return": 0.25}))
    assert "would have gained 25.00 % before costs" in report_page.render([load_run(path)])


def test_a_run_without_trades_or_verdicts_is_reported(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a", n_trades=0)
    frame = pl.read_parquet(path / "verdicts.parquet")
    frame.clear().write_parquet(path / "verdicts.parquet")
    text = without_scripts(report_page.render([load_run(path)]))
    assert "It made no trade" in text
    assert "The risk officer objected to nothing." in text
    assert "No trades." in text


def test_an_empty_run_is_reported(tmp_path: Path) -> None:
    path = write_run(tmp_path / "a", n_trades=0)
    for name in ("equity.parquet", "bars.parquet"):
        pl.read_parquet(path / name).clear().write_parquet(path / name)
    assert "ema_cross" in report_page.render([load_run(path)])


def test_text_from_files_is_escaped(tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    text = report_page.render([load_run(write_run(tmp_path / "a", strategy=evil))])
    assert "<img" not in without_scripts(text)
    assert evil not in text
    assert text.count("</script>") == 2


def test_long_trade_lists_are_cut_with_a_note(tmp_path: Path) -> None:
    text = without_scripts(report_page.render([load_run(write_run(tmp_path / "a", n_trades=400))]))
    assert "In trades.parquet: 100 earlier trades." in text


def _remove_summary(path: Path) -> None:
    (path / "summary.json").unlink()


def _break_summary(path: Path) -> None:
    (path / "summary.json").write_text("{")


def _empty_summary(path: Path) -> None:
    (path / "summary.json").write_text("{}")


def _list_summary(path: Path) -> None:
    (path / "summary.json").write_text("[]")


def _cut_trades(path: Path) -> None:
    file = path / "trades.parquet"
    file.write_bytes(file.read_bytes()[:100])


def _drop_column(path: Path) -> None:
    file = path / "equity.parquet"
    pl.read_parquet(file).drop("price").write_parquet(file)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (_remove_summary, r"summary\.json: cannot be read: No such file.*--out"),
        (_break_summary, r"summary\.json: is no JSON"),
        (_empty_summary, r"summary\.json: lacks equity_initial"),
        (_list_summary, r"summary\.json: is no JSON object"),
        (_cut_trades, r"trades\.parquet: cannot be read"),
        (_drop_column, r"equity\.parquet: lacks the columns price"),
    ],
)
def test_a_damaged_directory_is_one_clear_error(tmp_path: Path, harm: Callable[[Path], None], message: str) -> None:
    path = write_run(tmp_path / "a")
    harm(path)
    with pytest.raises(DataError, match=message):
        write_report([path], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_an_unwritable_target_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="choose another file"):
        write_report([run], tmp_path / "file" / "report.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_report([run], tmp_path / "folder")
    assert not list(tmp_path.glob(".*part"))


def test_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to report on"):
        write_report([], tmp_path / "report.html")


def test_the_command_writes_the_page_and_prints_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "a")
    target = tmp_path / "report.html"
    assert cli_app.run(["report", str(run), "--html", str(target), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"html": str(target), "runs": 1, "bytes": target.stat().st_size}
    assert cli_app.run(["report", str(run), "--html", str(target)]) == 0
    assert str(target) in capsys.readouterr().out
    assert cli_app.run(["report", str(tmp_path / "absent"), "--html", str(target)]) == 2
    assert "summary.json: cannot be read" in capsys.readouterr().err
