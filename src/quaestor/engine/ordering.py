"""Orders of the trading loop: those that lead to an approved target, and the protective stops of a position."""

from typing import NamedTuple

from quaestor.engine.state import EventContext
from quaestor.execution.planner import (
    cancel_entries,
    plan_entry,
    plan_exit,
    plan_stop,
    send,
    unsettled_lots,
    working_lots,
)
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Breaker, OrderAction, OrderType, Purpose, Refusal
from quaestor.ledger.order_table import is_live, write_row
from quaestor.risk.child import check_child
from quaestor.risk.exits.stops import target_distance, trailed_stop

# Numba reads plain integers, not flag members.
_KILLED = int(Breaker.KILLED)
_FLATTENING = int(Breaker.KILLED | Breaker.DRAWDOWN)


class Proposal(NamedTuple):
    """Target that the policy, the sizers and the exits propose for one instrument.

    Attributes:
        expected: signed lots that will be held once every order in flight has filled.
        target: signed lots to hold.
        stop: ticks from an entry to its protective stop, 0: none.
        exit_purpose: `Purpose` of an order that reduces the position.
        sizer: 1 + index of the sizer whose size was the smallest, 0: nothing was sized.
    """

    expected: int
    target: int
    stop: int
    exit_purpose: int
    sizer: int


@inlined
def expected_lots(context: EventContext) -> int:
    """Return the signed lots held once every order in flight has filled; cancel entries while a breaker is tripped."""
    account, orders, index = context.account, context.orders, context.instrument_index
    order_state = account["order_state"]
    working = working_lots(order_state, orders, index)
    if working != 0 and account["risk"]["breakers"] != 0:
        ts, inside = context.event["ts"], context.params["venue_inside"] != 0
        cancel_entries(order_state, orders, context.stream, index, ts, Refusal.OFFICER, inside)
        working = working_lots(order_state, orders, index)
    held: int = context.book["position"]["lots"]
    # Opposite signs: a reversal is in flight, whose exit closes the present position before the entry.
    return working if held * working < 0 else held + working


@kernel
def make_orders(context: EventContext, proposal: Proposal, approved_target: int) -> None:
    """Send the orders that lead from the position and working orders to the approved target: cancels, exit, entry."""
    account, orders, stream, params = context.account, context.orders, context.stream, context.params
    event, index, instrument = context.event, context.instrument_index, context.instrument
    order_state, position = account["order_state"], context.book["position"]
    ts, active_ts = event["ts"], _active_ts(context)
    working = working_lots(order_state, orders, index)
    if approved_target * working < 0 or (approved_target == 0 and working != 0):
        cancel_entries(order_state, orders, stream, index, ts, Refusal.REPLACED, params["venue_inside"] != 0)
        working = 0
    purpose = _exit_purpose(account["risk"], position, proposal)
    k = plan_exit(order_state, orders, position, index, approved_target, purpose, ts, active_ts)
    if k >= 0:
        refusal = check_child(account, position, instrument, orders[k], working, approved_target, event["close"])
        send(order_state, stream, orders[k], ts, refusal)
    take_profit = target_distance(params["exits"], event["close"])
    algorithm = params["execution"]["algorithm"]
    k = plan_entry(
        order_state, orders, position, index, approved_target, algorithm, event, active_ts, proposal.stop, take_profit
    )
    if k >= 0:
        unsettled = unsettled_lots(order_state, orders, index, orders[k]["side"])
        refusal = check_child(account, position, instrument, orders[k], unsettled, approved_target, event["close"])
        if send(order_state, stream, orders[k], ts, refusal):
            account["risk"]["entries_today"] += 1


@inlined
def _exit_purpose(risk: Row, position: Row, proposal: Proposal) -> int:
    if risk["breakers"] & _FLATTENING:
        return Purpose.KILL if risk["breakers"] & _KILLED else Purpose.RISK_REDUCE
    return Purpose.REVERSAL if proposal.target * position["lots"] < 0 else proposal.exit_purpose


@inlined
def update_trailing_stop(context: EventContext) -> None:
    """Move protective stops to the level of the exits after this bar; place one where there is none.

    A position that was added to has a stop for each part; those further from the price than the level are moved.
    """
    event, index, book = context.event, context.instrument_index, context.book
    order_state, orders, stream = context.account["order_state"], context.orders, context.stream
    side = 1 if book["position"]["lots"] > 0 else -1
    present = 0
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if _is_stop_of(order, index) and (present == 0 or side * (order["trigger"] - present) < 0):
            present = order["trigger"]
    level = trailed_stop(book["exits"], context.params["exits"], event, book["position"], present)
    book["risk"]["stop_level"] = level
    if present != 0 and level != present:
        for k in range(order_state["n_orders"]):
            order = orders[k]
            if _is_stop_of(order, index) and (order["trigger"] == present or side * (level - order["trigger"]) > 0):
                order["trigger"] = level
                order["purpose"] = Purpose.TRAILING_STOP
                row = write_row(order_state, stream, order, event["ts"], OrderAction.AMEND, Refusal.NONE)
                row["price"] = level
    elif present == 0 and level > 0:
        ts = event["ts"]
        k = plan_stop(order_state, orders, book["position"], index, level, ts, _active_ts(context))
        if k >= 0:
            send(order_state, stream, orders[k], ts, Refusal.NONE)


@inlined
def _is_stop_of(order: Row, index: int) -> bool:
    is_stop: bool = order["type"] == OrderType.STOP and order["reduce_only"] != 0
    return is_stop and order["instrument"] == index and is_live(order)


@inlined
def _active_ts(context: EventContext) -> int:
    """Return the time, ns UTC, at which an order made at this event reaches the venue."""
    bars: int = context.params["execution"]["latency_bars"]
    return context.event["ts"] + bars * context.instrument["interval_ns"]
