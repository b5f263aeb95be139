"""Market orders and the clipping of quantities, by hand."""

from decimal import Decimal

import pytest
from tests.desk import cancelled, fill

from quaestor.engine.settings import CostSettings
from quaestor.ledger.codes import Refusal

from .desks import BUY, CAPITAL, MARKET, SELL, capped, desk, long_desk, slipping


def test_a_market_order_fills_at_the_next_open_and_pays_its_fee() -> None:
    venue = desk(taker_fee=Decimal("0.001"))
    order = venue.order(BUY, MARKET, 7)
    assert venue.bar(103, 110, 90, 105) == [fill(order, 7, 103, 73)]  # 7 × 103 × 100 = 72,100; 0.1 % = 72.1 → 73
    assert venue.ledger["cash"] == CAPITAL - 72_100 - 73
    assert venue.ledger["position_value"] == 7 * 105 * 100


@pytest.mark.parametrize(
    ("side", "bps", "opened", "expected"),
    [
        (BUY, 10, 1000, 1001),  # 1 tick exactly
        (BUY, 1, 1000, 1001),  # 0.1 tick, rounded up
        (SELL, 1, 1000, 999),
        (SELL, 25, 1000, 997),  # 2.5 ticks → 3
        (BUY, 0, 1000, 1000),
    ],
)
def test_slippage_is_rounded_against_the_trader(side: int, bps: int, opened: int, expected: int) -> None:
    venue = desk(slipping(bps))
    order = venue.order(side, MARKET, 1)
    assert venue.bar(opened, opened, opened, opened) == [fill(order, side, expected)]


def test_a_sale_never_goes_below_one_tick() -> None:
    venue = long_desk(costs=slipping(9_999))
    order = venue.order(SELL, MARKET, 10)
    assert venue.bar(2, 2, 2, 2) == [fill(order, -10, 1)]


def test_latency_of_whole_bars_delays_a_fill_by_so_many_bars() -> None:
    venue = desk()
    order = venue.order(BUY, MARKET, 1, delay=2)
    assert venue.bar(100, 100, 100, 100) == []
    assert venue.bar(101, 101, 101, 101) == []
    assert venue.bar(102, 102, 102, 102) == [fill(order, 1, 102)]


def test_latency_below_a_bar_costs_a_share_of_the_range_of_the_bar() -> None:
    # a quarter of a bar: ½·√¼ = a quarter of the range of 20 ticks, against the trader
    venue = desk(CostSettings(Decimal(0), Decimal(0), 15_000, None))
    order = venue.order(BUY, MARKET, 1)
    assert venue.bar(100, 110, 90, 100) == [fill(order, 1, 105)]


def test_a_reduce_only_order_is_clipped_to_the_position() -> None:
    venue = long_desk(10)
    order = venue.order(SELL, MARKET, 25, reduce_only=1)
    assert venue.bar(100, 100, 100, 100) == [fill(order, -10, 100), cancelled(order, Refusal.POSITION_CLOSED)]
    assert venue.lots == 0


def test_a_reduce_only_order_without_a_position_is_cancelled() -> None:
    venue = desk()
    order = venue.order(SELL, MARKET, 5, reduce_only=1)
    assert venue.bar(100, 100, 100, 100) == [cancelled(order, Refusal.NOT_REDUCING)]


def test_the_volume_cap_spreads_a_fill_over_bars() -> None:
    venue = desk(capped("0.25"))
    order = venue.order(BUY, MARKET, 30)
    assert venue.bar(100, 100, 100, 100, volume=43) == [fill(order, 10, 100)]  # 10.75, rounded down
    assert venue.bar(101, 101, 101, 101, volume=3) == []
    assert venue.bar(102, 102, 102, 102, volume=40) == [fill(order, 10, 102)]
    assert venue.bar(103, 103, 103, 103, volume=400) == [fill(order, 10, 103)]


def test_the_volume_cap_is_shared_by_all_orders_of_a_bar() -> None:
    venue = desk(capped("0.1"))
    first, second = venue.order(BUY, MARKET, 6), venue.order(BUY, MARKET, 6)
    assert venue.bar(100, 100, 100, 100, volume=100) == [fill(first, 6, 100), fill(second, 4, 100)]


def test_an_opening_is_clipped_to_the_cash_with_its_fee() -> None:
    venue = desk(taker_fee=Decimal("0.01"))
    order = venue.order(BUY, MARKET, 100)
    # 99 lots at 101 and 1 % of them: 999,900 + 9,999 is too much; 98 lots: 989,800 + 9,898 = 999,698
    assert venue.bar(101, 101, 101, 101) == [fill(order, 98, 101, 9_898), cancelled(order, Refusal.NO_CASH)]
    assert venue.ledger["cash"] == CAPITAL - 999_698


def test_an_order_clipped_below_the_minimum_notional_is_cancelled() -> None:
    venue = desk(min_notional=Decimal(200))
    venue.order(BUY, MARKET, 99)
    venue.bar(100, 100, 100, 100)
    order = venue.order(BUY, MARKET, 5)
    assert venue.bar(100, 100, 100, 100) == [cancelled(order, Refusal.NO_CASH)]  # one lot is worth 100
