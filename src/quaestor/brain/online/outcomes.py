"""Outcomes of opinions: a ring of pending opinions, each settled by the first of three barriers that it touches.

An opinion is formed at the close of a row and entered at the open of the next. It is settled in the row in which it
touches a barrier of price, or at the close of its last row: the label of `analysis.forecasts.labels.triple_barrier`,
known as soon as it can be known. The slot of an opinion is the number of its row modulo the length of the ring, so
nothing is searched for and nothing can overflow: it is settled or dropped before its slot is used again.

Each row calls `observe` first, then reads what was settled, then calls `remember`: no row settles its own opinion.

Missing values: a missing row counts as a row and touches nothing. An opinion whose entry is missing, or whose last
close is missing before it touched a barrier, is dropped without an outcome. `triple_barrier` gives no label either; but
it also leaves out those that touched a barrier before such a close, which are settled here by then.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.online.barriers import barrier_prices, touch_price, touched_barrier
from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, record
from quaestor.numeric.elementary import is_missing

#: Where the barriers lie, see `analysis.forecasts.labels.Barrier`; `rows` is at most the horizon of the ring.
BARRIER = record([("profit", "f8"), ("stop", "f8"), ("rows", "i8"), ("cost", "f8")])


def opinion_dtype(features: int, votes: int) -> np.dtype[np.void]:
    """Return the layout of one opinion, with its outcome once it is settled."""
    return record(
        [
            ("waiting", "i8"),  # 1 until it is settled or dropped
            ("outcome", "i8"),  # settled: 1 the upper barrier, −1 the lower, 0 the barrier of time
            ("up", "i8"),  # settled: 1 where the change is above 0, the target of models
            ("decided", "i8"),  # side that was taken: 1, −1, or 0 for none
            ("change", "f8"),  # settled: return from entry to exit as a fraction of the entry price, before costs
            ("entry", "f8"),
            ("upper", "f8"),
            ("lower", "f8"),
            ("width", "f8"),
            ("cost", "f8"),  # of entering and leaving as expected then, as a fraction of the price
            ("pooled", "f8"),  # probability of up that all models together gave
            ("votes", "f8", (votes,)),  # probability that each model gave, NaN for none
            ("x", "f8", (features,)),  # inputs of the models
        ]
    )


def outcomes_dtype(horizon: int, features: int, votes: int) -> np.dtype[np.void]:
    """Return the state of `observe` and `remember` for barriers of up to `horizon` rows; zero bytes are a fresh one."""
    return record(
        [
            ("rows", "i8"),  # observed so far
            ("settled", "i8"),  # how many the last row settled
            ("slots", "i8", (horizon,)),  # where they lie in `pending`, the oldest first
            ("pending", opinion_dtype(features, votes), (horizon,)),
        ]
    )


@kernel
def observe(outcomes: Row, barrier: Row, columns: Matrix, k: int) -> int:
    """Settle the opinions that row k settles at its close, and return their number.

    Args:
        outcomes: of `outcomes_dtype`. ``slots[:settled]`` are the opinions settled, until the next `remember`.
        barrier: of BARRIER.
        columns: float64 (m, n), rows by `domain.market_matrix.Column`; only column k is read.
        k: the column that is new. Each call is one row more, whatever k is.
    """
    row = outcomes["rows"]
    pending, slots = outcomes["pending"], outcomes["slots"]
    settled = 0
    for age in range(min(barrier["rows"], row), 0, -1):
        slot = (row - age) % len(pending)
        opinion = pending[slot]
        if opinion["waiting"] == 0:
            continue
        if age == 1:
            _enter(opinion, barrier, columns[Column.OPEN, k])
        if opinion["waiting"] == 1 and _settle(opinion, columns, k, age == barrier["rows"]):
            slots[settled] = slot
            settled += 1
    outcomes["rows"] = row + 1
    outcomes["settled"] = settled
    return settled


@kernel
def remember(
    outcomes: Row,
    x: NDArray[np.float64],
    votes: NDArray[np.float64],
    pooled: float,
    decided: int,
    cost: float,
    width: float,
) -> None:
    """Keep the opinion formed at the close of the row observed last.

    Without a width (NaN, 0, infinite) there are no barriers, and it is not kept.

    Args:
        outcomes: of `outcomes_dtype`.
        x: float64 (features,).
        votes: float64 (votes,), the probability of up that each model gave, NaN for none.
        pooled: that of all together.
        decided: 1, −1 or 0.
        cost: of entering and leaving, as a fraction of the price.
        width: volatility of one row times the root of the barrier's rows, as a fraction of the price.
    """
    if outcomes["rows"] == 0 or not 0.0 < width < np.inf:
        return
    pending = outcomes["pending"]
    opinion = pending[(outcomes["rows"] - 1) % len(pending)]
    opinion["waiting"] = 1
    opinion["decided"] = decided
    opinion["width"] = width
    opinion["cost"] = cost
    opinion["pooled"] = pooled
    kept_votes, kept_x = opinion["votes"], opinion["x"]
    for j in range(len(kept_votes)):
        kept_votes[j] = votes[j]
    for f in range(len(kept_x)):
        kept_x[f] = x[f]


@kernel
def _enter(opinion: Row, barrier: Row, entry: float) -> None:
    """Set entry and barriers, or drop the opinion where the entry price is missing."""
    if not 0.0 < entry < np.inf:
        opinion["waiting"] = 0
        return
    upper, lower = barrier_prices(entry, opinion["width"], barrier["profit"], barrier["stop"], barrier["cost"])
    opinion["entry"] = entry
    opinion["upper"] = upper
    opinion["lower"] = lower


@kernel
def _settle(opinion: Row, columns: Matrix, k: int, is_last: bool) -> bool:
    """Settle an opinion, or drop it, where row k ends it; return whether it is settled."""
    upper, lower, entry = opinion["upper"], opinion["lower"], opinion["entry"]
    touched = touched_barrier(columns, k, upper, lower)
    if touched == 0 and not is_last:
        return False
    opinion["waiting"] = 0
    price = columns[Column.CLOSE, k]
    if touched != 0:
        price = touch_price(touched, columns[Column.OPEN, k], upper, lower)
    if is_missing(price):
        return False
    change = price / entry - 1.0
    opinion["outcome"] = touched
    opinion["change"] = change
    opinion["up"] = 1 if change > 0.0 else 0
    return True
