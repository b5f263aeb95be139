"""Matching on bars, pessimistic. A bar says where it opened and how far it went, not in which order.

The sequence inside one bar:

1. funding that settles at the open, on the position held before it;
2. liquidation, if the open is already beyond it;
3. what fills at the open: market orders, stops gapped through (at the open, not at the stop), limits;
4. funding that settles inside the bar;
5. protective stops, then liquidation (whichever is nearer to the open comes first);
6. entry stops, entry limits, and at once the stops of what was just opened;
7. targets, last: a bar that spans stop and target takes the stop, and no target fills in the bar of an entry that
   filled inside it.

A resting limit needs the price to trade *through* it; it fills at its own price, never better.
"""

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderAction, OrderStatus, OrderType, Purpose, Refusal, TimeInForce
from quaestor.ledger.ledger import charge_funding, cost_ceil, is_liquidated, post_liquidation, value_floor
from quaestor.ledger.order_table import end, end_arrived, is_live, move, sweep, write_account_row
from quaestor.matching.costs import adverse_price, volume_budget
from quaestor.matching.fill import fill_order
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_ceil

_PROTECTIVE_STOP = 0
_ENTRY_STOP = 1
_ENTRY_LIMIT = 2
_TARGET = 3


@inlined
def match_bar(
    ledger: Row,
    book: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    costs: Row,
    event: Row,
    stream: Table,
    trades: Table,
) -> None:
    """Let one bar pass over the live orders and the position of its instrument."""
    position = book["position"]
    matching = book["matching"]
    if position["lots"] == 0 and order_state["n_orders"] == 0:
        return
    matching["budget"] = volume_budget(costs, event["volume"])
    matching["entered_intrabar"] = 0
    settle_funding(ledger, position, instrument, order_state, event, event["funding_rate"], stream)
    liquidate_if_due(ledger, book, instrument, order_state, orders, event, event["open"], stream, trades)
    _fill_at_open(ledger, book, instrument, order_state, orders, costs, event, stream, trades)
    settle_funding(ledger, position, instrument, order_state, event, event["funding_rate_inside"], stream)
    _fill_inside(ledger, book, instrument, order_state, orders, costs, event, stream, trades, _PROTECTIVE_STOP)
    _liquidate_at_worst(ledger, book, instrument, order_state, orders, event, stream, trades)
    before = position["lots"]
    _fill_inside(ledger, book, instrument, order_state, orders, costs, event, stream, trades, _ENTRY_STOP)
    _fill_inside(ledger, book, instrument, order_state, orders, costs, event, stream, trades, _ENTRY_LIMIT)
    if position["lots"] != before:
        matching["entered_intrabar"] = 1
        _fill_inside(ledger, book, instrument, order_state, orders, costs, event, stream, trades, _PROTECTIVE_STOP)
        _liquidate_at_worst(ledger, book, instrument, order_state, orders, event, stream, trades)
    if matching["entered_intrabar"] == 0:
        _fill_inside(ledger, book, instrument, order_state, orders, costs, event, stream, trades, _TARGET)
    _settle_in(order_state, orders, event)
    sweep(order_state, orders)


@inlined
def settle_funding(
    ledger: Row, position: Row, instrument: Row, order_state: Row, event: Row, rate: int, stream: Table
) -> None:
    """Longs pay a positive rate on the position's value at the mark, shorts receive it; rounded against us."""
    if rate == 0 or position["lots"] == 0:
        return
    amount = funding_due(instrument, position["lots"], event["funding_mark"], rate)
    charge_funding(ledger, position, instrument, amount)
    action = OrderAction.FUNDING
    write_account_row(order_state, stream, event["instrument"], event["open_ts"], action, position["lots"], amount)


@inlined
def funding_due(instrument: Row, lots: int, ticks: int, rate: int) -> int:
    """What holding `lots` pays (negative: receives) at a settlement whose mark is `ticks`, rounded against us."""
    worth = value_floor(instrument, lots, ticks)
    if instrument["inverse_numerator"] > 0:
        worth = -worth if rate > 0 else -cost_ceil(instrument, lots, ticks)
    return muldiv_ceil(worth, rate, RATE_ONE)


