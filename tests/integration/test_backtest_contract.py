"""Contract of `backtest` and `paper`: their keys, their files, and every figure worked out again from the journal."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.command_line import KEYS, PLAIN, call, json_of, trades_of
from tests.made_markets import Perpetuals
from tests.slices import HOURS

from quaestor.analysis.journal_rows import JournalRows, read_rows
from quaestor.ledger.codes import OrderAction

DAY = 86_400_000_000_000
COLUMNS = {
    "entry_ts": pl.Int64,
    "exit_ts": pl.Int64,
    "side": pl.String,
    "qty": pl.Float64,
    "entry_price": pl.Float64,
    "exit_price": pl.Float64,
    "fee": pl.Float64,
    "pnl": pl.Float64,
    "exit_reason": pl.String,
}
STRATEGY = ("--strategy", "ema_cross", "--set", "fast=10", "--set", "slow=50")


def require_contract(summary: dict[str, Any]) -> None:
    """Check every key of the contract, of its type, within its bounds."""
    for name, kind in KEYS.items():
        assert name in summary, name
        assert isinstance(summary[name], kind), (name, summary[name])
        assert not isinstance(summary[name], bool)
    assert summary["decisions"] == summary["bars"] > 0
    assert summary["seconds"] > 0.0
    assert summary["max_drawdown"] >= 0.0
    assert summary["total_return"] == pytest.approx(
        summary["equity_final"] / summary["equity_initial"] - 1.0, abs=1e-12
    )


def run(out: Path, *options: object) -> tuple[dict[str, Any], pl.DataFrame, JournalRows]:
    """Return a backtest's summary, trades and journal."""
    summary = json_of("backtest", *options, "--out", out / "o", "--journal", out / "j", "--json")
    require_contract(summary)
    trades = trades_of(out / "o")
    for name, kind in COLUMNS.items():
        assert trades.schema[name] == kind, name
    return summary, trades, read_rows(out / "j")


def require_figures(summary: dict[str, Any], trades: pl.DataFrame) -> None:
    """Check that trades and summary agree."""
    pnl = trades["pnl"].to_numpy()
    assert summary["trades"] == len(trades)
    assert pnl.sum() == pytest.approx(summary["equity_final"] - summary["equity_initial"], abs=1e-6)
    assert trades["fee"].sum() == pytest.approx(summary["fees"], abs=1e-6)
    assert summary["win_rate"] == pytest.approx(np.mean(pnl > 0))
    assert summary["profit_factor"] == pytest.approx(pnl[pnl > 0].sum() / -pnl[pnl < 0].sum())
    assert set(trades["side"]) <= {"long", "short"}
    assert trades["qty"].min() > 0  # type: ignore[operator]
    assert (trades["entry_ts"] <= trades["exit_ts"]).all()
    assert trades["entry_ts"].is_sorted()


def daily_equity(rows: JournalRows, interval_ns: int, quantum: float) -> NDArray[np.float64]:
    """Return the last equity of each UTC day, by the opens of the bars."""
    frame = pl.DataFrame(
        {"day": (rows.decisions["ts"] - interval_ns) // DAY, "equity": rows.decisions["equity"] * quantum}
    )
    return frame.group_by("day", maintain_order=True).last()["equity"].to_numpy()


def require_statistics(
    summary: dict[str, Any], levels: NDArray[np.float64], equity: NDArray[np.float64], year: int
) -> None:
    """Check Sharpe, Sortino and drawdown against daily equity and every bar's."""
    curve = np.concatenate(([summary["equity_initial"]], levels))
    returns = np.diff(curve) / curve[:-1]
    assert summary["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(year), rel=1e-9)
    downside = math.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))
    assert summary["sortino"] == pytest.approx(returns.mean() / downside * math.sqrt(year), rel=1e-9)
    path = np.concatenate(([summary["equity_initial"]], equity))
    peaks = np.maximum.accumulate(path)
    assert summary["max_drawdown"] == pytest.approx(np.max(1.0 - path / peaks), rel=1e-9)


