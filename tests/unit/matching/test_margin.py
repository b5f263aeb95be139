"""Funding, margin and liquidation, by hand."""

from tests.builders import instrument
from tests.desk import Desk, cancelled, fill

from quaestor.ledger.codes import ContractKind, Refusal

from .desks import BUY, CAPITAL, MARKET, SELL, capped, desk, funding, liquidation, perp


def test_funding_at_the_open_is_charged_on_the_position_held_before() -> None:
    venue = perp()
    order = venue.order(BUY, MARKET, 10)
    assert venue.bar(100, 100, 100, 100, funding=0.001) == [fill(order, 10, 100)]
    order = venue.order(SELL, MARKET, 10, reduce_only=1)
    # 10 lots at the mark of 104: 104,000 × 0.1 % = 104
    assert venue.bar(100, 100, 100, 100, funding=0.001, funding_mark=104) == [funding(104, 10), fill(order, -10, 100)]
    assert venue.ledger["cash"] == CAPITAL - 104


def test_funding_inside_a_bar_is_charged_after_the_fills_at_its_open() -> None:
    venue = perp()
    order = venue.order(BUY, MARKET, 10)
    assert venue.bar(100, 100, 100, 100, funding_inside=0.001) == [fill(order, 10, 100), funding(100, 10)]
    order = venue.order(SELL, MARKET, 10, reduce_only=1)
    assert venue.bar(100, 100, 100, 100, funding_inside=0.001) == [fill(order, -10, 100)]


def test_a_short_receives_positive_funding_rounded_against_it() -> None:
    venue = perp()
    venue.order(SELL, MARKET, 1)
    venue.bar(101, 101, 101, 101)
    assert venue.bar(101, 101, 101, 101, funding=0.001) == [funding(-10, -1)]  # 10,100 × 0.1 % = 10.1


def test_liquidation_at_the_low_loses_the_margin_and_nothing_more() -> None:
    venue = perp()  # 10 ×: margin 10,000 on 100,000; maintenance 0.5 % → due at 90.4 and below
    venue.order(BUY, MARKET, 10)
    venue.bar(100, 100, 100, 100)
    assert venue.bar(100, 101, 91, 99) == []
    assert venue.bar(100, 101, 90, 99) == [liquidation(-10)]
    assert venue.ledger["cash"] == CAPITAL - 10_000
    assert venue.ledger["reserved"] == 0


def test_a_gap_far_beyond_liquidation_loses_the_margin_and_nothing_more() -> None:
    venue = perp()
    venue.order(BUY, MARKET, 10)
    venue.bar(100, 100, 100, 100)
    order = venue.order(SELL, MARKET, 10, reduce_only=1)
    assert venue.bar(50, 51, 49, 50) == [liquidation(-10), cancelled(order, Refusal.POSITION_CLOSED)]
    assert venue.ledger["cash"] == CAPITAL - 10_000


def test_liquidation_cancels_every_order_at_the_venue() -> None:
    venue = perp(costs=capped("0.1"))
    order = venue.order(BUY, MARKET, 100, stop=50)
    venue.bar(100, 100, 100, 100, volume=100)
    venue_events = venue.bar(89, 90, 88, 89, volume=100)
    assert venue_events == [
        liquidation(-10),
        cancelled(order, Refusal.POSITION_CLOSED),
        cancelled(order + 1, Refusal.POSITION_CLOSED),
    ]
    assert venue.bar(89, 90, 88, 89) == []


def test_a_stop_nearer_than_liquidation_fills_first() -> None:
    venue = perp()
    order = venue.order(BUY, MARKET, 10, stop=5)
    venue.bar(100, 100, 100, 100)
    assert venue.bar(100, 101, 80, 85) == [fill(order + 1, -10, 95)]
    assert venue.ledger["cash"] == CAPITAL - 5_000


def test_a_stop_beyond_liquidation_is_cancelled_by_it() -> None:
    venue = perp()
    order = venue.order(BUY, MARKET, 10, stop=15)
    venue.bar(100, 100, 100, 100)
    assert venue.bar(100, 101, 80, 85) == [liquidation(-10), cancelled(order + 1, Refusal.POSITION_CLOSED)]
    assert venue.ledger["cash"] == CAPITAL - 10_000


def test_a_short_is_liquidated_at_the_high() -> None:
    venue = perp()
    venue.order(SELL, MARKET, 10)
    venue.bar(100, 100, 100, 100)
    assert venue.bar(100, 109, 99, 100) == []
    assert venue.bar(100, 110, 99, 100) == [liquidation(10)]
    assert venue.ledger["cash"] == CAPITAL - 10_000


def test_a_short_sale_of_a_borrowed_asset_is_liquidated_when_its_margin_is_gone() -> None:
    venue = desk()  # leverage 1: margin 100 % of the proceeds
    venue.order(SELL, MARKET, 10)
    venue.bar(100, 100, 100, 100)
    assert (venue.ledger["cash"], venue.ledger["reserved"]) == (CAPITAL + 100_000, 200_000)
    assert venue.bar(100, 199, 99, 150) == []  # 200,000 − 199,000 is still more than 0.5 % of 199,000
    assert venue.bar(150, 200, 99, 150) == [liquidation(10)]
    assert venue.ledger["cash"] == CAPITAL - 100_000
    assert venue.ledger["reserved"] == 0


def test_funding_beyond_the_cash_is_taken_from_the_margin_once() -> None:
    venue = perp(capital=10_000)
    venue.order(BUY, MARKET, 10)
    venue.bar(100, 100, 100, 100)
    assert venue.ledger["reserved"] == 10_000
    assert venue.bar(100, 100, 100, 100, funding=0.02) == [funding(2_000, 10)]
    assert venue.bar(100, 100, 92, 100) == [liquidation(-10)]  # 8,000 of margin are left: due at 92.4
    assert venue.ledger["cash"] == 0


def test_an_inverse_contract_is_worth_its_quote_value_divided_by_the_price() -> None:
    venue = Desk(instrument(ContractKind.INVERSE), 10**10, leverage=1)
    venue.order(BUY, MARKET, 3)
    venue.bar(70, 70, 70, 70)  # cost: 3 × 100 / 70 base, in 1e-8: 428,571,428.57…
    order = venue.order(SELL, MARKET, 3, reduce_only=1)
    assert venue.bar(75, 75, 75, 75) == [fill(order, -3, 75)]
    assert venue.ledger["cash"] == 10**10 + 428_571_428 - 400_000_000
