"""Sizers and exits end to end: the same in backtest and paper, replayed byte for byte, named by `why` and the
trades."""

from pathlib import Path

import polars as pl
import pytest
from tests.command_line import call, json_of, trades_of
from tests.slices import spot_hours

from quaestor.analysis.journal_rows import read_rows
from quaestor.risk.sizing.catalog import SIZERS

STRATEGY = ("--strategy", "mean_reversion", "--set", "side=both", "--hold-bars-min", "24")
SIZED = ("--sizer", "atr_risk,volatility_target", "--sizing", "atr_risk_pct=0.1", "--sizing", "confidence_weight=1")
EXITS = {"level_buffer_multiple": "0.5", "time_stop_bars": "12", "time_stop_idle_bars": "6", "reversal_strength": "0.5"}
LIMITS = tuple(part for name, value in EXITS.items() for part in ("--limit", f"{name}={value}"))
OPTIONS = (*STRATEGY, *SIZED, *LIMITS, "--risk", "permissive", "--limit", "stop_loss_pct=4")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    data = spot_hours(folder)
    for mode in ("backtest", "paper"):
        where = ("--journal", folder / mode / "j", "--out", folder / mode / "o", "--json")
        json_of(mode, *data, *OPTIONS, *(("--speed", "max") if mode == "paper" else ()), *where)
    return folder


def test_backtest_and_paper_are_one_path(ran: Path) -> None:
    backtest, paper = trades_of(ran / "backtest" / "o"), trades_of(ran / "paper" / "o")
    assert len(backtest) > 10
    assert backtest.equals(paper)


@pytest.mark.parametrize("mode", ["backtest", "paper"])
def test_a_journal_with_sizers_and_exits_replays(ran: Path, mode: str) -> None:
    assert call("replay", ran / mode / "j").code == 0


def test_trades_end_for_the_reasons_that_were_switched_on(ran: Path) -> None:
    trades = trades_of(ran / "backtest" / "o")
    assert {"time_stop", "stop_loss"} <= set(trades["exit_reason"])
    hours = (pl.col("exit_ts") - pl.col("entry_ts")) / 3_600_000_000_000
    timed = trades.filter(pl.col("exit_reason") == "time_stop").select(hours)
    assert timed.to_series().is_between(6, 12).all()
    assert trades.select(hours).to_series().max() <= 12  # type: ignore[operator]


def test_why_names_the_sizer(ran: Path) -> None:
    decisions = read_rows(ran / "backtest" / "j").decisions
    names = [sizer.name for sizer in SIZERS]
    spoke = {names[int(code) - 1] for code in decisions["sizer"] if code}
    assert spoke <= {"atr_risk", "volatility_target"}
    sized = int(decisions["number"][decisions["sizer"] == 1 + names.index("atr_risk")][0])
    explained = json_of("why", sized, "--journal", ran / "backtest" / "j", "--json")
    assert explained["sizer"] == "atr_risk"
    assert "(sized by atr_risk)" in explained["sentence"]
