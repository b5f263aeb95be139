"""Decayed mean: mean of scores that become known at irregular times, weighted by age."""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.numeric.elementary import half_life_decay

#: State of `advance_decayed_mean`, fresh when its bytes are zero.
DECAYED = np.dtype([("taken", "<i8"), ("ts", "<i8"), ("sum", "<f8"), ("weight", "<f8")], align=True)


@kernel
def advance_decayed_mean(
    state: Table,
    half_life_ns: float,
    known_ts: NDArray[np.int64],
    scores: NDArray[np.float64],
    close_ts: NDArray[np.int64],
    mean: NDArray[np.float64],
    count: NDArray[np.float64],
    i: int,
    n: int,
) -> None:
    """Write the mean and the weight of the scores known at each of the instants i … n−1.

    A score weighs w = 2^(−age / half-life). `count` is Σ w and `mean` is Σ w·score / (1 + Σ w): the mean of the scores
    and of one 0 of constant weight. So a single new score is halved, the mean of many is nearly unchanged, and without
    new scores the mean decays to 0, its value before the first score.

    The state changes with scores alone, not with instants: the values at an instant do not depend on which instants
    were computed before.

    Args:
        state: one element of DECAYED; its `taken` counts the scores that it holds.
        half_life_ns: age at which a score weighs half.
        known_ts: int64[m] ns UTC, ascending: when each score became known.
        scores: float64[m]; those of one stamp in an order independent of their arrival.
        close_ts: int64[N] ns UTC, ascending.
        mean, count: float64[N], written at i … n−1.
        i, n: range of instants.
    """
    s = state[0]
    taken = s["taken"]
    last = s["ts"]
    total = s["sum"]
    weight = s["weight"]
    for k in range(i, n):
        close = close_ts[k]
        while taken < len(known_ts) and known_ts[taken] <= close:
            keep = half_life_decay(float(known_ts[taken] - last), half_life_ns) if weight > 0.0 else 0.0
            total = total * keep + scores[taken]
            weight = weight * keep + 1.0
            last = known_ts[taken]
            taken += 1
        left = half_life_decay(float(close - last), half_life_ns) if weight > 0.0 else 0.0
        mean[k] = total * left / (1.0 + weight * left)
        count[k] = weight * left
    s["taken"] = taken
    s["ts"] = last
    s["sum"] = total
    s["weight"] = weight
