"""What one fill does: to the ledger, to its order, to the other leg of a pair, to the bracket it carries.

The simulated venue and the engine call the same function, so their books cannot drift apart.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderAction, OrderStatus, OrderType, Purpose, Refusal
from quaestor.ledger.ledger import post_fill
from quaestor.ledger.order_table import clear, end, end_reduce_only, find, is_live, move, write_row


@kernel
def has_bracket(order: Row) -> bool:
    """Whether a stop or a target is to be attached when the order fills."""
    return order["bracket_stop"] > 0 or order["bracket_target"] > 0


@kernel
def apply_fill(
    ledger: Row,
    position: Row,
    instrument: Row,
    order_state: Row,
    orders: Table,
    k: int,
    stream: Table,
    trades: Table,
    lots: int,
    price: int,
    fee: int,
    ts: int,
    maker: int,
    cascade: bool,
) -> None:
    """Post a fill of signed `lots` on order row `k`.

    With `cascade` the consequences a venue draws by itself follow at once: the sibling is cancelled, and orders that
    could only reduce a position that is gone are cancelled. Without it the venue's own messages bring them.
    """
    order = orders[k]
    first = order["filled"] == 0
    order["filled"] += abs(lots)
    move(order_state, order, OrderStatus.FILLED if order["filled"] >= order["lots"] else OrderStatus.PARTIAL)
    index = order["instrument"]
    order_state["n_trades"] = post_fill(
        ledger,
        position,
        instrument,
        index,
        lots,
        price,
        fee,
        ts,
        order_state["decision"],
        order["purpose"],
        trades,
        order_state["n_trades"],
    )
    write_row(order_state, stream, order, ts, OrderAction.FILL, Refusal.NONE, lots, price, fee, maker)
    if cascade and order["sibling"] != 0:
        other = find(order_state, orders, order["sibling"])
        if other >= 0 and is_live(orders[other]):
            end(order_state, stream, orders[other], ts, OrderStatus.CANCELLED, Refusal.SIBLING_FILLED)
    if first and has_bracket(order):
        attach_bracket(order_state, orders, k, stream, price, ts)
    if cascade and position["lots"] == 0:
        end_reduce_only(order_state, orders, stream, index, ts)


@kernel
def attach_bracket(order_state: Row, orders: Table, k: int, stream: Table, price: int, ts: int) -> None:
    """Add the protective legs of entry row `k`, one cancelling the other, measured from its fill price."""
    entry = orders[k]
    stop = entry["bracket_stop"]
    take_profit = entry["bracket_target"]
    if stop > 0:
        sibling = entry["id"] + 2 if take_profit > 0 else 0
        trigger = max(price - entry["side"] * stop, 1)
        _leg(order_state, orders, k, stream, 1, sibling, OrderType.STOP, Purpose.STOP_LOSS, trigger, ts)
    if take_profit > 0:
        sibling = entry["id"] + 1 if stop > 0 else 0
        trigger = max(price + entry["side"] * take_profit, 1)
        _leg(order_state, orders, k, stream, 2, sibling, OrderType.TAKE_PROFIT, Purpose.TAKE_PROFIT, trigger, ts)


@kernel
def _leg(
    order_state: Row,
    orders: Table,
    k: int,
    stream: Table,
    offset: int,
    sibling: int,
    kind: int,
    purpose: int,
    trigger: int,
    ts: int,
) -> None:
    slot = order_state["n_orders"]
    if slot >= len(orders):
        raise IndexError("no row left for a protective leg: an entry was let in without reserving it")
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
    write_row(order_state, stream, leg, ts, OrderAction.NEW, Refusal.NONE, 0, 0, 0, 0)
