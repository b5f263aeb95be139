"""Run statistics against hand-worked runs and independent formulas."""

import math
import statistics as stdlib
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.analysis.daily_equity import DailyEquity
from quaestor.analysis.statistics import (
    PERIODS_SESSIONS,
    TRADE,
    measure,
    sharpe_ratio,
    sortino_ratio,
    summarise,
    tail_losses,
)

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
NO_TRADES = np.zeros(0, dtype=TRADE)
MIDNIGHT = 1_700_006_400_000_000_000  # 2023-11-15


def trades(*pnl: float) -> NDArray[np.void]:
    table = np.zeros(len(pnl), dtype=TRADE)
    table["pnl"] = pnl
    table["qty"] = 2.0
    table["entry_price"] = 100.0
    table["exit_price"] = 110.0
    return table


def walk(n: int, seed: int) -> NDArray[np.float64]:
    steps = np.random.default_rng(seed).normal(0.0005, 0.02, n)
    return np.asarray(10_000.0 * np.cumprod(1.0 + steps))


def test_figures_equal_a_hand_worked_run() -> None:
    assert MIDNIGHT % DAY == 0
    ts = MIDNIGHT + np.array([0, 23, 24, 47, 48, 72]) * HOUR
    equity = np.array([105.0, 110.0, 120.0, 99.0, 102.0, 108.9])
    found = measure(ts, equity, 100.0, trades(10.0, -4.0, 0.0, 6.0), position=np.array([0, 1, 1, -2, 0, 0]))
    daily = [110 / 100 - 1, 99 / 110 - 1, 102 / 99 - 1, 108.9 / 102 - 1]
    mean, deviation = stdlib.mean(daily), stdlib.stdev(daily)
    assert found.total_return == pytest.approx(0.089)
    assert found.annual_return == pytest.approx(1.089 ** (365 / 4) - 1)
    assert found.sharpe == pytest.approx(mean / deviation * math.sqrt(365))
    assert found.sortino == pytest.approx(mean / math.sqrt(0.1**2 / 4) * math.sqrt(365))
    assert found.volatility == pytest.approx(deviation * math.sqrt(365))
    assert found.max_drawdown == pytest.approx(21 / 120)
    assert found.max_drawdown_days == pytest.approx(2.0)  # peak at hour 24, still below at hour 72
    assert found.annual_return is not None
    assert found.calmar == pytest.approx(found.annual_return / (21 / 120))
    assert (found.trades, found.win_rate) == (4, 0.5)
    assert found.profit_factor == pytest.approx(4.0)
    assert (found.expectancy, found.average_win, found.average_loss) == (3.0, 8.0, -4.0)
    assert found.exposure == pytest.approx(0.5)
    assert found.turnover == pytest.approx(4 * 2 * 210 / np.mean([110, 99, 102, 108.9]))
    assert (found.var_95, found.es_95) == (None, None)


