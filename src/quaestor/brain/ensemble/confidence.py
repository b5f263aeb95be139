"""Confidence as a defined score in [0, 1]: how the edge stands in its own history, under present market conditions.

The percentile of the expected edge among the last `HISTORY` ones, times four market factors weighted as volatility 0.3,
liquidity 0.3, volume 0.2 and time of day 0.2. A factor is 1 in a market as usual or better, and falls to 0 with the
ratio to the usual.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row

#: Edges that a new one is compared with.
HISTORY = 512
#: Fewest of them from which a percentile says anything.
FEWEST = 32
_HOURS = 24
_HOUR_NS = 3_600_000_000_000
#: Weight of a new bar in what is usual for volume and liquidity (about the last 200 bars).
_DECAY = 0.01
_VOLATILITY_SHARE, _LIQUIDITY_SHARE, _VOLUME_SHARE, _TIME_SHARE = 0.3, 0.3, 0.2, 0.2

#: Past edges, and what is usual.
CONFIDENCE = np.dtype(
    [
        ("edges", "<f8", (HISTORY,)),
        ("seen", "<i8"),
        ("volume", "<f8"),  # usual value traded in a bar
        ("illiquidity", "<f8"),  # usual move for a unit of value traded
        ("hours", "<f8", (_HOURS,)),  # usual value traded in a bar of each hour of the day, UTC
        ("bars", "<i8"),
        ("hour_bars", "<i8", (_HOURS,)),
    ],
    align=True,
)


@kernel
def percentile(memory: Row, edge: float) -> float:
    """Share of the past edges below this one, equal ones counted half; 0 while there are too few. Then remembers it."""
    kept = min(memory["seen"], HISTORY)
    halves = 0
    for k in range(kept):
        past = memory["edges"][k]
        halves += int(past < edge) + int(past <= edge)
    memory["edges"][memory["seen"] % HISTORY] = edge
    memory["seen"] += 1
    return 0.5 * halves / kept if kept >= FEWEST else 0.0


@kernel
def market_factor(memory: Row, ts: int, volatility: float, usual_volatility: float, move: float, value: float) -> float:
    """The four factors' weighted mean for a bar, in [0, 1], from what was usual before it; then learns from the bar.

    Args:
        memory: record of dtype CONFIDENCE.
        ts: open time, ns UTC.
        volatility, usual_volatility: of a bar, over a short and a long window.
        move: size of the bar's return.
        value: what was traded in it, in the quote asset.
    """
    hour = (ts // _HOUR_NS) % _HOURS
    illiquidity = move / value if value > 0.0 else memory["illiquidity"]
    factor = _VOLATILITY_SHARE * _at_most_one(usual_volatility, volatility)
    factor += _LIQUIDITY_SHARE * _at_most_one(memory["illiquidity"], illiquidity)
    factor += _VOLUME_SHARE * _at_most_one(value, memory["volume"])
    factor += _TIME_SHARE * _at_most_one(memory["hours"][hour], memory["volume"])
    memory["bars"] += 1
    memory["hour_bars"][hour] += 1
    weight = _weight(memory["bars"])
    memory["volume"] += weight * (value - memory["volume"])
    memory["illiquidity"] += weight * (illiquidity - memory["illiquidity"])
    memory["hours"][hour] += _weight(memory["hour_bars"][hour]) * (value - memory["hours"][hour])
    return factor


@kernel
def _weight(count: int) -> float:
    """Weight of the count-th value: a plain mean at first, then an exponential one."""
    return max(1.0 / count, _DECAY)


@kernel
def _at_most_one(part: float, whole: float) -> float:
    return 1.0 if part >= whole else max(part / whole, 0.0)
