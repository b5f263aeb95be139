"""Tails of bar returns: the loss not exceeded in 19 bars of 20, and the mean of the losses beyond it.

By historical simulation over the last 500 bars; estimated again every few bars, and only when a rule needs them. Bar
figures are scaled to a day by the square root of time. With too little history the risk is unknown, and nothing may be
added.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.ledger import notional
from quaestor.risk.in_flight import expected_lots, expected_notional
from quaestor.risk.permissions import no_increase, within_value, worth_of
from quaestor.risk.state import DAY_NS, LOOKBACK, TAIL_SHARE

#: Fewest returns from which a tail is estimated, and bars between two estimates.
FEWEST_RETURNS = 20
REFRESH_BARS = 16
#: Share of the last quantile as a first bound of the next: returns nearer to zero are hardly ever in the tail.
_GUESS = 0.75


@kernel
def within_loss(
    account: Row, books: Table, index: int, instrument: Row, limit: float, ticks: int, target: int, mean: bool
) -> tuple[int, int, float, float]:
    """Return a rule's interval, measured value and limit: the summed daily losses are within `limit` % of equity.

    The loss of a position is its quantile, or with `mean` the mean beyond it. Unknown tails: NaN, and no increase.
    """
    scale = np.sqrt(max(float(DAY_NS) / float(instrument["interval_ns"]), 1.0))
    worth = worth_of(account)
    down = scale * _loss(books[index]["risk"], 1, mean)
    up = scale * _loss(books[index]["risk"], -1, mean)
    others = 0.0
    for k in range(len(books)):
        size = expected_notional(books[k]) if k != index else 0.0
        if size > 0.0:
            others += scale * _loss(books[k]["risk"], expected_lots(books[k]), mean) * size
    room = worth * limit / 100.0 - others
    if not down + up + others >= 0.0:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, np.nan, limit
    _, highest = within_value(instrument, room / max(down, 1e-12), ticks)
    lowest, _ = within_value(instrument, room / max(up, 1e-12), ticks)
    own = (down if target >= 0 else up) * notional(instrument, target, ticks)
    return lowest, highest, 100.0 * (others + own) / worth, limit


@kernel
def _loss(memory: Row, lots: int, mean: bool) -> float:
    """Return the loss of a bar for each quantum held; NaN with too little history."""
    if not refresh_tails(memory):
        return np.nan
    loss: float = memory["tail_down"] if lots >= 0 else memory["tail_up"]
    if mean:
        loss = memory["shortfall_down"] if lots >= 0 else memory["shortfall_up"]
    return loss


@kernel
def refresh_tails(memory: Row) -> bool:
    """Estimate the tails of an instrument again where they are old; return whether they are known."""
    if memory["n_returns"] < FEWEST_RETURNS:
        return False
    if memory["tail_age"] >= REFRESH_BARS:
        estimate_tails(memory)
    return True


@kernel
def estimate_tails(memory: Row) -> None:
    """Estimate the 5 % and 95 % quantiles of the kept returns, and the mean of the worst 5 % for long and short."""
    count = min(memory["n_returns"], LOOKBACK)
    rank = count // TAIL_SHARE
    down, up = -_GUESS * memory["tail_down"], -_GUESS * memory["tail_up"]
    memory["tail_down"] = max(-_ranked(memory["returns"], count, rank, 1.0, down, memory["tail"]), 0.0)
    memory["shortfall_down"] = max(-_mean(memory["tail"], rank), 0.0)
    memory["tail_up"] = max(-_ranked(memory["returns"], count, rank, -1.0, up, memory["tail"]), 0.0)
    memory["shortfall_up"] = max(-_mean(memory["tail"], rank), 0.0)
    memory["tail_age"] = 0


@kernel
def _ranked(
    values: NDArray[np.float64], count: int, rank: int, sign: float, guess: float, smallest: NDArray[np.float64]
) -> float:
    """Return the value of a rank (0: the smallest) among `sign` × values, by insertion into the smallest so far.

    Values above `guess` are skipped where enough lie below it; it affects the time and never the result.
    """
    below = 0
    for k in range(count):
        below += 1 if sign * values[k] <= guess else 0
    bound = guess if below > rank else np.inf
    kept = 0
    for k in range(count):
        x = sign * values[k]
        if x > bound:
            continue
        slot = min(kept, rank)
        while slot > 0 and smallest[slot - 1] > x:
            smallest[slot] = smallest[slot - 1]
            slot -= 1
        smallest[slot] = x
        kept = min(kept + 1, rank + 1)
        if kept > rank:
            bound = smallest[rank]
    found: float = smallest[rank]
    return found


@kernel
def _mean(values: NDArray[np.float64], count: int) -> float:
    """Return the mean of the first `count` values."""
    total = 0.0
    for k in range(count):
        total += values[k]
    return total / count
