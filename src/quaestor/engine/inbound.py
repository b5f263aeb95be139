"""What comes in besides bars and commands: what the venue says about our orders, funding, weights of instruments."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, EventKind, OrderAction, OrderStatus, Refusal
from quaestor.ledger.fills import apply_fill
from quaestor.ledger.ledger import charge_funding, post_fill, post_liquidation
from quaestor.ledger.order_table import end, find, move, write_account_row, write_row
from quaestor.numeric.arithmetic import RATE_ONE

_UNKNOWN_ORDER = int(Breaker.UNKNOWN_ORDER)  # numba reads plain integers, not flag members


@kernel
def apply_inbound(
    account: Row, books: Table, orders: Table, instruments: Table, event: Row, stream: Table, trades: Table
) -> None:
    """Take one message into the order table, the ledger, or the books."""
    kind = event["kind"]
    index = event["instrument"]
    ledger = account["ledger"]
    order_state = account["order_state"]
    position = books[index]["position"]
    if kind == EventKind.FUNDING:
        charge_funding(ledger, position, instruments[index], event["amount"])
        action = OrderAction.FUNDING
        write_account_row(order_state, stream, index, event["ts"], action, position["lots"], event["amount"])
    elif kind == EventKind.ALLOCATION:
        books[index]["policy"]["tilt"] = event["amount"] * len(books) / RATE_ONE - 1.0
    elif kind == EventKind.LIQUIDATION:
        action = OrderAction.LIQUIDATION
        write_account_row(order_state, stream, index, event["ts"], action, -position["lots"], 0)
        order_state["n_trades"] = post_liquidation(
            ledger,
            position,
            instruments[index],
            index,
            event["ts"],
            order_state["decision"],
            event["code"],
            trades,
            order_state["n_trades"],
        )
    else:
        _about_order(account, books, orders, instruments, event, stream, trades)


@kernel
def _about_order(
    account: Row, books: Table, orders: Table, instruments: Table, event: Row, stream: Table, trades: Table
) -> None:
    kind = event["kind"]
    order_state = account["order_state"]
    k = find(order_state, orders, event["order_id"])
    if kind == EventKind.EXECUTION:
        _execute(account, books, orders, instruments, event, stream, trades, k)
        return
    if k < 0:
        return
    order = orders[k]
    was_unknown = order["status"] == OrderStatus.UNKNOWN
    if kind == EventKind.ACCEPTED:
        move(order_state, order, OrderStatus.ACCEPTED)
    elif kind == EventKind.REJECTED:
        end(order_state, stream, order, event["ts"], OrderStatus.REJECTED, event["code"])
    elif kind == EventKind.CANCELLED:
        status = OrderStatus.EXPIRED if event["code"] == Refusal.IMMEDIATE else OrderStatus.CANCELLED
        end(order_state, stream, order, event["ts"], status, event["code"])
    elif kind == EventKind.UNKNOWN and not was_unknown:
        if move(order_state, order, OrderStatus.UNKNOWN):
            account["risk"]["unknown_orders"] += 1
            write_row(order_state, stream, order, event["ts"], OrderAction.UNKNOWN, Refusal.NONE, 0, 0, 0, 0)
    _settle_unknown(account["risk"], was_unknown and order["status"] != OrderStatus.UNKNOWN)


@kernel
def _settle_unknown(risk: Row, settled: bool) -> None:
    """Entries stay frozen while any order's outcome is unknown."""
    if settled:
        risk["unknown_orders"] -= 1
    if risk["unknown_orders"] > 0:
        risk["breakers"] |= _UNKNOWN_ORDER
    else:
        risk["breakers"] &= ~_UNKNOWN_ORDER


@kernel
def _execute(
    account: Row,
    books: Table,
    orders: Table,
    instruments: Table,
    event: Row,
    stream: Table,
    trades: Table,
    k: int,
) -> None:
    index = event["instrument"]
    ledger = account["ledger"]
    order_state = account["order_state"]
    position = books[index]["position"]
    if k < 0:
        order_state["n_trades"] = post_fill(
            ledger,
            position,
            instruments[index],
            index,
            event["lots"],
            event["price"],
            event["amount"],
            event["ts"],
            order_state["decision"],
            0,
            trades,
            order_state["n_trades"],
        )
        return
    was_unknown = orders[k]["status"] == OrderStatus.UNKNOWN
    apply_fill(
        ledger,
        position,
        instruments[index],
        order_state,
        orders,
        k,
        stream,
        trades,
        event["lots"],
        event["price"],
        event["amount"],
        event["ts"],
        event["code"],
        False,
    )
    _settle_unknown(account["risk"], was_unknown)
