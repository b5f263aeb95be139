"""Where the protective stop of a position belongs: at entry, and after every bar.

Stops widen or tighten with the regime at entry (spec R3), never loosen afterwards.
"""

import math

import numpy as np

from quaestor.kernels.compile import inlined
from quaestor.kernels.fuse import fuse
from quaestor.kernels.layout import Row
from quaestor.risk.exits.catalog import EXITS, TARGET
from quaestor.risk.exits.contract import Anchor
from quaestor.risk.profiles import STOP_MULTIPLIER

#: Parameters of every exit, one nested record each, and the target's.
EXIT_PARAMS = np.dtype([(item.name, item.dtype) for item in EXITS] + [(TARGET.name, "f8")], align=True)

#: What is remembered of the position's way so far.
EXIT_STATE = np.dtype(
    [("extreme", "i8"), ("bars_held", "i8"), ("side", "i8"), ("multiplier", "f8")],
    align=True,
)


def _source() -> str:
    imports = "\n".join(f"from {item.distance.__module__} import distance as distance_{item.name}" for item in EXITS)
    every = "\n".join(
        f'    best = min(best, distance_{item.name}(params["{item.name}"], ticks, atr, 0))' for item in EXITS
    )
    moving = "\n".join(
        f'    best = min(best, distance_{item.name}(params["{item.name}"], ticks, atr, bars_held))'
        for item in EXITS
        if item.anchor is Anchor.EXTREME
    )
    return f'''"""Generated from the catalog of exits."""

from quaestor.kernels.compile import kernel
{imports}


@kernel
def entry_distance(params, ticks, atr):
    best = float("inf")
{every}
    return best


@kernel
def trailing_distance(params, ticks, atr, bars_held):
    best = float("inf")
{moving}
    return best
'''


_fused = fuse("exits", _source())
entry_distance = _fused.entry_distance
trailing_distance = _fused.trailing_distance


@inlined
def _whole_ticks(distance: float, limit: int) -> int:
    """Distance as whole ticks, rounded up; 0 (none) when infinite or beyond the price."""
    if not distance < float(limit):
        return 0
    return max(math.ceil(distance), 1)


@inlined
def stop_distance(params: Row, ticks: int, atr: float, regime: int) -> int:
    """Ticks between the entry price and its first stop; 0: no stop."""
    return _whole_ticks(entry_distance(params, ticks, atr) * STOP_MULTIPLIER[regime], ticks)


@inlined
def target_distance(params: Row, ticks: int) -> int:
    """Ticks between the entry price and its target; 0: no target."""
    share: float = params["take_profit_pct"]
    return _whole_ticks(ticks * share / 100.0, 1_000_000_000_000_000)


@inlined
def trailed_stop(state: Row, params: Row, event: Row, position: Row, present: int) -> int:
    """Trigger of the stop after this bar: the present one, or a tighter one; 0 while flat or without a stop.

    Keeps the best price since entry and the bars held; call it once a bar.
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
    distance = trailing_distance(params, state["extreme"], event["atr"], state["bars_held"]) * state["multiplier"]
    ticks = _whole_ticks(distance, state["extreme"] if side > 0 else 1_000_000_000_000_000)
    if ticks == 0:
        return present
    level = max(state["extreme"] - side * ticks, 1)
    if present == 0:
        return level
    return max(present, level) if side > 0 else min(present, level)
