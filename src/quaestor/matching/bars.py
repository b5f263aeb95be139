"""Matching on bars: pessimistic fill rules, since the order of the prices inside a bar is unknown.

The sequence inside one bar:

1. funding that settles at the open, on the position held before it;
2. liquidation, if the open is already beyond it;
3. fills at the open: market orders, stops gapped through (at the open, not at the stop), limits;
4. funding that settles inside the bar;
5. protective stops, then liquidation (whichever is nearer to the open comes first);
6. entry stops, entry limits, then the protective stops of a position just opened;
7. targets, last: a bar that spans stop and target takes the stop, and no target fills in the bar of an entry that
   filled inside it.

A resting limit needs the price to trade *through* it; it fills at its own price, never better.
"""

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderStatus, OrderType, Purpose, Refusal, TimeInForce
from quaestor.ledger.fills import FillTables, apply_funding, apply_liquidation
from quaestor.ledger.ledger import cost_ceil, is_liquidated, value_floor
from quaestor.ledger.order_table import end, end_arrived, is_live, move, sweep
from quaestor.matching.costs import adverse_price, volume_budget
from quaestor.matching.fill import fill_order
from quaestor.numeric.arithmetic import RATE_ONE, muldiv_ceil

_PROTECTIVE_STOP = 0
_ENTRY_STOP = 1
_ENTRY_LIMIT = 2
_TARGET = 3


@inlined
def match_bar(tables: FillTables, matching: Row, costs: Row, event: Row) -> None:
    """Match one bar against the live orders and the position of its instrument."""
    position, order_state = tables.position, tables.order_state
    if position["lots"] == 0 and order_state["n_orders"] == 0:
        return
    matching["budget"] = volume_budget(costs, event["volume"])
    matching["entered_intrabar"] = 0
    _settle_funding(tables, event, event["funding_rate"])
    _liquidate_if_due(tables, event, event["open"])
    _fill_at_open(tables, matching, costs, event)
    _settle_funding(tables, event, event["funding_rate_inside"])
    _fill_inside(tables, matching, costs, event, _PROTECTIVE_STOP)
    _liquidate_at_worst(tables, event)
    before = position["lots"]
    _fill_inside(tables, matching, costs, event, _ENTRY_STOP)
    _fill_inside(tables, matching, costs, event, _ENTRY_LIMIT)
    if position["lots"] != before:
        matching["entered_intrabar"] = 1
        _fill_inside(tables, matching, costs, event, _PROTECTIVE_STOP)
        _liquidate_at_worst(tables, event)
    if matching["entered_intrabar"] == 0:
        _fill_inside(tables, matching, costs, event, _TARGET)
    _settle_in(order_state, tables.orders, event)
    sweep(order_state, tables.orders)


@inlined
def _settle_funding(tables: FillTables, event: Row, rate: int) -> None:
    """Post funding: longs pay a positive rate on the position's value at the mark price, shorts receive it."""
    lots = tables.position["lots"]
    if rate != 0 and lots != 0:
        amount = funding_due(tables.instrument, lots, event["funding_mark"], rate)
        apply_funding(tables, event["instrument"], amount, event["open_ts"])


@inlined
def funding_due(instrument: Row, lots: int, ticks: int, rate: int) -> int:
    """Return the funding that `lots` pay (negative: receive) at a mark price, rounded against the account."""
    worth = value_floor(instrument, lots, ticks)
    if instrument["inverse_numerator"] > 0:
        worth = -worth if rate > 0 else -cost_ceil(instrument, lots, ticks)
    return muldiv_ceil(worth, rate, RATE_ONE)


@inlined
def _liquidate_if_due(tables: FillTables, event: Row, ticks: int) -> None:
    """Liquidate the position when its isolated margin no longer covers maintenance at `ticks`."""
    if not is_liquidated(tables.position, tables.instrument, ticks):
        return
    index, ts = event["instrument"], event["open_ts"]
    apply_liquidation(tables, index, ts, Purpose.LIQUIDATION)
    end_arrived(tables.order_state, tables.orders, tables.stream, index, ts)


@inlined
def _liquidate_at_worst(tables: FillTables, event: Row) -> None:
    worst = event["low"] if tables.position["lots"] > 0 else event["high"]
    _liquidate_if_due(tables, event, worst)


@inlined
def _reaches(order: Row, event: Row) -> bool:
    """Return whether the order is a live one of the bar's instrument that reached the venue by the bar's open."""
    return order["instrument"] == event["instrument"] and is_live(order) and order["active_ts"] <= event["open_ts"]


@inlined
def _fill_at_open(tables: FillTables, matching: Row, costs: Row, event: Row) -> None:
    order_state, stream = tables.order_state, tables.stream
    ts = event["open_ts"]
    for k in range(order_state["n_orders"]):
        order = tables.orders[k]
        if not _reaches(order, event):
            continue
        price, maker = _price_at_open(order_state, stream, order, costs, event)
        if price > 0 and is_live(order):
            fill_order(tables, matching, k, price, ts, maker)
        at_once = order["tif"] == TimeInForce.IOC or order["tif"] == TimeInForce.FOK
        if at_once and is_live(order):
            end(order_state, stream, order, ts, OrderStatus.EXPIRED, Refusal.IMMEDIATE)


@inlined
def _price_at_open(order_state: Row, stream: Table, order: Row, costs: Row, event: Row) -> tuple[int, int]:
    """Return the fill price at the bar's open and 1 for a maker; price 0 when the order does not fill there."""
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
    """Return whether a stop or target was triggered earlier but not filled whole: the rest is a market order."""
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
def _fill_inside(tables: FillTables, matching: Row, costs: Row, event: Row, which: int) -> None:
    order_state = tables.order_state
    ts = event["open_ts"]
    for k in range(order_state["n_orders"]):
        order = tables.orders[k]
        if order["type"] == OrderType.MARKET or not _reaches(order, event) or _class_of(order) != which:
            continue
        if which == _PROTECTIVE_STOP and is_liquidated(tables.position, tables.instrument, order["trigger"]):
            continue
        was_there = matching["entered_intrabar"] == 0
        price, maker = _price_inside(order_state, order, costs, event, was_there)
        if price > 0:
            fill_order(tables, matching, k, price, ts, maker)


@inlined
def _price_inside(order_state: Row, order: Row, costs: Row, event: Row, was_there: bool) -> tuple[int, int]:
    """Return the fill price after the open and 1 for a maker; price 0 when the bar does not reach the order.

    `was_there` is false when a position was opened inside this bar: a gap at the open cannot have hit its stop.
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
            order["active_ts"] = event["ts"]  # it rests from the next bar on: this bar's prices may precede the trigger
            order["resting"] = 1
            return 0, 0
        price = adverse_price(costs, side, order["trigger"], bar_range)
        return (min(price, order["limit"]) if side > 0 else max(price, order["limit"])), 0
    return (order["limit"] if side * (order["limit"] - with_us) > 0 else 0), 1


@inlined
def _settle_in(order_state: Row, orders: Table, event: Row) -> None:
    """Mark the instrument's live orders that have reached the venue as resting and accepted."""
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if _reaches(order, event):
            order["resting"] = 1
            if order["status"] == OrderStatus.PENDING:
                move(order_state, order, OrderStatus.ACCEPTED)
