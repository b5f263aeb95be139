"""The difference between what is held, what is being worked and what was approved, as orders."""

from quaestor.execution.catalog import style_entry
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Field, Row, Table, table
from quaestor.ledger.codes import OrderAction, OrderStatus, OrderType, Purpose, Refusal
from quaestor.ledger.order_table import add, end, free_rows, is_live, move, write_row

EXECUTION_PARAMS_TABLE = table(
    "execution parameters",
    "How orders are worked.",
    Field("algorithm", "i8", "index", "in the catalog of execution algorithms"),
    Field("latency_bars", "i8", "bars", "whole ones until the venue sees an order"),
)
EXECUTION_PARAMS = EXECUTION_PARAMS_TABLE.dtype

#: Rows an entry needs: itself and the two legs of its bracket.
ROWS_PER_ENTRY = 3
#: Rows that entries leave free, so that every instrument always finds room for an exit and for a stop.
ROWS_KEPT = 32


@inlined
def working_lots(order_state: Row, orders: Table, index: int) -> int:
    """Signed lots of entry orders that may still fill."""
    total = 0
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] == index and order["reduce_only"] == 0 and is_live(order):
            if order["status"] != OrderStatus.CANCELLING:
                total += order["side"] * (order["lots"] - order["filled"])
    return total


@kernel
def unsettled_lots(order_state: Row, orders: Table, index: int, side: int) -> int:
    """Signed lots that entries on one side may still fill: a cancel that was only asked for may come too late."""
    total = 0
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] == index and order["reduce_only"] == 0 and order["side"] == side and is_live(order):
            total += side * (order["lots"] - order["filled"])
    return total


@kernel
def _working_exit(order_state: Row, orders: Table, index: int) -> int:
    """Lots (positive) that market exits will still take off the position."""
    total = 0
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] == index and order["reduce_only"] != 0 and order["type"] == OrderType.MARKET:
            if is_live(order):
                total += order["lots"] - order["filled"]
    return total


@kernel
def cancel_entries(
    order_state: Row, orders: Table, stream: Table, index: int, ts: int, reason: int, inside: bool
) -> None:
    """Cancel every working entry: at once where the venue is inside, by request otherwise."""
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if order["instrument"] != index or order["reduce_only"] != 0 or not is_live(order):
            continue
        if inside:
            end(order_state, stream, order, ts, OrderStatus.CANCELLED, reason)
        elif order["status"] != OrderStatus.CANCELLING and order["status"] != OrderStatus.UNKNOWN:
            move(order_state, order, OrderStatus.CANCELLING)
            write_row(order_state, stream, order, ts, OrderAction.CANCEL, reason)


@kernel
def plan_exit(
    order_state: Row,
    orders: Table,
    position: Row,
    index: int,
    approved_target: int,
    purpose: int,
    ts: int,
    active_ts: int,
) -> int:
    """A reduce-only market order for what must go, as a row of the table; -1 when nothing must (or nothing fits)."""
    held = position["lots"]
    keep = approved_target if approved_target * held > 0 else 0
    surplus = abs(held) - abs(keep) - _working_exit(order_state, orders, index)
    if held == 0 or surplus <= 0:
        return -1
    k = add(order_state, orders)
    if k < 0:
        return -1
    order = orders[k]
    order["instrument"] = index
    order["side"] = -1 if held > 0 else 1
    order["type"] = OrderType.MARKET
    order["purpose"] = purpose
    order["reduce_only"] = 1
    order["lots"] = surplus
    order["created_ts"] = ts
    order["active_ts"] = active_ts
    return k


@kernel
def plan_stop(order_state: Row, orders: Table, position: Row, index: int, level: int, ts: int, active_ts: int) -> int:
    """A protective stop for a position that has none, and for what entries may still add to it, as a row of the table;
    -1 when nothing fits."""
    k = add(order_state, orders)
    if k < 0:
        return -1
    held = position["lots"]
    order = orders[k]
    order["instrument"] = index
    order["side"] = -1 if held > 0 else 1
    order["type"] = OrderType.STOP
    order["purpose"] = Purpose.TRAILING_STOP
    order["reduce_only"] = 1
    order["lots"] = abs(held + unsettled_lots(order_state, orders, index, -order["side"]))
    order["trigger"] = level
    order["created_ts"] = ts
    order["active_ts"] = active_ts
    return k


@kernel
def plan_entry(
    order_state: Row,
    orders: Table,
    position: Row,
    index: int,
    approved_target: int,
    algorithm: int,
    event: Row,
    active_ts: int,
    bracket_stop: int,
    bracket_target: int,
) -> int:
    """An entry order for what is missing, as a row of the table; -1 when nothing is (or the table lacks room)."""
    held = position["lots"] if position["lots"] * approved_target > 0 else 0
    missing = approved_target - held - working_lots(order_state, orders, index)
    if missing * approved_target <= 0 or free_rows(order_state, orders) < ROWS_PER_ENTRY + ROWS_KEPT:
        return -1
    k = add(order_state, orders)
    order = orders[k]
    order["instrument"] = index
    order["side"] = 1 if missing > 0 else -1
    order["purpose"] = Purpose.ENTRY
    order["lots"] = abs(missing)
    order["created_ts"] = event["ts"]
    order["active_ts"] = active_ts
    order["bracket_stop"] = bracket_stop
    order["bracket_target"] = bracket_target
    style_entry(algorithm, order, event)
    return k


@kernel
def send(order_state: Row, stream: Table, order: Row, ts: int, refusal: int) -> bool:
    """Put a planned order on its way, or end it with the officer's refusal; says which."""
    move(order_state, order, OrderStatus.PENDING)
    if refusal != Refusal.NONE:
        end(order_state, stream, order, ts, OrderStatus.REJECTED, refusal)
        return False
    write_row(order_state, stream, order, ts, OrderAction.NEW, Refusal.NONE)
    return True
