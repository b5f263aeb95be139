"""Order table: bounded table of live orders in time order, whose status changes only by legal transitions.

The engine has one table, the simulated venue another; both use these functions. Orders that have ended are dropped
from the table at the end of the event and remain in the order stream.
"""

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Field, Row, Table, table
from quaestor.ledger.codes import OrderAction, OrderStatus, OrderType, Refusal

ORDER_STATE_TABLE = table(
    "order state",
    "Counters of an order table and of the streams that its owner writes.",
    Field("n_orders", "i8", "rows", "rows 0 … n_orders-1 of the table are in use"),
    Field("next_id", "i8", "id", "of the next order"),
    Field("n_rows", "i8", "rows", "written to the order stream since it was last drained"),
    Field("n_trades", "i8", "rows", "written to the trades since they were last drained"),
    Field("illegal", "i8", "count", "illegal transitions refused so far"),
    Field("decision", "i8", "number", "of the present decision"),
)
ORDER_STATE = ORDER_STATE_TABLE.dtype

#: Each order takes its id and the two after it, which are those of the legs of its bracket.
IDS_PER_ORDER = 3
#: Id of each leg less that of its entry.
STOP_LEG, TARGET_LEG = 1, 2

_N = len(OrderStatus)
_LEGAL_MOVES: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.NONE: (OrderStatus.PENDING,),
    OrderStatus.PENDING: (
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLING,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.UNKNOWN,
    ),
    OrderStatus.ACCEPTED: (
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLING,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.UNKNOWN,
    ),
    OrderStatus.TRIGGERED: (
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLING,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.UNKNOWN,
    ),
    OrderStatus.PARTIAL: (
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLING,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.UNKNOWN,
    ),
    OrderStatus.CANCELLING: (
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.UNKNOWN,
    ),
    OrderStatus.UNKNOWN: (
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIAL,
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
    ),
}

#: Whether each transition is legal: LEGAL[from, to].
LEGAL = np.zeros((_N, _N), dtype=np.bool_)
for _source, _targets in _LEGAL_MOVES.items():
    for _target in _targets:
        LEGAL[_source, _target] = True


@inlined
def is_live(order: Row) -> bool:
    """Return whether the order can still trade."""
    return OrderStatus.PENDING <= order["status"] <= OrderStatus.UNKNOWN


@kernel
def move(order_state: Row, order: Row, status: int) -> bool:
    """Change an order's status and return whether that is legal; an illegal change is counted and not made."""
    if not LEGAL[order["status"], status]:
        order_state["illegal"] += 1
        return False
    order["status"] = status
    return True


@kernel
def find(order_state: Row, orders: Table, order_id: int) -> int:
    """Return the row of an order, or -1."""
    for k in range(order_state["n_orders"]):
        if orders[k]["id"] == order_id:
            return k
    return -1


@kernel
def clear(order: Row) -> None:
    """Reset a row before a new order is written into it."""
    order["id"] = 0
    order["sibling"] = 0
    order["instrument"] = 0
    order["side"] = 0
    order["type"] = 0
    order["tif"] = 0
    order["status"] = 0
    order["purpose"] = 0
    order["reduce_only"] = 0
    order["resting"] = 0
    order["lots"] = 0
    order["filled"] = 0
    order["limit"] = 0
    order["trigger"] = 0
    order["created_ts"] = 0
    order["active_ts"] = 0
    order["bracket_stop"] = 0
    order["bracket_target"] = 0


@kernel
def add(order_state: Row, orders: Table) -> int:
    """Add a cleared row with the next id for a new order and return its index; -1 when the table is full."""
    k = order_state["n_orders"]
    if k >= len(orders):
        return -1
    clear(orders[k])
    orders[k]["id"] = order_state["next_id"]
    order_state["next_id"] += IDS_PER_ORDER
    order_state["n_orders"] = k + 1
    return k


@kernel
def free_rows(order_state: Row, orders: Table) -> int:
    """Return the number of free rows, less those reserved for the legs of live orders that have not filled yet."""
    taken = order_state["n_orders"]
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["filled"] == 0 and is_live(order):
            if order["bracket_stop"] > 0:
                taken += 1
            if order["bracket_target"] > 0:
                taken += 1
    free: int = len(orders) - taken
    return free


@kernel
def is_sensible(order: Row) -> bool:
    """Return whether an order has the quantities and prices that its type needs."""
    if order["lots"] <= 0 or (order["side"] != 1 and order["side"] != -1):
        return False
    kind = order["type"]
    needs_limit = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    needs_trigger = kind in (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT)
    if needs_limit and order["limit"] <= 0:
        return False
    return not (needs_trigger and order["trigger"] <= 0)


