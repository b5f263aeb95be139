"""Operator commands: their effect on breakers, orders and positions."""

from quaestor.engine.state import EventContext
from quaestor.execution.planner import cancel_entries, plan_exit, send
from quaestor.jit.compile import kernel
from quaestor.ledger.codes import Breaker, Command, Purpose, Refusal
from quaestor.ledger.ledger import equity
from quaestor.risk.observe import reset_loss_baselines

# Numba reads plain integers, not flag members.
_KILLED = int(Breaker.KILLED)
_PAUSED = int(Breaker.PAUSED)
_OUTLIVES_RESET = int(Breaker.PAUSED | Breaker.UNKNOWN_ORDER)


@kernel
def apply_command(context: EventContext) -> None:
    """Carry out the command of the event. A kill cancels and flattens at once, and at every later bar until RESET."""
    account, ts = context.account, context.event["ts"]
    risk = account["risk"]
    code = context.event["code"]
    if code == Command.PAUSE:
        risk["breakers"] |= _PAUSED
        for index in range(len(context.books)):
            _cancel(context, index, ts, Refusal.OFFICER)
    elif code == Command.RESUME:
        risk["breakers"] &= ~_PAUSED
    elif code == Command.RESET:
        risk["breakers"] &= _OUTLIVES_RESET
        reset_loss_baselines(risk, equity(account["ledger"]))
        risk["streak_base"] = account["ledger"]["losing_streak"]
    elif code == Command.KILL:
        risk["breakers"] |= _KILLED
        for index in range(len(context.books)):
            _cancel(context, index, ts, Refusal.KILLED)
            _close(context, index, ts)


@kernel
def _cancel(context: EventContext, index: int, ts: int, reason: int) -> None:
    order_state, inside = context.account["order_state"], context.params["venue_inside"] != 0
    cancel_entries(order_state, context.orders, context.stream, index, ts, reason, inside)


@kernel
def _close(context: EventContext, index: int, ts: int) -> None:
    order_state, orders, position = context.account["order_state"], context.orders, context.books[index]["position"]
    k = plan_exit(order_state, orders, position, index, 0, Purpose.KILL, ts, ts)
    if k >= 0:
        send(order_state, context.stream, orders[k], ts, Refusal.NONE)
