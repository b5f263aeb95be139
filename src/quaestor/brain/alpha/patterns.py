"""Chart patterns: the direction of the break that completes a well-formed pattern, held for a number of bars."""

import numpy as np

from quaestor.brain.alpha.contract import SIDE, Alpha, Sides
from quaestor.domain.parameter import Integer, Real, always
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.ledger.codes import Regime

#: Features of completed patterns, the strongest of each kind: reversals, patterns between two lines, pauses.
_KINDS = ("reversals", "trendlines", "flags")
_N_KINDS = len(_KINDS)

#: Pattern that is held: its confidence, negative where it points down, and the rows left until it expires.
_STATE = np.dtype([("held", "<f8"), ("left", "<i8")], align=True)


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
    """Write direction × confidence of a pattern from the row that completes it on, for `hold` rows."""
    s, p = state[0], params[0]
    both = p["side"] == Sides.BOTH
    for k in range(i, n):
        completed = _completed(features, k)
        if completed != completed:
            out[0, k] = np.nan
            out[1, k] = 0.0
            continue
        held = _hold(s, p, completed)
        out[0, k] = held if both or held > 0.0 else 0.0
        out[1, k] = abs(held)


@kernel
def _completed(features: Matrix, k: int) -> float:
    """Return the strongest pattern that row k completes, the first of equal ones; NaN where a kind is missing."""
    strongest = 0.0
    total = 0.0
    for f in range(_N_KINDS):
        value = features[f, k]
        total += value
        if abs(value) > abs(strongest):
            strongest = value
    return strongest if total == total else np.nan


@kernel
def _hold(s: Row, p: Row, completed: float) -> float:
    """Return the pattern held after a row; while one is held, only one of the other direction replaces it."""
    if s["left"] > 0:
        s["left"] -= 1
    if s["left"] == 0:
        s["held"] = 0.0
    if abs(completed) >= p["min_strength"] and completed * s["held"] <= 0.0 and completed != 0.0:
        s["held"] = completed
        s["left"] = p["hold"]
    held: float = s["held"]
    return held


def _features(threshold: float, *_: float) -> tuple[str, ...]:
    return tuple(f"{kind}_{threshold:.12g}.completed" for kind in _KINDS)


PATTERNS = Alpha(
    name="patterns",
    doc="When a close completes a chart pattern (the first beyond the neckline of a double or triple top or bottom or "
    "of head and shoulders, or out of a triangle, wedge, channel, flag or pennant) whose confidence is min_strength or "
    "more, the signal is that confidence with the sign of the break, for `hold` bars or until a pattern of the other "
    "direction takes its place; of several that one bar completes the strongest counts. Flat otherwise; with side=long "
    "a pattern that points down only ends a long position. No opinion until the features are defined. Confidence is "
    "that of the pattern, 0 while there is none.",
    source="Edwards and Magee (1948), Technical Analysis of Stock Trends; Bulkowski (2005), Encyclopedia of Chart "
    "Patterns; held for a fixed time as in Lo, Mamaysky and Wang (2000), Foundations of Technical Analysis",
    parameters=(
        Real("threshold", 2.0, 0.5, 100.0, "average true ranges that make a swing"),
        Real("min_strength", 0.65, 0.0, 1.0, "confidence in the pattern"),
        Integer("hold", 24, 1, 1_000_000, "bars"),
        SIDE,
    ),
    features=_features,
    state_dtype=always(_STATE),
    advance=advance,
    best_regimes=(Regime.NORMAL, Regime.TRENDING),
)
