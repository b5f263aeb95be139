"""Track records by hand: holding, comparisons, and figures."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.planted import HOUR, START

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.analysis.sharpe import deflated_sharpe, measure_sharpe
from quaestor.analysis.statistics import sharpe_ratio
from quaestor.domain.bars import Bars
from quaestor.engine.feed import TradedInstrument
from quaestor.research.experiment.holding import both_holdings, hold
from quaestor.research.experiment.money import Scale, TrackRecord, compare, figures_of
from quaestor.runtime.config import RunConfig

CONFIG = RunConfig.model_validate({"costs": {"slippage_bps": 30, "spread_bps": 10}, "account": {"capital": 1000}})


def traded(closes: list[float], *, symbol: str = "AUSDT", first: int = 0, fee: str = "0.006") -> TradedInstrument:
    """Return bars that open at the close before; the first at 100."""
    close = np.array(closes)
    opened = np.concatenate(([100.0], close[:-1]))
    columns = np.stack((opened, np.maximum(opened, close), np.minimum(opened, close), close, np.ones(len(close))))
    bars = Bars(
        symbol, HOUR, START + HOUR * np.arange(first, first + len(close)), columns, np.zeros(len(close), np.uint32)
    )
    return TradedInstrument(bars, None, load_instruments().find(symbol, "spot").with_fees(Decimal(fee), Decimal(fee)))


def test_holding_pays_at_both_ends_and_nothing_between() -> None:
    own = traded([100.0, 110.0, 120.0])
    record = hold("holding", [own], CONFIG, START, START + 3 * HOUR, 1.0)
    # 1000 in: 10 of costs; worth 1000, 1100, 1200; 12 to get out
    np.testing.assert_allclose(record.equity, [990.0, 1090.0, 1178.0])
    assert (record.fees, record.frictions, record.traded) == pytest.approx((6.0 + 7.2, 4.0 + 4.8, 2_200.0))
    np.testing.assert_allclose(record.returns, [0.178])
    assert record.max_drawdown == pytest.approx(0.01)


def test_an_instrument_that_begins_later_is_cash_until_then() -> None:
    early, late = traded([100.0, 200.0, 200.0], fee="0"), traded([150.0], symbol="BUSDT", first=2, fee="0")
    free = CONFIG.model_copy(update={"costs": RunConfig.model_validate({"costs": {"slippage_bps": 0}}).costs})
    record = hold("holding", [early, late], free, START, START + 3 * HOUR, 0.5)
    np.testing.assert_allclose(record.equity, [1000.0, 1500.0, 1750.0])


def test_only_bars_of_the_period_are_held() -> None:
    own = traded([100.0, 110.0, 121.0, 50.0], fee="0")
    free = CONFIG.model_copy(update={"costs": RunConfig.model_validate({"costs": {"slippage_bps": 0}}).costs})
    whole, small = both_holdings([own], free, START + HOUR, START + 3 * HOUR)
    np.testing.assert_allclose(whole.equity, [1100.0, 1210.0])
    np.testing.assert_allclose(small.equity, [1010.0, 1021.0])  # a tenth of the account
    assert list(whole.ts) == [START + 2 * HOUR, START + 3 * HOUR]


def record(returns: NDArray[np.float64], pnl: tuple[float, ...] = ()) -> TrackRecord:
    n = len(returns)
    days = START + 24 * HOUR * np.arange(n)
    trades = pl.DataFrame({"pnl": pl.Series(pnl, dtype=pl.Float64)})
    return TrackRecord("x", days, returns, days, np.full(n, 2_000.0), 0.5, 0.1, trades, 8_000.0, 5.0, 2.0, 0.0)


def test_figures_of_a_track_record_by_hand() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.01, 200)
    money = figures_of(record(returns, (30.0, -10.0, 10.0)), Scale(trials=7, draws=100))
    assert money.total_return == pytest.approx(np.prod(1.0 + returns) - 1.0)
    assert money.sharpe == sharpe_ratio(returns)
    assert money.deflated == deflated_sharpe(measure_sharpe(returns), 7)
    assert money.probability is not None
    assert money.deflated < money.probability
    assert (money.trades, money.win_rate, money.profit_factor, money.turnover) == (3, 2 / 3, 4.0, 4.0)


def test_a_track_record_without_variation_has_no_ratio() -> None:
    money = figures_of(record(np.zeros(100)), Scale())
    figures = (money.sharpe, money.sharpe_band, money.probability, money.deflated, money.win_rate, money.profit_factor)
    assert figures == (None,) * 6
    assert (money.total_return, money.trades) == (0.0, 0)


def test_a_comparison_by_hand() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.01, 200)
    mine, other = record(returns + 0.0005), replace(record(returns), name="other")
    versus = compare(mine, other, Scale(draws=200))
    assert versus.name == "other"
    assert versus.excess_return == pytest.approx(np.prod(1.0005 + returns) - np.prod(1.0 + returns))
    a, b = sharpe_ratio(mine.returns), sharpe_ratio(returns)
    assert a is not None
    assert b is not None
    assert versus.sharpe_difference == a - b
    assert versus.band is not None
    assert versus.band.low > 0.0
    still = compare(record(np.zeros(200)), record(np.zeros(200)), Scale())
    assert (still.sharpe_difference, still.band) == (None, None)
