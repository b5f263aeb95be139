"""Run statistics: return, risk and trade figures. A figure that the data cannot support is None, never NaN or infinite.

Daily figures use the simple returns of `DailyEquity` and are annualised with the root of the periods a year:
365 for markets that never close, 252 for sessions of an exchange. The risk-free rate is 0.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.daily_equity import DailyEquity

PERIODS_ALWAYS_OPEN = 365.0
PERIODS_SESSIONS = 252.0
NANOSECONDS_PER_DAY_FLOAT = 86_400e9
#: Fewest days for a 5 % tail to hold one of them.
TAIL_DAYS_MIN = 20

#: A closed trade as statistics need it; `pnl` is net of `fee`, in quote units.
TRADE = np.dtype(
    [
        ("entry_ts", "<i8"),
        ("exit_ts", "<i8"),
        ("qty", "<f8"),
        ("entry_price", "<f8"),
        ("exit_price", "<f8"),
        ("fee", "<f8"),
        ("pnl", "<f8"),
    ]
)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of a run. Fractions are plain (0.1 is 10 %), drawdown and tail losses positive, money in quote units.

    Attributes:
        annual_return: compound growth a year; None under two days.
        volatility: sample deviation of daily returns, annualised.
        sharpe: mean over sample deviation of daily returns, annualised; None under two days or without variation.
        sortino: the same over the root mean square of the losing side; None without a losing day.
        calmar: annual return over maximum drawdown; None without a drawdown.
        max_drawdown: deepest fall from a peak at bar resolution, starting capital included.
        max_drawdown_days: longest time from a peak to the last bar below it.
        win_rate: share of trades with a profit above 0, after fees.
        profit_factor: gains over losses of all trades; None without a losing trade.
        expectancy: mean profit of a trade.
        average_loss: mean of the losing trades, negative.
        exposure: share of bars with a position; None when positions were not given.
        turnover: notional traded in closed trades (entry and exit) over the mean daily equity.
        var_95: loss that 95 % of days stay within (historical simulation, linear quantile); None under 20 days.
        es_95: mean loss of the days at or beyond it.
    """

    total_return: float
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
    average_win: float | None
    average_loss: float | None
    exposure: float | None
    turnover: float | None
    var_95: float | None
    es_95: float | None


def measure(
    ts: NDArray[np.int64],
    equity: NDArray[np.float64],
    initial: float,
    trades: NDArray[np.void],
    *,
    position: NDArray[np.int64] | NDArray[np.float64] | None = None,
    periods: float = PERIODS_ALWAYS_OPEN,
) -> Metrics:
    """Return all figures of a run whose equity fits memory; shapes as in `DailyEquity.feed`, trades as in `TRADE`."""
    daily = DailyEquity(initial)
    daily.feed(ts, equity, position)
    return summarise(daily, trades, periods=periods, has_positions=position is not None)


def summarise(
    daily: DailyEquity,
    trades: NDArray[np.void],
    *,
    periods: float = PERIODS_ALWAYS_OPEN,
    has_positions: bool = True,
) -> Metrics:
    """Return all figures of a run that was folded chunk by chunk.

    Args:
        daily: the folded equity.
        trades: closed trades with the fields of `TRADE`; others are ignored.
        periods: days a year on which equity moves.
        has_positions: whether positions were fed, so that exposure is known.
    """
    returns = daily.returns()
    total = daily.last_equity / daily.initial - 1.0
    annual = _annual_return(total, len(returns), periods)
    tail, beyond = tail_losses(returns)
    pnl = trades["pnl"]
    gains, losses = pnl[pnl > 0.0], pnl[pnl < 0.0]
    return Metrics(
        total_return=total,
        annual_return=annual,
        volatility=_volatility(returns, periods),
        sharpe=sharpe_ratio(returns, periods),
        sortino=sortino_ratio(returns, periods),
        calmar=annual / daily.max_drawdown if annual is not None and daily.max_drawdown > 0.0 else None,
        max_drawdown=daily.max_drawdown,
        max_drawdown_days=daily.longest_drawdown_ns / NANOSECONDS_PER_DAY_FLOAT,
        trades=len(trades),
        win_rate=len(gains) / len(pnl) if len(pnl) else None,
        profit_factor=float(np.sum(gains) / -np.sum(losses)) if len(losses) else None,
        expectancy=_mean(pnl),
        average_win=_mean(gains),
        average_loss=_mean(losses),
        exposure=daily.bars_in_position / daily.bars if has_positions and daily.bars else None,
        turnover=_turnover(trades, daily.levels()),
        var_95=tail,
        es_95=beyond,
    )


def sharpe_ratio(returns: NDArray[np.float64], periods: float = PERIODS_ALWAYS_OPEN) -> float | None:
    """Return mean over sample standard deviation (ddof = 1) of returns, times the root of the periods a year.

    Example:
        >>> sharpe_ratio(np.array([0.01, 0.01]))  # no variation
        >>> round(sharpe_ratio(np.array([0.0, 0.02]), 1.0), 6)
        0.707107
    """
    if len(returns) < 2:
        return None
    deviation = float(np.std(returns, ddof=1))
    if not deviation > _rounding_floor(returns):
        return None
    return float(np.mean(returns)) / deviation * math.sqrt(periods)


def sortino_ratio(returns: NDArray[np.float64], periods: float = PERIODS_ALWAYS_OPEN) -> float | None:
    """Return mean over downside deviation, sqrt(mean(min(r, 0)²)) over every day, times the root of the periods a year.

    Example:
        >>> round(sortino_ratio(np.array([0.03, -0.01]), 1.0), 6)
        1.414214
    """
    if len(returns) < 2:
        return None
    downside = math.sqrt(float(np.mean(np.square(np.minimum(returns, 0.0)))))
    return float(np.mean(returns)) / downside * math.sqrt(periods) if downside > 0.0 else None


def tail_losses(returns: NDArray[np.float64], level: float = 0.95) -> tuple[float | None, float | None]:
    """Return value at risk and expected shortfall of one period by historical simulation, as positive losses."""
    if len(returns) < TAIL_DAYS_MIN:
        return None, None
    threshold = float(np.quantile(returns, 1.0 - level))
    return -threshold, -float(np.mean(returns[returns <= threshold]))


def _rounding_floor(returns: NDArray[np.float64]) -> float:
    """Return the deviation that equal returns can show through rounding alone."""
    return 1e-14 * float(np.max(np.abs(returns)))


def _volatility(returns: NDArray[np.float64], periods: float) -> float | None:
    return float(np.std(returns, ddof=1)) * math.sqrt(periods) if len(returns) >= 2 else None


def _annual_return(total: float, days: int, periods: float) -> float | None:
    if days < 2:
        return None
    if total <= -1.0:
        return -1.0
    exponent = math.log1p(total) * periods / days
    return math.expm1(exponent) if exponent < 700.0 else None


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _turnover(trades: NDArray[np.void], levels: NDArray[np.float64]) -> float | None:
    mean = _mean(levels)
    if mean is None or mean <= 0.0:
        return None
    notional = np.abs(trades["qty"]) * (trades["entry_price"] + trades["exit_price"])
    return float(np.sum(notional)) / mean
