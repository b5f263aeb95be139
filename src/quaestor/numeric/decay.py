"""The mean of scores that come at any time, older ones weighing less."""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.numeric.elementary import half_life_decay

#: State of `advance_decayed_mean`; zero bytes are a fresh one.
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
    """At each of the instants i … n−1, what the scores known by then come to.

    A score weighs w = 2^(−age / half-life). `count` is Σ w and `mean` is Σ w·score / (1 + Σ w): the mean of the scores
    and of one 0 that never ages. So a single score counts half when it is new, many agreeing ones count nearly whole,
    and silence fades to 0, which is also what nothing known gives.

    The state changes with scores alone, not with instants: what is known at an instant does not depend on how many
    instants were asked for before.

    Args:
        state: one element of DECAYED; its `taken` counts the scores that it holds.
        half_life_ns: age at which a score weighs half.
        known_ts: int64[m] ns UTC, ascending: when each score became known.
        scores: float64[m]. Those of one stamp in an order that does not depend on how they arrived.
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
