"""Protective stop of a position: its distance at entry, and its trigger after every bar.

Distances are scaled by the regime at entry (spec R3); a stop never loosens afterwards.
"""

import math

import numpy as np

from quaestor.jit.compile import inlined
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Field, Row, table
from quaestor.risk.exits.catalog import ALL_EXITS, EXITS, TARGET
from quaestor.risk.exits.contract import Anchor, Exit
from quaestor.risk.profiles import STOP_MULTIPLIER

#: Ticks beyond which a stop of a short, or a target, counts as none.
_FURTHEST = 10**15

#: Parameters of every exit, one nested record each, and the target's.
EXIT_PARAMS = np.dtype([(item.name, item.dtype) for item in ALL_EXITS] + [(TARGET.name, "f8")], align=True)

EXIT_STATE_TABLE = table(
    "exit state",
    "What the exits remember of a position's way so far.",
    Field("extreme", "i8", "ticks", "most favourable price since the entry"),
    Field("bars_held", "i8", "bars"),
    Field("side", "i8", "`Side`", "of the position that this is about, 0: none"),
    Field("multiplier", "f8", "×", "of stop distances, by the regime at the entry"),
)
EXIT_STATE = EXIT_STATE_TABLE.dtype


def _tightest(exits: list[Exit], bars_held: str) -> str:
    """Return the source lines that reduce `best` to the smallest distance of some stops."""
    arguments = f"ticks, atr, level, {bars_held}"
    return "\n".join(
        f'    best = min(best, distance_{item.name}(params["{item.name}"], {arguments})'
        + (")" if item.anchor is Anchor.LEVEL else " * multiplier)")
        for item in exits
    )


def _source() -> str:
    """Return the source of the kernels that combine the stops: at entry, and while a position is held."""
    imports = "\n".join(f"from {item.distance.__module__} import distance as distance_{item.name}" for item in EXITS)
    moving = [item for item in EXITS if item.anchor is not Anchor.ENTRY]
    return f'''"""Generated from the catalog of exits."""

from quaestor.jit.compile import inlined
{imports}


@inlined
def entry_distance(params, ticks, atr, level, multiplier):
    best = float("inf")
{_tightest(list(EXITS), "0")}
    return best


@inlined
def trailing_distance(params, ticks, atr, level, bars_held, multiplier):
    best = float("inf")
{_tightest(moving, "bars_held")}
    return best
'''


_fused = fuse("exits", _source())
entry_distance = _fused.entry_distance
trailing_distance = _fused.trailing_distance


@inlined
def _whole_ticks(distance: float, limit: int) -> int:
    """Return a distance as whole ticks, rounded up; 0 (no stop) when infinite or not below `limit`."""
    if not distance < float(limit):
        return 0
    return max(math.ceil(distance), 1)


@inlined
def _level(event: Row, side: int) -> float:
    """Return the nearest support under a long, or resistance over a short; NaN without one on the right side."""
    level: float = event["support"] if side > 0 else event["resistance"]
    return level if level > 0.0 and side * (event["close"] - level) >= 0.0 else np.nan


@inlined
def stop_distance(params: Row, event: Row, side: int) -> int:
    """Return the ticks between the entry price, taken as the close, and the stop of an entry on `side`; 0: no stop."""
    ticks = event["close"]
    multiplier = STOP_MULTIPLIER[event["regime"]]
    return _whole_ticks(entry_distance(params, ticks, event["atr"], _level(event, side), multiplier), ticks)


@inlined
def target_distance(params: Row, ticks: int) -> int:
    """Return the ticks between the entry price and its target; 0: no target."""
    share: float = params["take_profit_pct"]
    return _whole_ticks(ticks * share / 100.0, _FURTHEST)


@inlined
def trailed_stop(state: Row, params: Row, event: Row, position: Row, present: int) -> int:
    """Return the trigger of the stop after a bar: the present one, or a tighter one; 0 while flat or without a stop.

    Updates the best price since entry and the bars held; call it once a bar.
    """
    lots = position["lots"]
    if lots == 0:
        state["side"] = 0
        return 0
    side = 1 if lots > 0 else -1
    best = event["high"] if side > 0 else event["low"]
    if state["side"] != side:
        state["side"] = side
        state["extreme"] = event["close"]
        state["bars_held"] = 0
        state["multiplier"] = STOP_MULTIPLIER[event["regime"]]
    else:
        state["bars_held"] += 1
        state["extreme"] = max(state["extreme"], best) if side > 0 else min(state["extreme"], best)
    level, extreme = _level(event, side), state["extreme"]
    distance = trailing_distance(params, extreme, event["atr"], level, state["bars_held"], state["multiplier"])
    ticks = _whole_ticks(distance, extreme if side > 0 else _FURTHEST)
    if ticks == 0:
        return present
    trigger = max(extreme - side * ticks, 1)
    if present == 0:
        return trigger
    return max(present, trigger) if side > 0 else min(present, trigger)