@inlined
def liquidate_if_due(
    ledger: Row,
    book: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    event: Row,
    ticks: int,
    stream: Table,
    trades: Table,
) -> None:
    """Take the position over when its isolated margin no longer covers maintenance at `ticks`."""
    position = book["position"]
    if not is_liquidated(position, instrument, ticks):
        return
    ts = event["open_ts"]
    action = OrderAction.LIQUIDATION
    write_account_row(order_state, stream, event["instrument"], ts, action, -position["lots"], 0)
    order_state["n_trades"] = post_liquidation(
        ledger,
        position,
        instrument,
        event["instrument"],
        ts,
        order_state["decision"],
        Purpose.LIQUIDATION,
        trades,
        order_state["n_trades"],
    )
    end_arrived(order_state, orders, stream, event["instrument"], ts)


@inlined
def _liquidate_at_worst(
    ledger: Row,
    book: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    event: Row,
    stream: Table,
    trades: Table,
) -> None:
    worst = event["low"] if book["position"]["lots"] > 0 else event["high"]
    liquidate_if_due(ledger, book, instrument, order_state, orders, event, worst, stream, trades)


@inlined
def _reaches(order: Row, event: Row) -> bool:
    """Whether the order is live at this instrument and has arrived at the venue by the bar's open."""
    return order["instrument"] == event["instrument"] and is_live(order) and order["active_ts"] <= event["open_ts"]


@inlined
def _fill_at_open(
    ledger: Row,
    book: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    costs: Row,
    event: Row,
    stream: Table,
    trades: Table,
) -> None:
    ts = event["open_ts"]
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if not _reaches(order, event):
            continue
        price, maker = _price_at_open(order_state, stream, order, costs, event)
        if price > 0 and is_live(order):
            fill_order(ledger, book, instrument, order_state, orders, k, stream, trades, price, ts, maker)
        at_once = order["tif"] == TimeInForce.IOC or order["tif"] == TimeInForce.FOK
        if at_once and is_live(order):
            end(order_state, stream, order, ts, OrderStatus.EXPIRED, Refusal.IMMEDIATE)


@inlined
def _price_at_open(order_state: Row, stream: Table, order: Row, costs: Row, event: Row) -> tuple[int, int]:
    """Fill price at the bar's open and whether as a maker; price 0 when the order does not fill there."""
    side = order["side"]
    opened = event["open"]
    taker_price = adverse_price(costs, side, opened, event["high"] - event["low"])
    kind = order["type"]
    if kind == OrderType.MARKET or _is_market_by_now(order):
        return taker_price, 0
    if kind == OrderType.STOP:
        if side * (opened - order["trigger"]) < 0:
            return 0, 0
        move(order_state, order, OrderStatus.TRIGGERED)
        return taker_price, 0
    if kind == OrderType.TAKE_PROFIT:
        if side * (order["trigger"] - opened) < 0:
            return 0, 0
        move(order_state, order, OrderStatus.TRIGGERED)
        return adverse_price(costs, side, order["trigger"], event["high"] - event["low"]), 0
    arriving = order["resting"] == 0
    if kind == OrderType.STOP_LIMIT and order["status"] != OrderStatus.TRIGGERED:
        if order["status"] == OrderStatus.PARTIAL:
            arriving = False
        elif side * (opened - order["trigger"]) >= 0:
            move(order_state, order, OrderStatus.TRIGGERED)
            arriving = True
        else:
            return 0, 0
    through = side * (order["limit"] - opened)
    if arriving and through >= 0:
        if order["tif"] == TimeInForce.POST_ONLY:
            end(order_state, stream, order, event["open_ts"], OrderStatus.REJECTED, Refusal.WOULD_TAKE)
            return 0, 0
        return (min(taker_price, order["limit"]) if side > 0 else max(taker_price, order["limit"])), 0
    return (order["limit"] if through > 0 else 0), 1