@pytest.mark.parametrize("periods", [365.0, PERIODS_SESSIONS])
def test_ratios_equal_independent_formulas(periods: float) -> None:
    equity = walk(400, seed=1)
    found = measure(MIDNIGHT + np.arange(400) * DAY, equity, 10_000.0, NO_TRADES, periods=periods)
    levels = [10_000.0, *equity.tolist()]
    returns = [after / before - 1.0 for before, after in pairwise(levels)]
    mean = math.fsum(returns) / 400
    assert found.sharpe == pytest.approx(mean / stdlib.stdev(returns) * math.sqrt(periods), rel=1e-12)
    downside = math.sqrt(math.fsum(min(r, 0.0) ** 2 for r in returns) / 400)
    assert found.sortino == pytest.approx(mean / downside * math.sqrt(periods), rel=1e-12)
    worst, peak = 0.0, levels[0]
    for level in levels:
        peak = max(peak, level)
        worst = max(worst, 1.0 - level / peak)
    assert found.max_drawdown == pytest.approx(worst, rel=1e-12)
    ordered = sorted(returns)
    rank = 0.05 * 399
    cut = ordered[int(rank)] + (rank - int(rank)) * (ordered[int(rank) + 1] - ordered[int(rank)])
    assert found.var_95 == pytest.approx(-cut, rel=1e-12)
    beyond = [r for r in returns if r <= cut]
    assert found.es_95 == pytest.approx(-math.fsum(beyond) / len(beyond), rel=1e-12)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 300), seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_chunks_give_the_same_figures_to_the_last_bit(n: int, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    ts = MIDNIGHT + np.cumsum(rng.integers(1, 40, n)) * HOUR
    equity = walk(n, seed)
    position = rng.integers(-1, 2, n)
    whole, parts = DailyEquity(9_000.0), DailyEquity(9_000.0)
    whole.feed(ts, equity, position)
    for some in np.split(np.arange(n), sorted(min(cut, n) for cut in cuts)):
        parts.feed(ts[some], equity[some], position[some])
    table = trades(1.0, -2.0)
    assert asdict(summarise(whole, table)) == asdict(summarise(parts, table))
    assert np.array_equal(whole.days(), parts.days())
    assert np.array_equal(whole.levels(), parts.levels())


def test_without_bars_and_trades_figures_are_none() -> None:
    found = measure(np.zeros(0, dtype=np.int64), np.zeros(0), 100.0, NO_TRADES)
    assert (found.total_return, found.max_drawdown, found.trades) == (0.0, 0.0, 0)
    for name, value in asdict(found).items():
        if name not in ("total_return", "max_drawdown", "max_drawdown_days", "trades"):
            assert value is None, name


def test_one_day_has_no_daily_statistics() -> None:
    found = measure(MIDNIGHT + np.arange(5) * HOUR, np.linspace(100, 90, 5), 100.0, NO_TRADES)
    assert found.total_return == pytest.approx(-0.1)
    assert found.max_drawdown == pytest.approx(0.1)
    assert (found.sharpe, found.sortino, found.volatility, found.annual_return, found.calmar) == (None,) * 5


@pytest.mark.parametrize("growth", [1.0, 1.01])
def test_equity_without_variation_has_no_ratios(growth: float) -> None:
    equity = np.asarray(100.0 * growth ** np.arange(1, 31), dtype=np.float64)
    found = measure(MIDNIGHT + np.arange(30) * DAY, equity, 100.0, NO_TRADES)
    assert (found.sharpe, found.sortino, found.calmar) == (None, None, None)
    assert (found.max_drawdown, found.max_drawdown_days) == (0.0, 0.0)


def test_ruin_is_finite() -> None:
    found = measure(MIDNIGHT + np.arange(4) * DAY, np.array([50.0, -10.0, -10.0, 0.0]), 100.0, trades(-110.0))
    assert (found.total_return, found.annual_return) == (-1.0, -1.0)
    assert found.max_drawdown == pytest.approx(1.1)
    assert found.sharpe is not None
    assert math.isfinite(found.sharpe)
    assert found.profit_factor == 0.0


def test_a_gain_too_large_for_a_year_has_no_annual_return() -> None:
    found = measure(MIDNIGHT + np.arange(2) * DAY, np.array([1e3, 1e9]), 1.0, NO_TRADES)
    assert found.annual_return is None


def test_only_winners_have_no_profit_factor() -> None:
    found = measure(np.array([MIDNIGHT]), np.array([101.0]), 100.0, trades(1.0, 2.0))
    assert (found.win_rate, found.profit_factor, found.average_loss) == (1.0, None, None)


def test_a_day_is_that_of_the_open_stamp() -> None:
    daily = DailyEquity(100.0)
    daily.feed(MIDNIGHT + np.array([23 * HOUR, DAY - 1, DAY]), np.array([1.0, 2.0, 3.0]))
    assert daily.levels().tolist() == [2.0, 3.0]
    assert daily.days().tolist() == [MIDNIGHT, MIDNIGHT + DAY]


def test_short_series_have_no_ratio() -> None:
    assert sharpe_ratio(np.array([0.01])) is None
    assert sortino_ratio(np.array([-0.01])) is None
    assert tail_losses(np.zeros(19)) == (None, None)
    assert tail_losses(np.full(20, -0.01)) == pytest.approx((0.01, 0.01))


@pytest.mark.parametrize("initial", [0.0, -1.0, float("nan")])
def test_a_run_without_capital_is_refused(initial: float) -> None:
    with pytest.raises(ValueError, match="not above 0"):
        DailyEquity(initial)


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 stamps and 1 levels"):
        DailyEquity(1.0).feed(np.array([1, 2]), np.array([1.0]))
