"""What answers of rules are made of: an interval of targets, the figure for the target, and the limit."""

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row
from quaestor.ledger.ledger import equity, lots_for_value, notional
from quaestor.ledger.rows import NO_LIMIT, WHOLE_MAX
from quaestor.numeric.arithmetic import RATE_ONE


@kernel
def stricter(a: float, b: float) -> float:
    """The smaller of two limits; no number when either is none (``min`` would let one of them through)."""
    return a if a <= b or a != a else b


@kernel
def no_increase(position_lots: int) -> tuple[int, int]:
    """The interval that lets a position shrink and nothing else."""
    return min(position_lots, 0), max(position_lots, 0)


@kernel
def within_value(instrument: Row, value: float, ticks: int) -> tuple[int, int]:
    """Both sides up to a notional in quanta; nothing for what is negative or no number."""
    if value >= WHOLE_MAX:
        return -NO_LIMIT, NO_LIMIT
    if not value > 0.0:
        return 0, 0
    lots = lots_for_value(instrument, int(value), ticks)
    return -lots, lots


@kernel
def worth_of(account: Row) -> float:
    """Equity in quanta, the base of every percentage; at least one, so that nothing is divided by nothing."""
    return float(max(equity(account["ledger"]), 1))


@kernel
def exposure_weight(instrument: Row) -> float:
    """How much of a notional counts as exposure: the margin rate for perpetuals, all of it otherwise."""
    if instrument["margined"] != 0:
        return float(instrument["initial_margin_rate"]) / RATE_ONE
    return 1.0


@kernel
def fall_from(account: Row, height: int) -> float:
    """How far equity lies under an earlier one, in % of it; negative above it."""
    return 100.0 * (1.0 - equity(account["ledger"]) / max(float(height), 1.0))


@kernel
def all_or_no_increase(passes: bool, book: Row, measured: float, limit: float) -> tuple[int, int, float, float]:
    """The answer of a rule that lets every entry in or none."""
    if passes:
        return -NO_LIMIT, NO_LIMIT, measured, limit
    lowest, highest = no_increase(book["position"]["lots"])
    return lowest, highest, measured, limit


@inlined
def unless_tripped(
    account: Row, book: Row, breaker: int, measured: float, limit: float
) -> tuple[int, int, float, float]:
    """The answer of a rule with a breaker (bits of `Breaker`): while it is tripped no entry is let in."""
    return all_or_no_increase(account["risk"]["breakers"] & breaker == 0, book, measured, limit)


@kernel
def within_share(
    account: Row, instrument: Row, limit_pct: float, others: float, weight: float, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """The answer of a rule that keeps `weight` × notional, with `others` in quanta beside it, to a share of equity."""
    worth = worth_of(account)
    lowest, highest = within_value(instrument, (worth * limit_pct / 100.0 - others) / weight, ticks)
    return lowest, highest, 100.0 * (others + weight * notional(instrument, target, ticks)) / worth, limit_pct
