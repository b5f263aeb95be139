"""Rule figures: a rule's figure and limit in units that are printed."""

from quaestor.domain.instrument import Instrument
from quaestor.risk.contract import Rule
from quaestor.risk.rules import cash, emergency, venue


def in_units(rule: Rule, measured: float, limit: float, instrument: Instrument) -> tuple[float, float, str]:
    """Return a rule's figure and limit, and the unit of both; no unit for a rule that only looks at breakers."""
    if rule is emergency.RULE:
        return measured, limit, ""
    if rule is cash.RULE:
        return _money(measured, limit, instrument)
    if rule is venue.RULE:
        lot = float(instrument.lot_size)
        return measured * lot, limit * lot, instrument.base
    return measured, limit, rule.settings[0].unit


def in_units_of_verdict(
    rule: Rule | None, measured: float, limit: float, instrument: Instrument
) -> tuple[float, float, str]:
    """Return the same as `in_units` for a verdict: there the venue's rule covers the smallest order too, and that is
    money."""
    if rule is None:
        return measured, limit, ""
    if rule is venue.RULE and abs(measured) < abs(limit):  # of its bounds only the smallest order is a lower one
        return _money(measured, limit, instrument)
    return in_units(rule, measured, limit, instrument)


def _money(measured: float, limit: float, instrument: Instrument) -> tuple[float, float, str]:
    money = float(instrument.quantum)
    return measured * money, limit * money, instrument.settlement_asset
