"""Run result: summary, trades and curves of one run, and the directory that holds them."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.stores.atomic import replace_file
from quaestor.adapters.stores.frames import replace_frame
from quaestor.analysis.by_sleeve import SleeveFigures
from quaestor.analysis.by_symbol import SymbolFigures
from quaestor.analysis.collector import Collector
from quaestor.analysis.counterfactual import RuleOutcome
from quaestor.analysis.daily_equity import DailyEquity
from quaestor.analysis.model_figures import LearningFigures
from quaestor.analysis.officer.account import Account
from quaestor.analysis.opinion_log import OpinionFigures
from quaestor.analysis.prices import average_price
from quaestor.analysis.statistics import TRADE, Metrics
from quaestor.domain.instrument import Instrument
from quaestor.errors import OutputError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Layer, Purpose, Verdict
from quaestor.risk.catalog import RULES

_REMEDY = "choose a directory that you may write to"


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of one run. Fractions are plain, money is in the settlement asset, drawdown is positive."""

    symbol: str
    market: str
    timeframe: str
    strategy: str
    settings: dict[str, str]
    risk_profile: str
    mode: str
    bars: int
    first_ts: int
    last_ts: int
    seconds: float
    compile_seconds: float
    equity_initial: float
    equity_final: float
    total_return: float
    buy_and_hold_return: float
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float
    max_drawdown_days: float
    trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    exposure: float | None
    turnover: float | None
    fees: float
    funding: float
    vetoes: int
    shrinks: int
    refusals: list[RuleOutcome]
    decisions: int
    liquidations: int
    breakers: list[str]
    state_sha256: str
    journal: str | None
    out: str | None
    notes: list[str]
    symbols: list[SymbolFigures]
    sleeves: list[SleeveFigures]
    account: Account
    learning: list[LearningFigures]
    opinions: list[OpinionFigures]


@dataclass(frozen=True, slots=True)
class RunResult:
    """Summary and tables of one run."""

    summary: Summary
    metrics: Metrics
    trades: pl.DataFrame
    equity: pl.DataFrame
    verdicts: pl.DataFrame
    daily: DailyEquity
    opinions: pl.DataFrame | None  # of trained models, see `analysis.opinion_log`


def trades_frame(trades: Table, instruments: Sequence[Instrument]) -> pl.DataFrame:
    """Return round trips in units of the market: symbol, entry_ts, exit_ts (ns UTC), side, qty, prices, fee, funding,
    pnl, reason."""
    money = float(instruments[0].quantum)
    lots = trades["lots"]
    which = trades["instrument"]
    lot_sizes = np.array([float(instrument.lot_size) for instrument in instruments])
    return pl.DataFrame(
        {
            "symbol": [instruments[index].symbol for index in which],
            "entry_ts": trades["entry_ts"],
            "exit_ts": trades["exit_ts"],
            "side": ["long" if side > 0 else "short" for side in trades["side"]],
            "qty": lots * lot_sizes[which],
            "entry_price": _prices(trades["entry_value"], trades, instruments),
            "exit_price": _prices(trades["exit_value"], trades, instruments),
            "fee": trades["fee"] * money,
            "funding": trades["funding"] * money,
            "pnl": trades["pnl"] * money,
            "exit_reason": [Purpose(reason).name.lower() for reason in trades["reason"]],
        },
        schema_overrides={
            "symbol": pl.String,
            "entry_ts": pl.Int64,
            "exit_ts": pl.Int64,
            "side": pl.String,
            "exit_reason": pl.String,
        },
    )


def _prices(value: NDArray[np.int64], trades: Table, instruments: Sequence[Instrument]) -> NDArray[np.float64]:
    prices = np.zeros(len(trades))
    for index, instrument in enumerate(instruments):
        own = trades["instrument"] == index
        prices[own] = average_price(value[own], trades["lots"][own], instrument)
    return prices


def trades_for_statistics(frame: pl.DataFrame) -> Table:
    """Return the columns that `statistics.summarise` reads."""
    table = np.zeros(len(frame), TRADE)
    for name in TRADE.names or ():
        table[name] = frame[name].to_numpy()
    return table


def equity_frame(collector: Collector) -> pl.DataFrame:
    """Return the kept points of the equity curve."""
    curve = collector.curve
    empty = np.zeros(0)
    return pl.DataFrame(
        {
            "ts": np.concatenate(curve.ts) if curve.ts else np.zeros(0, np.int64),
            "equity": np.concatenate(curve.equity) if curve.equity else empty,
            "price": np.concatenate(curve.price) if curve.price else empty,
            "position": np.concatenate(curve.position) if curve.position else empty,
        }
    )


def verdicts_frame(collector: Collector) -> pl.DataFrame:
    """Return the refusals of the officer, counted by rule and verdict."""
    rows = sorted(collector.verdicts.items())
    rules = [RULES[rule] if rule >= 0 else None for (rule, _), _ in rows]
    return pl.DataFrame(
        {
            "rule": [rule.name if rule else "" for rule in rules],
            "layer": [Layer(rule.layer).name.lower() if rule else "" for rule in rules],
            "verdict": [Verdict(verdict).name.lower() for (_, verdict), _ in rows],
            "count": [entry.count for _, entry in rows],
            "example_decision": [entry.example for _, entry in rows],
        },
        schema={
            "rule": pl.String,
            "layer": pl.String,
            "verdict": pl.String,
            "count": pl.Int64,
            "example_decision": pl.Int64,
        },
    )


def prepare_directory(directory: Path) -> None:
    """Make the directory of results before the run, so that a wrong one is refused early.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(directory, error.strerror or str(error)) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise _unwritable(directory, "permission denied")


def _unwritable(directory: Path, why: str) -> OutputError:
    return OutputError(f"cannot be written: {why}", place=f"--out {directory}", remedy=_REMEDY)


def write_result(result: RunResult, bars: pl.DataFrame, directory: Path) -> None:
    """Write summary.json, trades, equity, verdicts and bars; each file appears whole or not at all.

    Raises:
        OutputError: the directory cannot be written.
    """
    frames = {"trades": result.trades, "equity": result.equity, "verdicts": result.verdicts, "bars": bars}
    if result.opinions is not None:
        frames["opinions"] = result.opinions
    summary = json.dumps(asdict(result.summary), indent=2) + "\n"
    try:
        for name, frame in frames.items():
            replace_frame(directory / f"{name}.parquet", frame)
        replace_file(directory / "summary.json", lambda path: path.write_text(summary, encoding="utf-8"))
    except OutputError as error:
        raise OutputError(error.what, place=f"--out {directory}", remedy=_REMEDY) from error
