"""Parametric value at risk: 1.645 standard deviations of the daily result of all positions together are capped.

√(wᵀΣw) with positions w and the exponentially weighted covariances Σ of bar returns, scaled to a day by the square root
of time. Solved for the instrument at hand it is a quadratic, as in `rules.correlation`. With too little history the
risk is unknown, and nothing may be added.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.scratch import scratch
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import notional
from quaestor.risk.co_movement import room_within, share_of, weighted_correlation
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import no_increase, within_value, worth_of
from quaestor.risk.state import DAY_NS
from quaestor.risk.tails import FEWEST_RETURNS

#: 95 % quantile of a normal variable.
Z_95 = 1.6448536269514722


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["parametric_var_pct"]
    lowest, highest = no_increase(books[index]["position"]["lots"])
    memory = books[index]["risk"]
    if memory["n_returns"] < FEWEST_RETURNS:
        return lowest, highest, np.nan, limit
    worth = worth_of(account)
    scale = 100.0 * Z_95 * np.sqrt(max(float(DAY_NS) / float(instrument["interval_ns"]), 1.0))
    deviation = np.sqrt(max(memory["variance"], 1e-24))
    rest, cross = _others(books, index, worth)
    own = deviation * notional(instrument, target, ticks) / worth
    measured = scale * np.sqrt(max(own * own + 2.0 * own * (cross if target >= 0 else -cross) + rest, 0.0))
    room_long = room_within(limit / scale, rest, cross)
    room_short = room_within(limit / scale, rest, -cross)
    if room_long == room_long:
        _, highest = within_value(instrument, room_long / deviation * worth, ticks)
    if room_short == room_short:
        lowest, _ = within_value(instrument, room_short / deviation * worth, ticks)
    return lowest, highest, measured, limit


@kernel
def _others(books: Table, index: int, worth: float) -> tuple[float, float]:
    """Return the variance of the positions beside `index`, and its covariance with them for a unit of its deviation."""
    weights = scratch()
    for j in range(len(books)):
        weights[j] = share_of(books[j], worth) * np.sqrt(max(books[j]["risk"]["variance"], 0.0))
    rest = cross = 0.0
    for j in range(len(books)):
        weight = weights[j]
        if j == index or weight == 0.0:
            continue
        cross += weight * weighted_correlation(books, index, j)
        rest += weight * weight
        for k in range(j + 1, len(books)):
            other = weights[k]
            if k != index and other != 0.0:
                rest += 2.0 * weight * other * weighted_correlation(books, j, k)
    return rest, cross


RULE = Rule(
    "parametric_var",
    Layer.VAR,
    permit,
    (
        Setting(
            "parametric_var_pct",
            5.0,
            2.5,
            float("inf"),
            "% of equity",
            "largest daily value at risk at 95 % by covariances",
        ),
    ),
)
