"""Multi-timeframe confluence: the direction that enough timeframes share, the most recent turns weighted most."""

import numpy as np

from quaestor.brain.alpha.contract import SIDE, Alpha, Sides
from quaestor.domain.parameter import Integer, Real, always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime
from quaestor.numeric.elementary import half_life_decay

_FRAMES = 3

#: Of each timeframe, shortest first: the sign of its trend, and the rows since the sign last changed.
_STATE = np.dtype([("direction", "<f8", (_FRAMES,)), ("age", "<i8", (_FRAMES,))], align=True)


@kernel
def advance(
    state: Table,
    params: Table,
    features: Matrix,
    columns: Matrix,  # noqa: ARG001
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the weighted mean direction of the timeframes while at least `agree` of them share it, otherwise 0."""
    s, p = state[0], params[0]
    both = p["side"] == Sides.BOTH
    for k in range(i, n):
        total = 0.0
        for f in range(2 * _FRAMES):
            total += features[f, k]
        if total != total:
            out[0, k] = np.nan
            out[1, k] = 0.0
            continue
        for f in range(_FRAMES):
            _update_direction(s, f, features[2 * f, k] - features[2 * f + 1, k])
        signal = _agreement(s, p)
        out[0, k] = signal if both or signal > 0.0 else 0.0
        out[1, k] = 1.0


@kernel
def _update_direction(s: Row, f: int, distance: float) -> None:
    """Update direction and age of timeframe f by fast minus slow average; equal averages have direction and age 0."""
    direction = 1.0 if distance > 0.0 else (-1.0 if distance < 0.0 else 0.0)
    if direction == s["direction"][f] and direction != 0.0:
        s["age"][f] += 1
    else:
        s["direction"][f] = direction
        s["age"][f] = 0


@kernel
def _bars_since_turn(s: Row, p: Row, f: int) -> float:
    """Return the age of a timeframe's direction in its own bars."""
    rows = 1 if f == 0 else (p["second"] if f == 1 else p["third"])
    return s["age"][f] / rows


@kernel
def _agreement(s: Row, p: Row) -> float:
    """Return the weighted mean of the directions, 0 unless at least `agree` of them have its sign.

    Ages are counted from the youngest: only their differences matter, and the sum of weights is never 0.
    """
    youngest = np.inf
    for f in range(_FRAMES):
        youngest = min(youngest, _bars_since_turn(s, p, f))
    pull = 0.0
    total = 0.0
    for f in range(_FRAMES):
        weight = half_life_decay(_bars_since_turn(s, p, f) - youngest, p["half_life"])
        pull += weight * s["direction"][f]
        total += weight
    agreeing = 0
    for f in range(_FRAMES):
        if s["direction"][f] * pull > 0.0:
            agreeing += 1
    return pull / total if agreeing >= p["agree"] else 0.0


def _features(fast: int, slow: int, second: int, third: int, *_: float) -> tuple[str, ...]:
    frames = ("", f"@{second}x", f"@{third}x")
    return tuple(f"ema_{length}{frame}" for frame in frames for length in (fast, slow))


def _conflict(fast: int, slow: int, second: int, third: int, *_: float) -> str:
    if fast >= slow:
        return f"fast = {fast} must be shorter than slow = {slow}"
    return "" if second < third else f"second = {second} must be shorter than third = {third}"


CONFLUENCE = Alpha(
    name="confluence",
    doc="On each of three timeframes (the bars, and bars `second` and `third` times as long) the direction is the sign "
    "of EMA(fast) − EMA(slow). A direction counts 2^(−age / half_life), age the frame's own bars since it turned. The "
    "signal is the weighted mean of the directions while at least `agree` frames have its sign, otherwise 0; long only "
    "unless side=both. No opinion until all averages are defined. Confidence is 1: the strength is in the signal.",
    source="Elder (1993), Trading for a Living, chapter 43: triple screen, with confirmations that age",
    parameters=(
        Integer("fast", 12, 1, 5_000, "bars of each frame"),
        Integer("slow", 26, 2, 10_000, "bars of each frame"),
        Integer("second", 4, 2, 10_000, "bars in a bar of the second frame"),
        Integer("third", 16, 3, 100_000, "bars in a bar of the third frame"),
        Integer("agree", 2, 1, _FRAMES, "frames that must have the signal's sign"),
        Real("half_life", 12.0, 0.01, 1_000_000.0, "bars of each frame until a direction counts half"),
        SIDE,
    ),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    conflict=_conflict,
    best_regimes=(Regime.TRENDING, Regime.RECOVERY),
)
