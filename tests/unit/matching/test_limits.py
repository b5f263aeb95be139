"""Limit, immediate and stop-limit orders, by hand."""

from decimal import Decimal

import pytest
from tests.desk import cancelled, fill, rejected

from quaestor.ledger.codes import Refusal, TimeInForce

from .desks import BUY, LIMIT, MARKET, SELL, STOP_LIMIT, capped, desk, long_desk, slipping


def test_a_limit_touched_stays_open_and_traded_through_fills_at_the_limit() -> None:
    venue = desk(maker_fee=Decimal("0.001"))
    order = venue.order(BUY, LIMIT, 10, limit=95)
    assert venue.bar(100, 101, 95, 99) == []
    assert venue.bar(100, 101, 94, 99) == [fill(order, 10, 95, 95, maker=1)]  # 0.1 % of 95,000


def test_a_sell_limit_touched_stays_open_and_traded_through_fills_at_the_limit() -> None:
    venue = long_desk()
    order = venue.order(SELL, LIMIT, 10, limit=105, reduce_only=1)
    assert venue.bar(100, 105, 99, 100) == []
    assert venue.bar(100, 106, 99, 100) == [fill(order, -10, 105, maker=1)]


def test_a_resting_limit_gapped_through_fills_at_its_price_not_better() -> None:
    venue = desk()
    order = venue.order(BUY, LIMIT, 10, limit=95)
    assert venue.bar(100, 101, 99, 100) == []
    assert venue.bar(90, 92, 89, 91) == [fill(order, 10, 95, maker=1)]


def test_a_limit_at_the_open_is_only_touched() -> None:
    venue = desk()
    venue.order(BUY, LIMIT, 10, limit=95)
    assert venue.bar(100, 101, 99, 100) == []
    assert venue.bar(95, 97, 95, 96) == []


def test_a_limit_marketable_on_arrival_fills_at_the_open() -> None:
    venue = desk(slipping(100), taker_fee=Decimal("0.001"))
    order = venue.order(BUY, LIMIT, 10, limit=105)
    assert venue.bar(100, 106, 99, 100) == [fill(order, 10, 101, 101)]


def test_slippage_never_carries_a_limit_beyond_its_price() -> None:
    venue = desk(slipping(1_000))
    order = venue.order(BUY, LIMIT, 10, limit=105)
    assert venue.bar(100, 106, 99, 100) == [fill(order, 10, 105)]


def test_a_post_only_order_that_would_trade_on_arrival_is_rejected() -> None:
    venue = desk()
    order = venue.order(BUY, LIMIT, 10, limit=105, tif=TimeInForce.POST_ONLY)
    assert venue.bar(105, 106, 99, 100) == [rejected(order, Refusal.WOULD_TAKE)]
    order = venue.order(BUY, LIMIT, 10, limit=99, tif=TimeInForce.POST_ONLY)
    assert venue.bar(100, 101, 98, 100) == [fill(order, 10, 99, maker=1)]


def test_an_ioc_limit_that_is_not_marketable_expires() -> None:
    venue = desk()
    order = venue.order(BUY, LIMIT, 10, limit=95, tif=TimeInForce.IOC)
    assert venue.bar(100, 101, 90, 99) == [cancelled(order, Refusal.IMMEDIATE)]


def test_an_ioc_order_fills_what_the_volume_allows_and_expires() -> None:
    venue = desk(capped("0.1"))
    order = venue.order(BUY, MARKET, 10, tif=TimeInForce.IOC)
    assert venue.bar(100, 100, 100, 100, volume=60) == [fill(order, 6, 100), cancelled(order, Refusal.IMMEDIATE)]


@pytest.mark.parametrize(("volume", "lots"), [(99, 0), (100, 10)])
def test_a_fill_or_kill_order_fills_whole_or_is_cancelled(volume: int, lots: int) -> None:
    venue = desk(capped("0.1"))
    order = venue.order(BUY, MARKET, 10, tif=TimeInForce.FOK)
    expected = [fill(order, 10, 100)] if lots else [cancelled(order, Refusal.IMMEDIATE)]
    assert venue.bar(100, 100, 100, 100, volume=volume) == expected
    assert venue.lots == lots


def test_a_stop_limit_triggers_and_fills_at_the_trigger() -> None:
    venue = desk()
    order = venue.order(BUY, STOP_LIMIT, 10, trigger=105, limit=107)
    assert venue.bar(100, 104, 99, 100) == []
    assert venue.bar(100, 106, 99, 106) == [fill(order, 10, 105)]


def test_a_stop_limit_gapped_beyond_its_limit_triggers_and_waits() -> None:
    venue = desk()
    order = venue.order(BUY, STOP_LIMIT, 10, trigger=105, limit=107)
    assert venue.bar(110, 112, 108, 111) == []
    assert venue.bar(110, 112, 107, 111) == []  # touched
    assert venue.bar(110, 112, 106, 111) == [fill(order, 10, 107, maker=1)]


def test_a_stop_limit_whose_limit_lies_before_its_trigger_waits_for_the_price_to_come_back() -> None:
    venue = long_desk()
    order = venue.order(SELL, STOP_LIMIT, 10, trigger=95, limit=97, reduce_only=1)
    assert venue.bar(99, 99, 94, 95) == []
    assert venue.bar(95, 97, 94, 95) == []
    assert venue.bar(99, 99, 94, 95) == [fill(order, -10, 97, maker=1)]
