"""Target policy: holds the direction of the signal, set anew when that changes, or its strength by a step.

It gives direction and strength; `risk.sizing` turns them into lots.
"""

import numpy as np

from quaestor.jit.compile import inlined
from quaestor.jit.tables import Field, Row, table
from quaestor.ledger.codes import Purpose

POLICY_PARAMS_TABLE = table(
    "policy parameters",
    "How the policy follows the signal.",
    Field("confidence_min", "f8", "[0, 1]", "below it, no entry"),
    Field(
        "hold_ns_min", "i8", "ns", "how long a position is held whatever the signal says; exits close it all the same"
    ),
    Field("resize_step", "f8", "strength", "change from which a position is sized anew, infinite: never"),
    Field("reenter", "i1", "0 or 1", "whether a direction may be entered again, on the same signal, after an exit"),
)
POLICY_PARAMS = POLICY_PARAMS_TABLE.dtype

POLICY_STATE_TABLE = table(
    "policy state",
    "What the policy remembers of one instrument.",
    Field("blocked", "i8", "`Side`", "direction not to be entered until the signal has left it, 0: none"),
    Field("sized", "f8", "strength", "without sign, for which the position was last sized"),
    Field("tilt", "f8", "fraction", "weight of the instrument in the account over an equal one, less 1"),
)
POLICY_STATE = POLICY_STATE_TABLE.dtype


@inlined
def target_strength(state: Row, params: Row, event: Row, position: Row, held: int) -> float:
    """Return the signed strength of the position to take from the next event on; 0: none; NaN: keep what is held.

    It is the signal, in [-1, 1], times the instrument's weight over an equal one. `held` is what will be held, in
    signed lots, once every order in flight has filled. No opinion (NaN) or an unchanged direction keeps that: positions
    are sized when they are opened, and again when the strength has changed by a step, but not for noise in equity.
    """
    signal: float = event["signal"]
    if not abs(signal) <= 1.0:
        return np.nan
    direction = 1 if signal > 0.0 else (-1 if signal < 0.0 else 0)
    _note_exit(state, params, position)
    if direction != state["blocked"]:
        state["blocked"] = 0
    strength = signal * (1.0 + state["tilt"])
    stays = held * direction > 0
    if stays and not abs(abs(strength) - state["sized"]) >= params["resize_step"]:
        return np.nan
    if _is_too_young(params, event, position, held):
        return np.nan
    if direction == 0 or state["blocked"] != 0 or not event["confidence"] >= params["confidence_min"]:
        return np.nan if stays else 0.0
    state["sized"] = abs(strength)
    return strength


@inlined
def _is_too_young(params: Row, event: Row, position: Row, held: int) -> bool:
    """Return whether a position that nothing is closing has not been held for its shortest time."""
    return position["lots"] * held > 0 and event["ts"] - position["entry_ts"] < params["hold_ns_min"]


@inlined
def _note_exit(state: Row, params: Row, position: Row) -> None:
    reason = position["exit_reason"]
    protective = (
        reason == Purpose.STOP_LOSS
        or reason == Purpose.TAKE_PROFIT
        or reason == Purpose.TRAILING_STOP
        or reason == Purpose.LIQUIDATION
        or reason == Purpose.TIME_STOP
    )
    if protective and params["reenter"] == 0:
        state["blocked"] = position["exit_side"]
    position["exit_reason"] = 0
    position["exit_side"] = 0
