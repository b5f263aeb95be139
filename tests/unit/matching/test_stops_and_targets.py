"""Stops, targets, brackets and entries inside a bar, by hand."""

from tests.desk import cancelled, fill

from quaestor.ledger.codes import Refusal

from .desks import BUY, CAPITAL, LIMIT, MARKET, SELL, STOP, TAKE_PROFIT, capped, desk, long_desk, slipping


def test_a_stop_inside_the_bar_fills_at_its_trigger() -> None:
    venue = long_desk()
    order = venue.order(SELL, STOP, 10, trigger=95, reduce_only=1)
    assert venue.bar(99, 101, 96, 100) == []
    assert venue.bar(99, 101, 95, 100) == [fill(order, -10, 95)]


def test_a_stop_gapped_through_fills_at_the_open() -> None:
    venue = long_desk()
    order = venue.order(SELL, STOP, 10, trigger=95, reduce_only=1)
    assert venue.bar(80, 99, 79, 98) == [fill(order, -10, 80)]
    assert venue.ledger["cash"] == CAPITAL - 10 * 20 * 100


def test_a_buy_stop_gapped_through_fills_at_the_open() -> None:
    venue = desk()
    order = venue.order(BUY, STOP, 1, trigger=105)
    assert venue.bar(112, 113, 101, 104) == [fill(order, 1, 112)]


def test_a_bar_that_spans_stop_and_target_takes_the_stop() -> None:
    venue = desk()
    order = venue.order(BUY, MARKET, 10, stop=5, target=5)
    assert venue.bar(100, 104, 96, 100) == [fill(order, 10, 100)]
    assert venue.live_orders == [order + 1, order + 2]
    assert venue.bar(100, 106, 94, 105) == [
        fill(order + 1, -10, 95),
        cancelled(order + 2, Refusal.SIBLING_FILLED),
    ]
    assert venue.ledger["cash"] == CAPITAL - 10 * 5 * 100


def test_an_entry_at_the_open_may_exit_in_its_bar_at_the_stop_or_else_the_target() -> None:
    stopped, won = desk(), desk()
    for venue in (stopped, won):
        venue.order(BUY, MARKET, 10, stop=5, target=5)
    stopped.bar(100, 106, 94, 100)
    won.bar(100, 106, 96, 100)
    assert (stopped.lots, won.lots) == (0, 0)
    assert stopped.ledger["cash"] == CAPITAL - 5_000
    assert won.ledger["cash"] == CAPITAL + 5_000


def test_a_target_fills_at_its_price_never_better() -> None:
    venue = long_desk()
    order = venue.order(SELL, TAKE_PROFIT, 10, trigger=110, reduce_only=1)
    assert venue.bar(100, 109, 99, 105) == []
    assert venue.bar(120, 125, 118, 120) == [fill(order, -10, 110)]


def test_a_target_pays_slippage() -> None:
    venue = long_desk(costs=slipping(100))
    order = venue.order(SELL, TAKE_PROFIT, 10, trigger=110, reduce_only=1)
    assert venue.bar(100, 112, 99, 105) == [fill(order, -10, 108)]  # 1.1 ticks → 2


def test_a_filled_target_cancels_the_stop() -> None:
    venue = desk()
    order = venue.order(BUY, MARKET, 10, stop=5, target=5)
    venue.bar(100, 101, 99, 100)
    assert venue.bar(100, 106, 99, 105) == [
        fill(order + 2, -10, 105),
        cancelled(order + 1, Refusal.SIBLING_FILLED),
    ]
    assert venue.live_orders == []


def test_two_orders_of_a_pair_cancel_each_other() -> None:
    venue = long_desk()
    stop = venue.order(SELL, STOP, 10, trigger=90, reduce_only=1, sibling=9)
    target = venue.order(SELL, LIMIT, 10, limit=110, reduce_only=1, sibling=stop)
    venue.bar(100, 105, 95, 100)
    assert venue.bar(100, 111, 99, 105) == [fill(target, -10, 110, maker=1), cancelled(stop, Refusal.SIBLING_FILLED)]


def test_a_triggered_stop_beyond_the_volume_continues_as_a_market_order() -> None:
    venue = long_desk(costs=capped("0.1"))
    order = venue.order(SELL, STOP, 10, trigger=95, reduce_only=1)
    assert venue.bar(99, 99, 94, 98, volume=40) == [fill(order, -4, 95)]
    assert venue.bar(102, 105, 101, 104, volume=20) == [fill(order, -2, 102)]  # far above the trigger again
    assert venue.bar(103, 103, 103, 103, volume=0) == []
    assert venue.bar(99, 99, 99, 99) == [fill(order, -4, 99)]


def test_a_stop_triggered_in_a_bar_without_volume_fills_in_the_next() -> None:
    venue = long_desk(costs=capped("0.1"))
    order = venue.order(SELL, STOP, 10, trigger=95, reduce_only=1)
    assert venue.bar(99, 99, 90, 98, volume=0) == []
    assert venue.bar(105, 105, 105, 105) == [fill(order, -10, 105)]


def test_a_triggered_leg_cancels_the_unfilled_rest_of_its_entry() -> None:
    venue = desk(capped("0.1"))
    order = venue.order(BUY, MARKET, 100, stop=5)
    assert venue.bar(100, 101, 99, 100, volume=100) == [fill(order, 10, 100)]
    assert venue.bar(98, 98, 98, 98, volume=500) == [fill(order, 50, 98)]
    assert venue.bar(94, 96, 93, 94, volume=300) == [fill(order, 30, 94), cancelled(order, Refusal.SIBLING_FILLED)]
    assert venue.bar(97, 97, 97, 97) == [fill(order + 1, -90, 97), cancelled(order + 1, Refusal.POSITION_CLOSED)]
    assert venue.live_orders == []


def test_the_unfilled_rest_of_an_entry_is_cancelled_with_its_stop() -> None:
    venue = desk(capped("0.1"))
    order = venue.order(BUY, MARKET, 100, stop=5)
    venue.bar(100, 101, 99, 100, volume=100)
    venue_events = venue.bar(96, 97, 94, 96, volume=200)  # 20 lots of volume: the entry takes them at the open
    assert venue_events == [fill(order, 20, 96), cancelled(order, Refusal.SIBLING_FILLED)]
    assert venue.bar(97, 98, 96, 97) == [fill(order + 1, -30, 97), cancelled(order + 1, Refusal.POSITION_CLOSED)]
    assert venue.live_orders == []


def test_an_entry_inside_the_bar_takes_its_stop_but_never_its_target() -> None:
    venue = desk()
    order = venue.order(BUY, STOP, 10, trigger=105, stop=3, target=2)
    assert venue.bar(104, 110, 103, 108) == [fill(order, 10, 105)]  # 107 was traded, but perhaps before the entry
    venue = desk()
    order = venue.order(BUY, STOP, 10, trigger=105, stop=3, target=2)
    assert venue.bar(104, 110, 102, 108) == [
        fill(order, 10, 105),
        fill(order + 1, -10, 102),
        cancelled(order + 2, Refusal.SIBLING_FILLED),
    ]


def test_the_stop_of_an_entry_inside_the_bar_fills_at_its_trigger_not_the_open() -> None:
    venue = desk()
    order = venue.order(BUY, STOP, 10, trigger=105, stop=3)
    assert venue.bar(100, 106, 99, 104) == [fill(order, 10, 105), fill(order + 1, -10, 102)]