@inlined
def _is_market_by_now(order: Row) -> bool:
    """A stop or target that an earlier bar triggered but had no volume for: the rest is a market order."""
    if order["type"] != OrderType.STOP and order["type"] != OrderType.TAKE_PROFIT:
        return False
    triggered: bool = order["status"] == OrderStatus.TRIGGERED or order["status"] == OrderStatus.PARTIAL
    return triggered


@inlined
def _class_of(order: Row) -> int:
    kind = order["type"]
    waiting = order["status"] != OrderStatus.TRIGGERED and order["status"] != OrderStatus.PARTIAL
    is_stop = kind == OrderType.STOP or (kind == OrderType.STOP_LIMIT and waiting)
    if is_stop:
        return _PROTECTIVE_STOP if order["reduce_only"] != 0 else _ENTRY_STOP
    return _TARGET if order["reduce_only"] != 0 else _ENTRY_LIMIT


@kernel
def _fill_inside(
    ledger: Row,
    book: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    costs: Row,
    event: Row,
    stream: Table,
    trades: Table,
    which: int,
) -> None:
    ts = event["open_ts"]
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["type"] == OrderType.MARKET or not _reaches(order, event) or _class_of(order) != which:
            continue
        if which == _PROTECTIVE_STOP and is_liquidated(book["position"], instrument, order["trigger"]):
            continue
        was_there = book["matching"]["entered_intrabar"] == 0
        price, maker = _price_inside(order_state, order, costs, event, was_there)
        if price > 0:
            fill_order(ledger, book, instrument, order_state, orders, k, stream, trades, price, ts, maker)


@inlined
def _price_inside(order_state: Row, order: Row, costs: Row, event: Row, was_there: bool) -> tuple[int, int]:
    """Fill price after the open and whether as a maker; price 0 when the bar does not reach the order.

    `was_there` is false for the stop of a position opened inside this bar: no gap at the open can have hit it.
    """
    side = order["side"]
    kind = order["type"]
    bar_range = event["high"] - event["low"]
    with_us = event["low"] if side > 0 else event["high"]
    against = event["high"] if side > 0 else event["low"]
    if kind == OrderType.STOP:
        if side * (against - order["trigger"]) < 0:
            return 0, 0
        gapped = was_there and side * (event["open"] - order["trigger"]) >= 0
        if not _is_market_by_now(order):
            move(order_state, order, OrderStatus.TRIGGERED)
        return adverse_price(costs, side, event["open"] if gapped else order["trigger"], bar_range), 0
    if kind == OrderType.TAKE_PROFIT:
        if side * (order["trigger"] - with_us) < 0:
            return 0, 0
        if not _is_market_by_now(order):
            move(order_state, order, OrderStatus.TRIGGERED)
        return adverse_price(costs, side, order["trigger"], bar_range), 0
    waiting = order["status"] != OrderStatus.TRIGGERED and order["status"] != OrderStatus.PARTIAL
    if kind == OrderType.STOP_LIMIT and waiting:
        if side * (against - order["trigger"]) < 0:
            return 0, 0
        move(order_state, order, OrderStatus.TRIGGERED)
        if side * (order["limit"] - order["trigger"]) < 0:
            order["active_ts"] = event["ts"]  # it rests from the next bar on: what this one traded came before
            order["resting"] = 1
            return 0, 0
        price = adverse_price(costs, side, order["trigger"], bar_range)
        return (min(price, order["limit"]) if side > 0 else max(price, order["limit"])), 0
    return (order["limit"] if side * (order["limit"] - with_us) > 0 else 0), 1


@inlined
def _settle_in(order_state: Row, orders: Table, event: Row) -> None:
    """Whatever this bar has passed over now rests at the venue."""
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if _reaches(order, event):
            order["resting"] = 1
            if order["status"] == OrderStatus.PENDING:
                move(order_state, order, OrderStatus.ACCEPTED)
