"""How much of each limit is used now, and what to change where little is left."""

import math
from dataclasses import dataclass

from quaestor.analysis.officer.breakers import lifts_at
from quaestor.analysis.officer.standing import Standing
from quaestor.analysis.rule_figures import in_units
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Breaker
from quaestor.ledger.codes import Layer as LayerCode
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule
from quaestor.risk.rules import cash

#: A share of a limit from which on it is worth while to adjust something, and to which the suggestions bring it back.
NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Use:
    """What a rule measures of what is held, on the instrument where the most of it is used.

    `share` is measured over limit; None where the rule is off, knows no figure yet, or only looks at breakers.
    """

    layer: str
    rule: str
    symbol: str
    measured: float
    limit: float
    unit: str
    share: float | None
    off: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change that brings a rule's use down to `NEAR`. `change` is its size as a fraction of what there is."""

    rule: str
    what: str
    change: float


def uses(standing: Standing) -> list[Use]:
    """Every rule, in the order of the catalog; before the first bar there is nothing to measure."""
    asked = [k for k in range(len(standing.symbols)) if standing.last_ticks(k) > 0]
    permissions = {k: standing.permissions(k, standing.last_ticks(k), standing.held(k)) for k in asked}
    found: list[Use] = []
    for number, rule in enumerate(RULES):
        rows = [_use(standing, k, rule, permissions[k][number]) for k in asked]
        found += [max(rows, key=lambda use: -1.0 if use.share is None else use.share)] if rows else []
    return found


def _use(standing: Standing, index: int, rule: Rule, row: Row) -> Use:
    measured, limit, unit = in_units(rule, float(row["measured"]), float(row["limit"]), standing.instruments[index])
    layer = LayerCode(rule.layer).name.lower()
    symbol = standing.symbols[index]
    return Use(layer, rule.name, symbol, measured, limit, unit, _share(row), off=math.isinf(limit))


def _share(row: Row) -> float | None:
    measured, limit = float(row["measured"]), float(row["limit"])
    if not math.isfinite(measured) or not math.isfinite(limit) or limit == 0.0:
        return None
    return max(measured / limit, 0.0)


def suggestions(standing: Standing, used: list[Use]) -> list[Suggestion]:
    """What would bring each limit that is nearly used up back to `NEAR`, the smallest change first."""
    found: list[Suggestion] = []
    for use in used:
        if use.share is not None and use.share > NEAR:
            number = next(k for k, rule in enumerate(RULES) if rule.name == use.rule)
            found += _for_rule(standing, use, use.share, number)
    return sorted(found, key=lambda suggestion: suggestion.change)


def _for_rule(standing: Standing, use: Use, share: float, number: int) -> list[Suggestion]:
    rule = RULES[number]
    found = [*_waiting(standing, use), *_reducing(standing, number)]
    if rule.settings:
        name = rule.settings[0].name
        needed = share / NEAR * use.limit
        text = f"raise {name} from {use.limit:,.6g} to {needed:,.6g} {use.unit}"
        found.append(Suggestion(use.rule, text, share / NEAR - 1.0))
    elif rule is cash.RULE:
        missing = use.measured / NEAR - use.limit
        worth = max(standing.engine.equity_quanta, 1) * float(standing.instruments[0].quantum)
        found.append(Suggestion(use.rule, f"pay in {missing:,.2f} {use.unit}", missing / worth))
    return found


def _waiting(standing: Standing, use: Use) -> list[Suggestion]:
    """Limits of a day or week start anew by themselves; a breaker bears the name of its rule."""
    breaker = Breaker.__members__.get(use.rule.upper())
    if breaker not in (Breaker.DAILY_LOSS, Breaker.WEEKLY_LOSS) or lifts_at(breaker, standing) is None:
        return []
    return [Suggestion(use.rule, f"wait for the next UTC {'day' if breaker is Breaker.DAILY_LOSS else 'week'}", 0.0)]


def _reducing(standing: Standing, number: int) -> list[Suggestion]:
    """The least that each position would have to shrink by, where shrinking it alone is enough."""
    found: list[Suggestion] = []
    for index, symbol in enumerate(standing.symbols):
        held = standing.held(index)
        if held == 0 or not _is_near(standing, index, number, held) or _is_near(standing, index, number, 0):
            continue
        side, enough, too_much = (1 if held > 0 else -1), 0, abs(held)
        while too_much - enough > 1:
            middle = (enough + too_much) // 2
            if _is_near(standing, index, number, side * middle):
                too_much = middle
            else:
                enough = middle
        instrument = standing.instruments[index]
        then = instrument.to_quantity(side * enough)
        text = f"reduce {symbol} from {instrument.to_quantity(held)} to {then} {instrument.base}"
        found.append(Suggestion(RULES[number].name, text, 1.0 - enough / abs(held)))
    return found


def _is_near(standing: Standing, index: int, number: int, lots: int) -> bool:
    share = _share(standing.permissions(index, standing.last_ticks(index), lots)[number])
    return share is not None and share > NEAR
