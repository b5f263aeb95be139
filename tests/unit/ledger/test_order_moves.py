"""Order state machine: the legal moves, and the refusal of every other."""

import numpy as np
import pytest

from quaestor.ledger.codes import OrderStatus, OrderType
from quaestor.ledger.order_table import LEGAL, ORDER_STATE, is_live, is_sensible, move
from quaestor.ledger.rows import ORDER

ENDED = [OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED]


@pytest.mark.parametrize("before", OrderStatus)
@pytest.mark.parametrize("after", OrderStatus)
def test_only_legal_moves_change_an_order(before: OrderStatus, after: OrderStatus) -> None:
    order_state, orders = np.zeros(1, ORDER_STATE), np.zeros(1, ORDER)
    orders[0]["status"] = before
    allowed = bool(LEGAL[before, after])
    assert move(order_state[0], orders[0], after) == allowed
    assert orders[0]["status"] == (after if allowed else before)
    assert order_state[0]["illegal"] == (0 if allowed else 1)


@pytest.mark.parametrize("ended", ENDED)
def test_an_ended_order_never_moves_again(ended: OrderStatus) -> None:
    assert not LEGAL[ended].any()
    orders = np.zeros(1, ORDER)
    orders[0]["status"] = ended
    assert not is_live(orders[0])


def test_every_order_begins_as_pending() -> None:
    assert [OrderStatus(k) for k in np.flatnonzero(LEGAL[OrderStatus.NONE]).tolist()] == [OrderStatus.PENDING]


def test_an_unknown_order_may_move_to_any_later_status() -> None:
    reachable = {OrderStatus(k) for k in np.flatnonzero(LEGAL[OrderStatus.UNKNOWN]).tolist()}
    assert reachable >= {OrderStatus.ACCEPTED, OrderStatus.PARTIAL, *ENDED}
    assert OrderStatus.NONE not in reachable
    assert OrderStatus.PENDING not in reachable


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (OrderType.MARKET, {}, True),
        (OrderType.MARKET, {"lots": 0}, False),
        (OrderType.MARKET, {"lots": -3}, False),
        (OrderType.MARKET, {"side": 0}, False),
        (OrderType.LIMIT, {}, False),
        (OrderType.LIMIT, {"limit": 5}, True),
        (OrderType.STOP, {"limit": 5}, False),
        (OrderType.STOP, {"trigger": 5}, True),
        (OrderType.STOP_LIMIT, {"trigger": 5}, False),
        (OrderType.STOP_LIMIT, {"trigger": 5, "limit": 5}, True),
        (OrderType.TAKE_PROFIT, {"trigger": -1}, False),
    ],
)
def test_an_order_is_sensible_only_with_the_fields_of_its_type(
    kind: OrderType, fields: dict[str, int], expected: bool
) -> None:
    orders = np.zeros(1, ORDER)
    orders[0]["type"], orders[0]["side"], orders[0]["lots"] = kind, 1, 1
    for name, value in fields.items():
        orders[0][name] = value
    assert is_sensible(orders[0]) == expected