@pytest.fixture(scope="module")
def hours() -> tuple[object, ...]:
    given = ("--data", HOURS, "--symbol", "BTCUSDT", "--timeframe", "1h", "--from", "2023-03-01")
    return (*given, "--to", "2023-09-01", *STRATEGY, *PLAIN)


def test_figures_of_a_long_only_run_follow_from_its_trades(hours: tuple[object, ...], tmp_path: Path) -> None:
    summary, trades, rows = run(tmp_path, *hours, "--set", "side=long")
    assert (summary["symbol"], summary["timeframe"], summary["equity_initial"]) == ("BTCUSDT", "1h", 10_000.0)
    assert (summary["funding"], summary["vetoes"], summary["shrinks"], summary["liquidations"]) == (0.0, 0, 0, 0)
    require_figures(summary, trades)
    assert set(trades["side"]) == {"long"}
    assert rows.decisions["position"].min() == 0
    quantum = float(rows.decisions["equity"][0]) / summary["equity_initial"]
    equity = rows.decisions["equity"] / quantum
    assert equity[-1] == pytest.approx(summary["equity_final"], abs=1e-9)
    require_statistics(summary, daily_equity(rows, 3_600_000_000_000, 1 / quantum), equity, 365)


def test_figures_of_a_long_and_short_run_follow_from_its_trades(hours: tuple[object, ...], tmp_path: Path) -> None:
    summary, trades, rows = run(tmp_path, *hours, "--set", "side=both")
    require_figures(summary, trades)
    sides = trades["side"].to_list()
    assert all(before != after for before, after in pairwise(sides))  # always in, always turning
    assert trades["exit_ts"][:-1].to_list() == trades["entry_ts"][1:].to_list()  # one reversal, two trades
    turned = np.flatnonzero(np.diff(np.sign(rows.decisions["position"])))
    assert len(trades) == len(turned)
    assert set(trades["exit_reason"][:-1]) <= {"reversal", "signal_exit"}


def test_an_open_position_at_the_end_is_one_trade_marked_at_the_last_close(
    hours: tuple[object, ...], tmp_path: Path
) -> None:
    summary, trades, rows = run(tmp_path, *hours, "--set", "side=both")
    last = trades.row(-1, named=True)
    final = rows.decisions[-1]
    assert final["position"] != 0
    assert last["exit_reason"] == "end_of_data"
    assert "end_of_data" not in set(trades["exit_reason"][:-1])
    assert last["exit_ts"] == final["ts"] == summary["last_ts"] + 3_600_000_000_000
    assert last["exit_price"] == pytest.approx(pl.read_parquet(tmp_path / "o" / "bars.parquet")["close"][-1])
    turns = 1 if last["side"] == "long" else -1
    gross = turns * last["qty"] * (last["exit_price"] - last["entry_price"])
    assert last["pnl"] == pytest.approx(gross - last["fee"], abs=1e-6)


def test_every_order_fills_at_the_open_after_its_decision(hours: tuple[object, ...], tmp_path: Path) -> None:
    summary, trades, rows = run(tmp_path, *hours, "--set", "side=long")
    filled = rows.orders[rows.orders["action"] == OrderAction.FILL]
    assert (filled["ts"] == filled["order"]["created_ts"]).all()  # the close of a bar is the open of the next
    opens = dict(pl.read_parquet(tmp_path / "o" / "bars.parquet").select("ts", "open").iter_rows())
    for trade in trades.filter(pl.col("exit_reason") != "end_of_data").iter_rows(named=True):
        assert trade["entry_price"] == pytest.approx(opens[trade["entry_ts"]])
        assert trade["exit_price"] == pytest.approx(opens[trade["exit_ts"]])
        gross = trade["qty"] * (trade["exit_price"] - trade["entry_price"])
        assert trade["pnl"] == pytest.approx(gross - trade["fee"], abs=1e-6)
        assert trade["fee"] == pytest.approx(
            0.001 * trade["qty"] * (trade["entry_price"] + trade["exit_price"]), abs=1e-6
        )
    assert summary["trades"] > 20


