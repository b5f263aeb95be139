"""Daily value at risk at 95 %, by historical simulation over the last 500 bars, all positions added up.

Bar quantiles are scaled to a day by the square root of time; losses of different instruments are added without any
credit for diversification. With too little history the risk is unknown, and unknown means no.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.kernels.codes import Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.kernels.ledger import equity, notional
from quaestor.risk.contract import Rule, Setting, no_increase, within_value
from quaestor.risk.promised import expected_lots, expected_notional
from quaestor.risk.state import DAY_NS, LOOKBACK, TAIL_SHARE

#: Fewest returns from which a tail is estimated, and bars between two estimates.
FEWEST_RETURNS = 20
REFRESH_BARS = 16


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    limit = params["var_pct"]
    risk = books[index]["risk"]
    if limit >= 1e300:
        return -NO_LIMIT, NO_LIMIT, 0.0, limit
    if risk["n_returns"] < FEWEST_RETURNS:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, np.nan, limit
    if risk["tail_age"] >= REFRESH_BARS:
        estimate_tails(risk)
    scale = np.sqrt(max(float(DAY_NS) / float(instrument["interval_ns"]), 1.0))
    worth = float(max(equity(account["ledger"]), 1))
    others = 0.0
    for k in range(len(books)):
        if k != index:
            others += _tail(books[k]["risk"], expected_lots(books[k])) * expected_notional(books[k])
    room = worth * limit / 100.0 - scale * others
    _, highest = within_value(instrument, room / max(scale * _tail(risk, 1), 1e-12), ticks)
    lowest, _ = within_value(instrument, room / max(scale * _tail(risk, -1), 1e-12), ticks)
    measured = scale * (others + _tail(risk, wanted) * notional(instrument, wanted, ticks)) / worth
    return lowest, highest, 100.0 * measured, limit


@kernel
def _tail(risk: Row, lots: int) -> float:
    tail: float = risk["tail_down"] if lots >= 0 else risk["tail_up"]
    return tail


@kernel
def estimate_tails(risk: Row) -> None:
    """Refresh the 5 % and 95 % quantiles (the loss not exceeded in 19 bars of 20) from the kept returns."""
    count = min(risk["n_returns"], LOOKBACK)
    rank = count // TAIL_SHARE
    risk["tail_down"] = max(-_ranked(risk["returns"], count, rank, 1.0, risk["tail"]), 0.0)
    risk["tail_up"] = max(-_ranked(risk["returns"], count, rank, -1.0, risk["tail"]), 0.0)
    risk["tail_age"] = 0


@kernel
def _ranked(values: NDArray[np.float64], count: int, rank: int, sign: float, smallest: NDArray[np.float64]) -> float:
    """The value of a rank (0: the smallest) among `sign` × values, found by inserting into the smallest so far."""
    kept = 0
    for k in range(count):
        x = sign * values[k]
        if kept > rank and not x < smallest[rank]:
            continue
        place = min(kept, rank)
        while place > 0 and smallest[place - 1] > x:
            smallest[place] = smallest[place - 1]
            place -= 1
        smallest[place] = x
        kept = min(kept + 1, rank + 1)
    found: float = smallest[rank]
    return found


RULE = Rule(
    "value_at_risk",
    Layer.VAR,
    permit,
    (Setting("var_pct", 5.0, 2.5, float("inf"), "% of equity", "largest daily value at risk at 95 %"),),
)
