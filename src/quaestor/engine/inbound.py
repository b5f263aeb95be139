"""Inbound events besides bars and commands: order updates of the venue, funding, liquidation, allocation weights."""

from quaestor.engine.state import EventContext
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Breaker, EventKind, OrderAction, OrderStatus, Purpose, Refusal
from quaestor.ledger.fills import FillTables, apply_fill, apply_funding, apply_liquidation, post_to_ledger
from quaestor.ledger.order_table import end, find, move, write_row
from quaestor.numeric.arithmetic import RATE_ONE

# Numba reads plain integers, not flag members.
_UNKNOWN_ORDER = int(Breaker.UNKNOWN_ORDER)


@kernel
def apply_inbound(context: EventContext) -> None:
    """Apply one inbound event to the order table, the ledger or the book."""
    account, book, event, index = context.account, context.book, context.event, context.instrument_index
    ledger, order_state = account["ledger"], account["order_state"]
    own = FillTables(
        ledger, book["position"], context.instrument, order_state, context.orders, context.stream, context.trades
    )
    kind = event["kind"]
    if kind == EventKind.FUNDING:
        apply_funding(own, index, event["amount"], event["ts"])
    elif kind == EventKind.ALLOCATION:
        book["policy"]["tilt"] = event["amount"] * len(context.books) / RATE_ONE - 1.0
    elif kind == EventKind.LIQUIDATION:
        apply_liquidation(own, index, event["ts"], event["code"])
    else:
        _about_order(own, account["risk"], event)


@kernel
def _about_order(tables: FillTables, risk: Row, event: Row) -> None:
    kind = event["kind"]
    order_state, stream = tables.order_state, tables.stream
    k = find(order_state, tables.orders, event["order_id"])
    if kind == EventKind.EXECUTION:
        _execute(tables, risk, event, k)
        return
    if k < 0:
        return
    order = tables.orders[k]
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
            risk["unknown_orders"] += 1
            write_row(order_state, stream, order, event["ts"], OrderAction.UNKNOWN, Refusal.NONE)
    _settle_unknown(risk, was_unknown and order["status"] != OrderStatus.UNKNOWN)


@kernel
def _settle_unknown(risk: Row, settled: bool) -> None:
    """Trip the breaker while the outcome of any order is unknown; `settled`: that of one has become known."""
    if settled:
        risk["unknown_orders"] -= 1
    if risk["unknown_orders"] > 0:
        risk["breakers"] |= _UNKNOWN_ORDER
    else:
        risk["breakers"] &= ~_UNKNOWN_ORDER


@kernel
def _execute(tables: FillTables, risk: Row, event: Row, k: int) -> None:
    """Post a fill of order row k; that of an order not in the table (k < 0) is posted to the ledger alone."""
    lots, price, fee, ts = event["lots"], event["price"], event["amount"], event["ts"]
    if k < 0:
        post_to_ledger(tables, event["instrument"], lots, price, fee, ts, Purpose.NONE)
        return
    was_unknown = tables.orders[k]["status"] == OrderStatus.UNKNOWN
    apply_fill(tables, k, lots, price, fee, ts, event["code"], False)
    _settle_unknown(risk, was_unknown)