@kernel
def write_row(
    order_state: Row,
    stream: Table,
    order: Row,
    ts: int,
    action: int,
    reason: int,
) -> Row:
    """Append a row about an order to the order stream and return it, with the fields of a fill at 0."""
    row = _next_row(order_state, stream, ts, action, reason)
    _copy(order, row["order"])
    return row


@kernel
def write_fill(
    order_state: Row, stream: Table, order: Row, ts: int, lots: int, price: int, fee: int, maker: int
) -> None:
    """Append a row about a fill of signed `lots` to the order stream."""
    row = write_row(order_state, stream, order, ts, OrderAction.FILL, Refusal.NONE)
    row["lots"] = lots
    row["price"] = price
    row["fee"] = fee
    row["maker"] = maker


@kernel
def write_account_row(
    order_state: Row, stream: Table, index: int, ts: int, action: int, lots: int, amount: int
) -> None:
    """Append a row about a position rather than an order: funding or a liquidation."""
    row = _next_row(order_state, stream, ts, action, Refusal.NONE)
    row["lots"] = lots
    row["fee"] = amount
    clear(row["order"])
    row["order"]["instrument"] = index


@inlined
def _next_row(order_state: Row, stream: Table, ts: int, action: int, reason: int) -> Row:
    """Append a row to the order stream, reset except for its order, and return it."""
    row = stream[order_state["n_rows"]]
    order_state["n_rows"] += 1
    row["ts"] = ts
    row["decision"] = order_state["decision"]
    row["action"] = action
    row["reason"] = reason
    row["maker"] = 0
    row["lots"] = 0
    row["price"] = 0
    row["fee"] = 0
    return row


@kernel
def _copy(source: Row, target: Row) -> None:
    target["id"] = source["id"]
    target["sibling"] = source["sibling"]
    target["instrument"] = source["instrument"]
    target["side"] = source["side"]
    target["type"] = source["type"]
    target["tif"] = source["tif"]
    target["status"] = source["status"]
    target["purpose"] = source["purpose"]
    target["reduce_only"] = source["reduce_only"]
    target["resting"] = source["resting"]
    target["lots"] = source["lots"]
    target["filled"] = source["filled"]
    target["limit"] = source["limit"]
    target["trigger"] = source["trigger"]
    target["created_ts"] = source["created_ts"]
    target["active_ts"] = source["active_ts"]
    target["bracket_stop"] = source["bracket_stop"]
    target["bracket_target"] = source["bracket_target"]


@kernel
def end(order_state: Row, stream: Table, order: Row, ts: int, status: int, reason: int) -> None:
    """End an order without a fill (cancelled, rejected or expired) and write its row of the order stream."""
    if move(order_state, order, status):
        action = OrderAction.EXPIRED
        if status == OrderStatus.CANCELLED:
            action = OrderAction.CANCELLED
        elif status == OrderStatus.REJECTED:
            action = OrderAction.REJECTED
        write_row(order_state, stream, order, ts, action, reason)


@kernel
def end_parent(order_state: Row, orders: Table, stream: Table, leg: Row, ts: int) -> None:
    """Cancel the unfilled rest of the entry of a bracket whose leg has triggered: it would be unprotected."""
    offset = leg["id"] % IDS_PER_ORDER
    if offset == 0:
        return
    parent = find(order_state, orders, leg["id"] - offset)
    if parent >= 0 and is_live(orders[parent]):
        end(order_state, stream, orders[parent], ts, OrderStatus.CANCELLED, Refusal.SIBLING_FILLED)


@kernel
def end_reduce_only(order_state: Row, orders: Table, stream: Table, instrument: int, ts: int) -> None:
    """Cancel the reduce-only orders of an instrument whose position has been closed."""
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] == instrument and order["reduce_only"] != 0 and is_live(order):
            end(order_state, stream, order, ts, OrderStatus.CANCELLED, Refusal.POSITION_CLOSED)


@kernel
def end_arrived(order_state: Row, orders: Table, stream: Table, instrument: int, ts: int) -> None:
    """Cancel the orders of a liquidated position's instrument: those that have reached the venue or only reduce."""
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] == instrument and is_live(order) and order["active_ts"] <= ts:
            end(order_state, stream, order, ts, OrderStatus.CANCELLED, Refusal.POSITION_CLOSED)
    end_reduce_only(order_state, orders, stream, instrument, ts)


@inlined
def sweep(order_state: Row, orders: Table) -> None:
    """Drop ended orders, keeping the rest in time order."""
    kept = 0
    for k in range(order_state["n_orders"]):
        if is_live(orders[k]):
            if kept != k:
                _copy(orders[k], orders[kept])
            kept += 1
    order_state["n_orders"] = kept
