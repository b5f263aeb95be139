"""Track records: what a strategy earned in a period, its figures, and comparisons with confidence bands."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.analysis.daily_equity import DailyEquity
from quaestor.analysis.results import RunResult
from quaestor.analysis.sharpe import deflated_sharpe, measure_sharpe, probabilistic_sharpe
from quaestor.analysis.sharpe_band import Band, sharpe_band, sharpe_difference_band
from quaestor.analysis.statistics import PERIODS_ALWAYS_OPEN, sharpe_ratio
from quaestor.domain.bars import NANOSECONDS_PER_DAY
from quaestor.runtime.config import RunConfig

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TrackRecord:
    """Returns, equity and costs of one run from a moment on. Before it, a run that only trained held nothing.

    Attributes:
        days: int64 (d,), start of each day, ns UTC; `returns`: float64 (d,), of equity, net of all costs, simple.
        ts, equity: int64 and float64 (n,), close times and equity, thinned to what a screen can show.
        held: share of those moments with a position.
        trades: as `analysis.results.trades_frame`; empty for holding.
        frictions: what slippage and half the spread took, in money: already in the prices of the fills.
    """

    name: str
    days: NDArray[np.int64]
    returns: Floats
    ts: NDArray[np.int64]
    equity: Floats
    held: float
    max_drawdown: float
    trades: pl.DataFrame
    traded: float
    fees: float
    frictions: float
    funding: float


@dataclass(frozen=True, slots=True)
class Money:
    """Figures of a track record. Fractions are plain, drawdown is positive, money is in the settlement asset.

    Attributes:
        sharpe: annual, net of all costs; `sharpe_band`: 95 %, by the circular block bootstrap of days.
        probability: that the true Sharpe ratio is above 0, were there one trial.
        deflated: that it is above what the best of all trials would show without skill.
        frictions: slippage and half-spread as configured, in money; contained in the result already.
    """

    name: str
    total_return: float
    sharpe: float | None
    sharpe_band: Band | None
    probability: float | None
    deflated: float | None
    max_drawdown: float
    exposure: float
    trades: int
    win_rate: float | None
    profit_factor: float | None
    turnover: float
    fees: float
    frictions: float
    funding: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Trained strategy beside another on the same days: its return and Sharpe ratio less the other's."""

    name: str
    excess_return: float
    sharpe_difference: float | None
    band: Band | None  # of that difference, 95 %, the same days drawn for both


@dataclass(frozen=True, slots=True)
class Scale:
    """Parameters of the figures besides a track record."""

    periods: float = PERIODS_ALWAYS_OPEN  # days a year on which equity moves
    trials: int = 1
    draws: int = 2_000
    seed: int = 0


def track_record_of(name: str, result: RunResult, start_ts: int, config: RunConfig) -> TrackRecord:
    """Return the part of a run from the bar that opens at `start_ts`; it had made no trade before."""
    daily = result.daily
    kept = daily.days() >= start_ts // NANOSECONDS_PER_DAY * NANOSECONDS_PER_DAY
    curve = result.equity.filter(pl.col("ts") > start_ts)
    friction = (config.costs.slippage_bps + config.costs.spread_bps) / 10_000
    trades = result.trades
    traded = float((trades["qty"] * (trades["entry_price"] + trades["exit_price"])).sum()) if len(trades) else 0.0
    return TrackRecord(
        name=name,
        days=daily.days()[kept],
        returns=daily.returns()[kept],
        ts=curve["ts"].to_numpy(),
        equity=curve["equity"].to_numpy(),
        held=float((curve["position"] != 0.0).mean() or 0.0),  # type: ignore[arg-type]
        max_drawdown=result.summary.max_drawdown,
        trades=trades,
        traded=traded,
        fees=result.summary.fees,
        frictions=traded * friction,
        funding=result.summary.funding,
    )


def figures_of(record: TrackRecord, scale: Scale) -> Money:
    """Return every figure of a track record."""
    returns = record.returns
    ratio = sharpe_ratio(returns, scale.periods)
    measured = measure_sharpe(returns) if ratio is not None and len(returns) >= 4 else None
    growth = np.cumprod(1.0 + returns)
    level = float(np.mean(record.equity)) if len(record.equity) else 1.0
    pnl = record.trades["pnl"].to_numpy() if len(record.trades) else np.empty(0)
    losses = -float(pnl[pnl < 0.0].sum())
    return Money(
        name=record.name,
        total_return=float(growth[-1] - 1.0) if len(growth) else 0.0,
        sharpe=ratio,
        sharpe_band=sharpe_band(returns, scale.periods, draws=scale.draws, seed=scale.seed),
        probability=probabilistic_sharpe(measured) if measured else None,
        deflated=deflated_sharpe(measured, scale.trials) if measured else None,
        max_drawdown=record.max_drawdown,
        exposure=record.held,
        trades=len(pnl),
        win_rate=float(np.mean(pnl > 0.0)) if len(pnl) else None,
        profit_factor=float(pnl[pnl > 0.0].sum()) / losses if losses > 0.0 else None,
        turnover=record.traded / level,
        fees=record.fees,
        frictions=record.frictions,
        funding=record.funding,
    )


def compare(mine: TrackRecord, other: TrackRecord, scale: Scale) -> Comparison:
    """Return the comparison of one track record with another of the same days."""
    a, b = sharpe_ratio(mine.returns, scale.periods), sharpe_ratio(other.returns, scale.periods)
    return Comparison(
        name=other.name,
        excess_return=float(np.prod(1.0 + mine.returns) - np.prod(1.0 + other.returns)),
        sharpe_difference=(a or 0.0) - (b or 0.0) if (a, b) != (None, None) else None,
        band=sharpe_difference_band(mine.returns, other.returns, scale.periods, draws=scale.draws, seed=scale.seed),
    )


def daily_of(initial: float, ts: NDArray[np.int64], equity: Floats) -> DailyEquity:
    """Return equity at each open stamp, folded to days."""
    daily = DailyEquity(initial)
    daily.feed(ts, equity)
    return daily
