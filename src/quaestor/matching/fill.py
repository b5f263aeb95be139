"""Fill attempt: clips an order to position, cash and volume as a venue does, then fills it at a price."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Field, Row, table
from quaestor.ledger.codes import OrderStatus, Refusal, TimeInForce
from quaestor.ledger.fills import FillTables, apply_fill
from quaestor.ledger.ledger import affordable_lots, available, fee_on, notional
from quaestor.ledger.order_table import end, end_parent

MATCHING_STATE_TABLE = table(
    "matching state",
    "Matching state of one instrument, reset every bar.",
    Field("budget", "i8", "lots", "left under the volume cap in this bar"),
    Field("entered_intrabar", "i8", "0 or 1", "1: a position was opened inside this bar, so no target may fill in it"),
)
MATCHING_STATE = MATCHING_STATE_TABLE.dtype


@kernel
def fill_order(tables: FillTables, matching: Row, k: int, price: int, ts: int, maker: int) -> None:
    """Fill order row `k` at `price` as far as possible.

    A reduce-only order is clipped to the position, an opening one to the free cash (the rest is cancelled), each to the
    bar's remaining volume (the rest stays).
    """
    order_state, orders, stream = tables.order_state, tables.orders, tables.stream
    instrument, position = tables.instrument, tables.position
    order = orders[k]
    side = order["side"]
    remaining = order["lots"] - order["filled"]
    reducing = position["lots"] * side < 0
    if order["reduce_only"] != 0:
        if not reducing:
            end(order_state, stream, order, ts, OrderStatus.CANCELLED, Refusal.NOT_REDUCING)
            return
        remaining = min(remaining, abs(position["lots"]))
        end_parent(order_state, orders, stream, order, ts)
    rate = instrument["maker_rate"] if maker != 0 else instrument["taker_rate"]
    lots, refusal = _clip_to_cash(tables.ledger, position, instrument, order, remaining, price, rate)
    if lots == 0:
        end(order_state, stream, order, ts, OrderStatus.CANCELLED, refusal)
        return
    if order["tif"] == TimeInForce.FOK and (lots < remaining or matching["budget"] < lots):
        end(order_state, stream, order, ts, OrderStatus.EXPIRED, Refusal.IMMEDIATE)
        return
    clipped = lots < remaining
    lots = min(lots, matching["budget"])
    if lots > 0:
        matching["budget"] -= lots
        fee = fee_on(instrument, lots, price, rate)
        apply_fill(tables, k, side * lots, price, fee, ts, maker, True)
    if clipped and order["status"] == OrderStatus.PARTIAL:
        end(order_state, stream, order, ts, OrderStatus.CANCELLED, refusal)


@kernel
def _clip_to_cash(
    ledger: Row, position: Row, instrument: Row, order: Row, remaining: int, price: int, rate: int
) -> tuple[int, int]:
    """Return the lots of `remaining` that the free cash pays for, and a `Refusal`; reducing a position needs none."""
    side = order["side"]
    opening = remaining
    if position["lots"] * side < 0:
        opening = max(remaining - abs(position["lots"]), 0)
    if opening == 0:
        return remaining, Refusal.NONE
    closing = remaining - opening
    payable = min(opening, affordable_lots(instrument, available(ledger), side, price, rate))
    if payable < opening and closing == 0 and notional(instrument, payable, price) < instrument["min_notional"]:
        return 0, Refusal.NO_CASH
    if payable < opening:
        return closing + payable, Refusal.NO_CASH
    return remaining, Refusal.NONE
