"""Child orders: the officer's check of every order before it leaves."""

import numpy as np
import pytest

from quaestor.ledger.codes import Breaker, OrderType, Refusal
from quaestor.ledger.rows import ORDER
from quaestor.risk.child import check_child

from .officer import PRICE, Officer

BUY, SELL = 1, -1


def refusal_of(
    officer: Officer, side: int, lots: int, approved_target: int, working: int = 0, fields: dict[str, int] | None = None
) -> Refusal:
    order = np.zeros(1, ORDER)
    for name, value in ({"side": side, "lots": lots} | (fields or {})).items():
        order[name] = value
    account, position = officer.account, officer.books[0]["position"]
    rules = officer.engine.instruments[0]
    return Refusal(int(check_child(account, position, rules, order[0], working, approved_target, PRICE)))


@pytest.mark.parametrize(
    ("held", "side", "lots", "approved_target", "working", "expected"),
    [
        (0, BUY, 10, 10, 0, Refusal.NONE),
        (0, BUY, 11, 10, 0, Refusal.OFFICER),
        (0, BUY, 6, 10, 5, Refusal.OFFICER),
        (0, BUY, 5, 10, 5, Refusal.NONE),
        (4, BUY, 6, 10, 0, Refusal.NONE),
        (4, BUY, 7, 10, 0, Refusal.OFFICER),
        (-4, BUY, 10, 10, 0, Refusal.NONE),  # the short is closed by its own exit
        (0, SELL, 5, 10, 0, Refusal.OFFICER),  # against the approved side
        (0, BUY, 5, 0, 0, Refusal.OFFICER),
        (0, BUY, 0, 10, 0, Refusal.ILLEGAL),
    ],
)
def test_an_entry_stays_within_the_approved_target(
    held: int, side: int, lots: int, approved_target: int, working: int, expected: Refusal
) -> None:
    officer = Officer()
    if held:
        officer.hold(held)
    assert refusal_of(officer, side, lots, approved_target, working) is expected


@pytest.mark.parametrize("bit", [Breaker.KILLED, Breaker.PAUSED, Breaker.CRASH, Breaker.STALE, Breaker.UNKNOWN_ORDER])
def test_a_breaker_stops_entries_and_never_a_reduction(bit: Breaker) -> None:
    officer = Officer()
    officer.hold(10)
    officer.account["risk"]["breakers"] = int(bit)
    assert refusal_of(officer, BUY, 5, 15) is Refusal.OFFICER
    assert refusal_of(officer, SELL, 5, 5, fields={"reduce_only": 1}) is Refusal.NONE


def test_an_entry_below_the_minimum_notional_is_refused() -> None:
    officer = Officer()
    officer.engine.instruments["min_notional"] = 60_000
    assert refusal_of(officer, BUY, 5, 10) is Refusal.MIN_NOTIONAL
    assert refusal_of(officer, BUY, 6, 10) is Refusal.NONE


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(100, Refusal.NONE), (110, Refusal.NONE), (111, Refusal.PRICE_BAND), (90, Refusal.NONE), (1, Refusal.PRICE_BAND)],
)
def test_a_limit_outside_the_price_band_is_refused(limit: int, expected: Refusal) -> None:
    assert refusal_of(Officer(), BUY, 5, 10, fields={"type": OrderType.LIMIT, "limit": limit}) is expected


@pytest.mark.parametrize("fields", [{"type": OrderType.LIMIT}, {"type": OrderType.STOP}, {"side": 0}, {"lots": -1}])
def test_an_illegal_order_is_refused(fields: dict[str, int]) -> None:
    assert refusal_of(Officer(), BUY, 5, 10, fields=fields) is Refusal.ILLEGAL
    assert refusal_of(Officer(), BUY, 5, 10, fields={"reduce_only": 1} | fields) is Refusal.ILLEGAL
