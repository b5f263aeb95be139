"""Limit use: the share of each limit that is used now, and changes that free some of it."""

import math
from dataclasses import dataclass

from quaestor.analysis.officer.account_state import AccountState
from quaestor.analysis.officer.breakers import lifts_at
from quaestor.analysis.rule_figures import in_units
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Breaker
from quaestor.ledger.codes import Layer as LayerCode
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule
from quaestor.risk.rules import cash

#: Share of a limit above which a change is suggested, and to which the suggestions bring it back.
NEAR = 0.8


@dataclass(frozen=True, slots=True)
class LimitUse:
    """Figure of one rule for what is held, on the instrument where the most of its limit is used.

    `share` is measured over limit; None where the rule is off, has no figure yet, or only looks at breakers.
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
    """Change that brings a rule's use down to `NEAR`. `change` is its size as a fraction of what there is."""

    rule: str
    what: str
    change: float


def limit_uses(state: AccountState) -> list[LimitUse]:
    """Return the use of every rule's limit, in the order of the catalog; none before the first bar."""
    measurable = [k for k in range(len(state.symbols)) if state.last_ticks(k) > 0]
    permissions = {k: state.permissions(k, state.last_ticks(k), state.held(k)) for k in measurable}
    found: list[LimitUse] = []
    for number, rule in enumerate(RULES):
        rows = [_use(state, k, rule, permissions[k][number]) for k in measurable]
        found += [max(rows, key=lambda use: -1.0 if use.share is None else use.share)] if rows else []
    return found


def _use(state: AccountState, index: int, rule: Rule, row: Row) -> LimitUse:
    measured, limit, unit = in_units(rule, float(row["measured"]), float(row["limit"]), state.instruments[index])
    layer = LayerCode(rule.layer).name.lower()
    symbol = state.symbols[index]
    return LimitUse(layer, rule.name, symbol, measured, limit, unit, _share(row), off=math.isinf(limit))


def _share(row: Row) -> float | None:
    measured, limit = float(row["measured"]), float(row["limit"])
    if not math.isfinite(measured) or not math.isfinite(limit) or limit == 0.0:
        return None
    return max(measured / limit, 0.0)


def suggestions(state: AccountState, used: list[LimitUse]) -> list[Suggestion]:
    """Return what would bring each limit that is nearly used up back to `NEAR`, the smallest change first."""
    found: list[Suggestion] = []
    for use in used:
        if use.share is not None and use.share > NEAR:
            number = next(k for k, rule in enumerate(RULES) if rule.name == use.rule)
            found += _for_rule(state, use, use.share, number)
    return sorted(found, key=lambda suggestion: suggestion.change)


def _for_rule(state: AccountState, use: LimitUse, share: float, number: int) -> list[Suggestion]:
    rule = RULES[number]
    found = [*_waiting(state, use), *_reducing(state, number)]
    if rule.settings:
        name = rule.settings[0].name
        needed = share / NEAR * use.limit
        text = f"raise {name} from {use.limit:,.6g} to {needed:,.6g} {use.unit}"
        found.append(Suggestion(use.rule, text, share / NEAR - 1.0))
    elif rule is cash.RULE:
        missing = use.measured / NEAR - use.limit
        worth = max(state.engine.equity_quanta, 1) * float(state.instruments[0].quantum)
        found.append(Suggestion(use.rule, f"pay in {missing:,.2f} {use.unit}", missing / worth))
    return found


def _waiting(state: AccountState, use: LimitUse) -> list[Suggestion]:
    """Return waiting as a suggestion: limits of a day or week start anew; a breaker bears the name of its rule."""
    breaker = Breaker.__members__.get(use.rule.upper())
    if breaker not in (Breaker.DAILY_LOSS, Breaker.WEEKLY_LOSS) or lifts_at(breaker, state) is None:
        return []
    return [Suggestion(use.rule, f"wait for the next UTC {'day' if breaker is Breaker.DAILY_LOSS else 'week'}", 0.0)]


def _reducing(state: AccountState, number: int) -> list[Suggestion]:
    """Return the least that each position would have to shrink by, where shrinking it alone is enough."""
    found: list[Suggestion] = []
    for index, symbol in enumerate(state.symbols):
        held = state.held(index)
        if held == 0 or not _is_near(state, index, number, held) or _is_near(state, index, number, 0):
            continue
        side, enough, too_much = (1 if held > 0 else -1), 0, abs(held)
        while too_much - enough > 1:
            middle = (enough + too_much) // 2
            if _is_near(state, index, number, side * middle):
                too_much = middle
            else:
                enough = middle
        instrument = state.instruments[index]
        then = instrument.to_quantity(side * enough)
        text = f"reduce {symbol} from {instrument.to_quantity(held)} to {then} {instrument.base}"
        found.append(Suggestion(RULES[number].name, text, 1.0 - enough / abs(held)))
    return found


def _is_near(state: AccountState, index: int, number: int, lots: int) -> bool:
    share = _share(state.permissions(index, state.last_ticks(index), lots)[number])
    return share is not None and share > NEAR
