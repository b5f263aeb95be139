"""The target policy: hold what the signal says, sized once when its direction changes."""

import numpy as np

from quaestor.kernels.arithmetic import RATE_ONE, muldiv_floor
from quaestor.kernels.codes import Purpose
from quaestor.kernels.compile import inlined
from quaestor.kernels.layout import Row
from quaestor.kernels.ledger import lots_for_value

#: `size_rate`: notional of a full-strength position as a share of equity; `confidence_min`: below it, no entry;
#: `reenter`: whether a direction may be entered again, on the same signal, after a protective exit from it.
POLICY_PARAMS = np.dtype([("size_rate", "i8"), ("confidence_min", "f8"), ("reenter", "i1")], align=True)

#: `blocked`: direction not to be entered until the signal has left it.
POLICY_STATE = np.dtype([("blocked", "i8")], align=True)


@inlined
def wanted_lots(state: Row, params: Row, event: Row, instrument: Row, position: Row, held: int, equity: int) -> int:
    """Signed lots to hold from the next event on.

    `held` is what will be held once every order in flight has filled. No opinion (NaN) or an unchanged direction keeps
    it: positions are sized when they are opened and then left alone, so that noise in equity does not churn.
    """
    signal = event["signal"]
    if not abs(signal) <= 1.0:
        return held
    direction = 1 if signal > 0.0 else (-1 if signal < 0.0 else 0)
    _note_protective_exit(state, params, position)
    if direction != state["blocked"]:
        state["blocked"] = 0
    if direction == 0:
        return 0
    if held * direction > 0:
        return held
    if state["blocked"] != 0 or not event["confidence"] >= params["confidence_min"]:
        return 0
    budget = muldiv_floor(max(equity, 0), params["size_rate"], RATE_ONE)
    strength = round(abs(signal) * RATE_ONE)
    budget = muldiv_floor(budget, int(strength), RATE_ONE)
    budget = muldiv_floor(budget, RATE_ONE, RATE_ONE + instrument["taker_rate"])
    return direction * min(lots_for_value(instrument, budget, event["close"]), instrument["max_lots"])


@inlined
def _note_protective_exit(state: Row, params: Row, position: Row) -> None:
    reason = position["exit_reason"]
    protective = (
        reason == Purpose.STOP_LOSS
        or reason == Purpose.TAKE_PROFIT
        or reason == Purpose.TRAILING_STOP
        or reason == Purpose.LIQUIDATION
    )
    if protective and params["reenter"] == 0:
        state["blocked"] = position["exit_side"]
    position["exit_reason"] = 0
    position["exit_side"] = 0
