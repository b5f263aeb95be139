"""Confidence score: the rank of the expected edge among past edges, under present market conditions; in [0, 1].

The percentile of the edge among the last `HISTORY` edges, times the mean of four market factors weighted as volatility
0.3, liquidity 0.3, volume 0.2 and time of day 0.2. A factor is 1 in a market as usual or better, and falls to 0 with
the ratio to the usual.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row

#: Most past edges that a new one is ranked among.
HISTORY = 512
#: Fewest past edges for a percentile.
FEWEST = 32
_HOURS = 24
_HOUR_NS = 3_600_000_000_000
#: Weight of a new bar in the usual volume and liquidity (about the last 200 bars).
_DECAY = 0.01
_VOLATILITY_SHARE, _LIQUIDITY_SHARE, _VOLUME_SHARE, _TIME_SHARE = 0.3, 0.3, 0.2, 0.2

#: State: past edges, and the usual volume and liquidity.
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
    """Return the share of past edges below this one, equal ones counted half, 0 while they are few; then store it."""
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
    """Return the weighted mean of the four factors for a bar, in [0, 1], against the usual before it; then update that.

    Args:
        memory: record of dtype CONFIDENCE.
        ts: open time, ns UTC.
        volatility, usual_volatility: of bar returns, over a short and a long window.
        move: size of the bar's return.
        value: traded in the bar, in the quote asset.
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
    """Return the weight of the count-th value: a plain mean at first, then an exponential one."""
    return max(1.0 / count, _DECAY)


@kernel
def _at_most_one(part: float, whole: float) -> float:
    """Return part / whole, within [0, 1]."""
    return 1.0 if part >= whole else max(part / whole, 0.0)
