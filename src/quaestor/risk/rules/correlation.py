"""Correlated exposure: the length of the vector of positions under their correlation matrix is capped.

With positions w (signed shares of equity) and correlations C of bar returns the measure is √(wᵀCw), in % of equity:
two positions that move as one count in full, opposite ones offset each other. Solved for the instrument at hand it is a
quadratic, whose roots are the bounds. Of the two estimates of each correlation the riskier counts, see
`risk.co_movement`.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.risk.co_movement import other_positions, room_within
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import no_increase, within_value, worth_of


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["correlated_pct"]
    worth = worth_of(account)
    rest, cross_long, cross_short = other_positions(books, index, worth)
    own = notional(instrument, target, ticks) / worth
    cross = cross_long if target >= 0 else -cross_short
    measured = 100.0 * np.sqrt(max(own * own + 2.0 * own * cross + rest, 0.0))
    lowest, highest = no_increase(books[index]["position"]["lots"])
    room_long = room_within(limit / 100.0, rest, cross_long)
    room_short = room_within(limit / 100.0, rest, -cross_short)
    if room_long == room_long:
        _, highest = within_value(instrument, room_long * worth, ticks)
    if room_short == room_short:
        lowest, _ = within_value(instrument, room_short * worth, ticks)
    return lowest, highest, measured, limit


RULE = Rule(
    "correlation",
    Layer.CORRELATION,
    permit,
    (
        Setting(
            "correlated_pct", 60.0, 30.0, float("inf"), "% of equity", "largest correlated exposure of all positions"
        ),
    ),
)