def test_full_size_entries_use_all_cash_and_never_more(hours: tuple[object, ...], tmp_path: Path) -> None:
    _, trades, rows = run(tmp_path, *hours, "--set", "side=long")
    assert rows.decisions["cash"].min() >= 0
    first = trades.row(0, named=True)
    assert 9_900.0 < first["qty"] * first["entry_price"] * 1.001 <= 10_000.0


def test_paper_prints_the_same_keys(tmp_path: Path) -> None:
    given = ("--data", HOURS, "--symbol", "SOLUSDT", "--from", "2024-01-01", "--to", "2024-03-01")
    options = (*given, *STRATEGY, *PLAIN, "--set", "side=both")
    tested, _, _ = run(tmp_path, *options)
    traded = json_of("paper", *options, "--speed", "max", "--json", "--out", tmp_path / "p")
    require_contract(traded)
    assert traded.keys() == tested.keys()
    assert trades_of(tmp_path / "p").equals(trades_of(tmp_path / "o"))


def require_funding(folder: Path, given: tuple[object, ...]) -> None:
    """Of a perpetual whose rates are positive: longs pay, shorts receive, and trades add up to the account."""
    for side in ("long", "both"):
        summary, trades, rows = run(folder / side, *given, *STRATEGY, *PLAIN, "--set", f"side={side}")
        require_figures(summary, trades)
        assert summary["funding"] != 0.0
        assert trades["funding"].sum() == pytest.approx(summary["funding"], abs=1e-6)
        settled = rows.orders[rows.orders["action"] == OrderAction.FUNDING]
        assert len(settled) > 5
        assert (settled["ts"] % (8 * 3_600_000_000_000) < 60_000_000_000).all()
        earned = trades.filter(pl.col("side") == "short")["funding"].sum()
        paid = trades.filter(pl.col("side") == "long")["funding"].sum()
        assert paid > 0.0 >= earned
        assert (earned < 0.0) == (side == "both")


def test_a_perpetual_pays_and_earns_funding(perpetuals: Perpetuals, tmp_path: Path) -> None:
    rates = tmp_path / "perp_funding.parquet"
    pl.read_parquet(perpetuals.funding).with_columns(funding_rate=pl.lit(0.0001)).write_parquet(rates)
    market = ("--market", "perp", "--funding", rates, "--mark", perpetuals.mark)
    require_funding(tmp_path, ("--data", perpetuals.bars, "--symbol", "BTCUSDT", *market))


def require_days_of_equities(folder: Path, given: tuple[object, ...]) -> None:
    """Statistics of an equity are annualised by 252 days."""
    summary, trades, rows = run(folder, *given, *STRATEGY, *PLAIN, "--set", "side=both")
    require_figures(summary, trades)
    assert (summary["market"], summary["timeframe"]) == ("equity", "1d")
    quantum = float(rows.decisions["equity"][0]) / summary["equity_initial"]
    equity = rows.decisions["equity"] / quantum
    require_statistics(summary, equity, equity, 252)


def test_statistics_of_an_equity_count_252_days_a_year(equities: Path, tmp_path: Path) -> None:
    require_days_of_equities(tmp_path, ("--data", equities, "--symbol", "SPY"))


def test_output_without_json_is_tables() -> None:
    given = ("--data", HOURS, "--symbol", "SOLUSDT", "--from", "2024-01-01", "--to", "2024-02-01")
    outcome = call("backtest", *given, "--set", "side=both", "--size", "1")
    assert outcome.code == 0
    assert "ema_cross on SOLUSDT spot 1h (backtest)" in outcome.out
    assert "Refusals of the risk officer" in outcome.out
    assert "note: " in outcome.err
    assert "note: " not in outcome.out
