"""Rule permissions: intervals of targets, with figure and limit, that several rules share."""

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity, lots_for_value, notional
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX
from quaestor.numeric.arithmetic import RATE_ONE


@kernel
def stricter(a: float, b: float) -> float:
    """Return the smaller of two limits; NaN when either is NaN (``min`` would return one of them)."""
    return a if a <= b or a != a else b


@kernel
def no_increase(position_lots: int) -> tuple[int, int]:
    """Return the interval that only lets a position shrink."""
    return min(position_lots, 0), max(position_lots, 0)


@kernel
def within_value(instrument: Row, value: float, ticks: int) -> tuple[int, int]:
    """Return the interval of both sides up to a notional in quanta; empty but for 0 where that is negative or NaN."""
    if value >= WHOLE_MAX:
        return -NO_LIMIT, NO_LIMIT
    if not value > 0.0:
        return 0, 0
    lots = lots_for_value(instrument, int(value), ticks)
    return -lots, lots


@kernel
def worth_of(account: Row) -> float:
    """Return equity in quanta, the base of every percentage; at least 1, so that nothing is divided by 0."""
    return float(max(equity(account["ledger"]), 1))


@kernel
def exposure_weight(instrument: Row) -> float:
    """Return the share of a notional that counts as exposure: the margin rate for perpetuals, all of it otherwise."""
    if instrument["margined"] != 0:
        return float(instrument["initial_margin_rate"]) / RATE_ONE
    return 1.0


@kernel
def fall_from(account: Row, height: int) -> float:
    """Return the fall of equity from an earlier one in quanta, in % of that; negative above it."""
    return 100.0 * (1.0 - equity(account["ledger"]) / max(float(height), 1.0))


@kernel
def all_or_no_increase(passes: bool, book: Row, measured: float, limit: float) -> tuple[int, int, float, float]:
    """Return the permission of a rule that permits every entry or none."""
    if passes:
        return -NO_LIMIT, NO_LIMIT, measured, limit
    lowest, highest = no_increase(book["position"]["lots"])
    return lowest, highest, measured, limit


@inlined
def unless_tripped(
    account: Row, book: Row, breaker: int, measured: float, limit: float
) -> tuple[int, int, float, float]:
    """Return the permission of a rule with a breaker (bits of `Breaker`): no entry while it is tripped."""
    return all_or_no_increase(account["risk"]["breakers"] & breaker == 0, book, measured, limit)


@kernel
def within_share(
    account: Row, instrument: Row, limit_pct: float, others: float, weight: float, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the permission of a rule that limits `weight` × notional + `others`, in quanta, to a share of equity."""
    worth = worth_of(account)
    lowest, highest = within_value(instrument, (worth * limit_pct / 100.0 - others) / weight, ticks)
    return lowest, highest, 100.0 * (others + weight * notional(instrument, target, ticks)) / worth, limit_pct
