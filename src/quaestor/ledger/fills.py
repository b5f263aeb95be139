"""Fills: post a fill to the ledger, its order, the other leg of its pair and the bracket that it carries.

The simulated venue and the engine call the same functions, so that their books agree. Funding and liquidation, which
come without an order, are posted here too.
"""

from typing import NamedTuple

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderAction, OrderStatus, OrderType, Purpose, Refusal
from quaestor.ledger.ledger import charge_funding, post_fill, post_liquidation
from quaestor.ledger.order_table import (
    STOP_LEG,
    TARGET_LEG,
    clear,
    end,
    end_reduce_only,
    find,
    is_live,
    move,
    write_account_row,
    write_fill,
    write_row,
)


class FillTables(NamedTuple):
    """Tables that a fill in one instrument reads and changes, as one argument; see decision 0018."""

    ledger: Row
    position: Row
    instrument: Row
    order_state: Row
    orders: Table
    stream: Table
    trades: Table


@kernel
def has_bracket(order: Row) -> bool:
    """Return whether a stop or a target is attached when the order fills."""
    return order["bracket_stop"] > 0 or order["bracket_target"] > 0


@kernel
def apply_fill(tables: FillTables, k: int, lots: int, price: int, fee: int, ts: int, maker: int, cascade: bool) -> None:
    """Post a fill of signed `lots` on order row `k`.

    With `cascade`, also cancel the orders that a venue cancels by itself: the sibling and, once the position is closed,
    its reduce-only orders. Without it these cancellations come as messages of the venue.
    """
    order_state, orders, stream = tables.order_state, tables.orders, tables.stream
    order = orders[k]
    first = order["filled"] == 0
    order["filled"] += abs(lots)
    move(order_state, order, OrderStatus.FILLED if order["filled"] >= order["lots"] else OrderStatus.PARTIAL)
    index = order["instrument"]
    post_to_ledger(tables, index, lots, price, fee, ts, order["purpose"])
    write_fill(order_state, stream, order, ts, lots, price, fee, maker)
    if cascade and order["sibling"] != 0:
        other = find(order_state, orders, order["sibling"])
        if other >= 0 and is_live(orders[other]):
            end(order_state, stream, orders[other], ts, OrderStatus.CANCELLED, Refusal.SIBLING_FILLED)
    if first and has_bracket(order):
        attach_bracket(tables, k, price, ts)
    if cascade and tables.position["lots"] == 0:
        end_reduce_only(order_state, orders, stream, index, ts)


@kernel
def post_to_ledger(tables: FillTables, index: int, lots: int, price: int, fee: int, ts: int, purpose: int) -> None:
    """Post a fill of signed `lots` to the ledger and the trades, without an order."""
    order_state = tables.order_state
    order_state["n_trades"] = post_fill(
        tables.ledger,
        tables.position,
        tables.instrument,
        index,
        lots,
        price,
        fee,
        ts,
        order_state["decision"],
        purpose,
        tables.trades,
        order_state["n_trades"],
    )


@kernel
def apply_funding(tables: FillTables, index: int, amount: int, ts: int) -> None:
    """Post a funding payment (received when negative) and its row in the order stream."""
    position = tables.position
    charge_funding(tables.ledger, position, tables.instrument, amount)
    write_account_row(tables.order_state, tables.stream, index, ts, OrderAction.FUNDING, position["lots"], amount)


@kernel
def apply_liquidation(tables: FillTables, index: int, ts: int, purpose: int) -> None:
    """Post a liquidation, in which the venue takes the position over, and its row in the order stream."""
    order_state, position = tables.order_state, tables.position
    write_account_row(order_state, tables.stream, index, ts, OrderAction.LIQUIDATION, -position["lots"], 0)
    order_state["n_trades"] = post_liquidation(
        tables.ledger,
        position,
        tables.instrument,
        index,
        ts,
        order_state["decision"],
        purpose,
        tables.trades,
        order_state["n_trades"],
    )


@kernel
def attach_bracket(tables: FillTables, k: int, price: int, ts: int) -> None:
    """Add the protective legs of entry row `k`, one cancelling the other, at distances from its fill price."""
    entry = tables.orders[k]
    stop = entry["bracket_stop"]
    take_profit = entry["bracket_target"]
    if stop > 0:
        sibling = entry["id"] + TARGET_LEG if take_profit > 0 else 0
        trigger = max(price - entry["side"] * stop, 1)
        _leg(tables, k, STOP_LEG, sibling, OrderType.STOP, Purpose.STOP_LOSS, trigger, ts)
    if take_profit > 0:
        sibling = entry["id"] + STOP_LEG if stop > 0 else 0
        trigger = max(price + entry["side"] * take_profit, 1)
        _leg(tables, k, TARGET_LEG, sibling, OrderType.TAKE_PROFIT, Purpose.TAKE_PROFIT, trigger, ts)


@kernel
def _leg(tables: FillTables, k: int, offset: int, sibling: int, kind: int, purpose: int, trigger: int, ts: int) -> None:
    order_state, orders = tables.order_state, tables.orders
    slot = order_state["n_orders"]
    if slot >= len(orders):
        raise IndexError("no row left for a protective leg: an entry was accepted without reserving it")
    leg = orders[slot]
    clear(leg)
    order_state["n_orders"] = slot + 1
    entry = orders[k]
    leg["id"] = entry["id"] + offset
    leg["sibling"] = sibling
    leg["instrument"] = entry["instrument"]
    leg["side"] = -entry["side"]
    leg["type"] = kind
    leg["status"] = OrderStatus.ACCEPTED
    leg["purpose"] = purpose
    leg["reduce_only"] = 1
    leg["lots"] = entry["lots"]
    leg["trigger"] = trigger
    leg["created_ts"] = ts
    leg["active_ts"] = ts
    write_row(order_state, tables.stream, leg, ts, OrderAction.NEW, Refusal.NONE)
