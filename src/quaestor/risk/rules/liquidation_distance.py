"""Liquidation distance: at an entry the liquidation price of the position is at least this far from the present one.

An isolated position is liquidated where margin and result no longer cover maintenance (`ledger.ledger.is_liquidated`).
For a fresh entry that price depends on leverage alone, so the rule permits or vetoes it whole; an addition is shrunk to
what keeps the distance of the whole position.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.ledger import margin_of, uses_margin, value_floor
from quaestor.ledger.rows import NO_LIMIT
from quaestor.numeric.arithmetic import RATE_ONE
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import no_increase, within_value


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["liquidation_distance_pct"]
    position = books[index]["position"]
    _, highest = _bounds(position, instrument, limit, 1, ticks)
    lowest, _ = _bounds(position, instrument, limit, -1, ticks)
    return lowest, highest, _distance(position, instrument, target, ticks), limit


@kernel
def _bounds(position: Row, instrument: Row, limit: float, side: int, ticks: int) -> tuple[int, int]:
    """Return the lots permitted on one side: margin and result cover maintenance after a price move by the limit."""
    if not uses_margin(instrument, side):
        return -NO_LIMIT, NO_LIMIT
    inverse = instrument["inverse_numerator"] > 0
    price = 1.0 - side * limit / 100.0
    price = 0.0 if price <= 0.0 else price
    worth = price
    if inverse:
        worth = 1.0 / price if price != 0.0 else np.inf
    sign = -side if inverse else side
    fresh = _share(instrument["initial_margin_rate"]) - sign + (sign - _share(instrument["maintenance_rate"])) * worth
    if fresh >= 0.0:
        return -NO_LIMIT, NO_LIMIT
    held = position["lots"] if position["lots"] * side > 0 else 0
    lowest, highest = no_increase(held)
    if held == 0:
        return lowest, highest
    cost, margin, value = _after(position, instrument, held, ticks)
    spare = margin - cost + (value - _share(instrument["maintenance_rate"]) * abs(value)) * worth
    less, more = within_value(instrument, spare / -fresh, ticks)
    return lowest + less, highest + more


@kernel
def _distance(position: Row, instrument: Row, lots: int, ticks: int) -> float:
    """Return the price move against a position that would liquidate it, in %; infinite where none would."""
    if lots == 0 or not uses_margin(instrument, lots):
        return np.inf
    cost, margin, value = _after(position, instrument, lots, ticks)
    worth = (cost - margin) / (value - _share(instrument["maintenance_rate"]) * abs(value))
    if instrument["inverse_numerator"] > 0:
        if not worth > 0.0:
            return np.inf
        worth = 1.0 / worth
    return 100.0 * (1.0 - worth) if lots > 0 else 100.0 * (worth - 1.0)


@kernel
def _after(position: Row, instrument: Row, lots: int, ticks: int) -> tuple[float, float, float]:
    """Return signed cost, margin and signed value of a position of `lots`, its missing lots opened at `ticks`."""
    held = position["lots"] if position["lots"] * lots > 0 else 0
    added = float(value_floor(instrument, lots - held, ticks))
    margin = _share(instrument["initial_margin_rate"]) * abs(added)
    if held == 0:
        return added, margin, added
    worth = float(value_floor(instrument, held, ticks))
    return position["cost"] + added, margin_of(position, instrument) + margin, worth + added


@kernel
def _share(rate: int) -> float:
    """Return a rate in whole units as a fraction."""
    return float(rate) / RATE_ONE


RULE = Rule(
    "liquidation_distance",
    Layer.EMERGENCY,
    permit,
    (
        Setting(
            "liquidation_distance_pct",
            5.0,
            10.0,
            float("inf"),
            "% of the price",
            "least distance to liquidation at an entry",
        ),
    ),
)
