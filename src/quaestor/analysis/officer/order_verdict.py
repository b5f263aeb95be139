"""Order verdict: the officer's verdict about an order that is not placed, and every rule's permitted interval."""

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from quaestor.analysis.officer.account_state import AccountState
from quaestor.analysis.officer.breakers import breakers_set
from quaestor.analysis.rule_figures import in_units, in_units_of_verdict
from quaestor.domain.instrument import Instrument
from quaestor.engine.in_flight import reserve_in_flight
from quaestor.errors import ConfigError, DataError
from quaestor.jit.tables import Row
from quaestor.ledger.codes import Layer, Verdict
from quaestor.ledger.ledger import lots_for_value
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.catalog import RULES, VENUE_RULE
from quaestor.risk.contract import Rule
from quaestor.risk.gate import evaluate_target
from quaestor.risk.state import VERDICT


@dataclass(frozen=True, slots=True)
class RulePermission:
    """Permitted interval of positions of one rule, and the quantity of the order's side that it leaves room for.

    `lowest`, `highest` and `room` are quantities, None where the rule has no bound; `measured` is of the position that
    the order targets.
    """

    rule: str
    layer: str
    measured: float
    limit: float
    unit: str
    lowest: float | None
    highest: float | None
    room: float | None
    passes: bool
    off: bool


@dataclass(frozen=True, slots=True)
class OrderVerdict:
    """Verdict about one order. Quantities and prices are in units of the market, positions signed.

    `passing` is the largest quantity of the same side that would be allowed; `changes` are the smallest changes, each
    of which would satisfy the rule that bound. `rules` come with the tightest first.
    """

    symbol: str
    side: str
    quantity: float
    price: float
    position: float
    target: float
    approved_target: float
    verdict: str
    rule: str
    layer: str
    measured: float
    limit: float
    unit: str
    passing: float
    changes: list[str]
    breakers: list[str]
    rules: list[RulePermission]


def evaluate_order(
    state: AccountState, symbol: str | None, side: str, quantity: str, price: str | None = None
) -> OrderVerdict:
    """Return the verdict about an order on top of what is held and in flight; nothing is changed.

    Raises:
        UsageError: a symbol that is not on the account, a side, quantity or price that makes no sense, or no price.
    """
    direction = parse_side(side, "--side")
    index = state.index_of(symbol)
    instrument = state.instruments[index]
    ticks = _ticks(price, instrument) if price is not None else state.last_ticks(index)
    if ticks <= 0:
        raise DataError("no bar has closed, so there is no price", place=state.symbols[index], remedy="give --price")
    lots = parse_lots(quantity, instrument, ticks, "--quantity")
    start = state.expected(index)
    target = start + direction * lots
    verdict = _evaluate(state, index, ticks, target)
    bound = int(verdict["rule"])
    rule = RULES[bound] if bound >= 0 else None
    measured, limit, unit = in_units_of_verdict(rule, float(verdict["measured"]), float(verdict["limit"]), instrument)
    approved_target = int(verdict["approved_target"])
    passing = max(direction * (approved_target - start), 0)
    lot = float(instrument.lot_size)
    return OrderVerdict(
        symbol=state.symbols[index],
        side=side,
        quantity=lots * lot,
        price=ticks * float(instrument.tick_size),
        position=start * lot,
        target=target * lot,
        approved_target=approved_target * lot,
        verdict=Verdict(verdict["verdict"]).name.lower(),
        rule=rule.name if rule else "",
        layer=Layer(rule.layer).name.lower() if rule else "",
        measured=measured,
        limit=limit,
        unit=unit,
        passing=passing * lot,
        changes=_changes(state, index, ticks, side, verdict, passing),
        breakers=[each.breaker for each in breakers_set(state)],
        rules=_every_rule(state, index, ticks, direction, start, target),
    )


def _evaluate(state: AccountState, index: int, ticks: int, target: int) -> Row:
    """Return the verdict of the gate (dtype VERDICT), computed on copies."""
    engine = state.engine
    account, books = engine.account.copy(), engine.books.copy()
    if len(books) > 1:
        reserve_in_flight(account[0], books, engine.orders, engine.instruments, index)
    verdict = np.zeros(1, VERDICT)
    limits = engine.params[0]["risk"]
    evaluate_target(account[0], books, index, engine.instruments[index], limits, ticks, target, verdict[0])
    return verdict[0]


def _every_rule(
    state: AccountState, index: int, ticks: int, direction: int, start: int, target: int
) -> list[RulePermission]:
    instrument = state.instruments[index]
    rows = state.permissions(index, ticks, target)
    found = [
        _rule_permission(rule, row, instrument, direction, start, target) for rule, row in zip(RULES, rows, strict=True)
    ]
    return sorted(found, key=lambda verdict: math.inf if verdict.room is None else verdict.room)


def _rule_permission(
    rule: Rule, row: Row, instrument: Instrument, direction: int, start: int, target: int
) -> RulePermission:
    lowest, highest = int(row["lowest"]), int(row["highest"])
    end = highest if direction > 0 else lowest
    lot = float(instrument.lot_size)
    measured, limit, unit = in_units(rule, float(row["measured"]), float(row["limit"]), instrument)
    return RulePermission(
        rule=rule.name,
        layer=Layer(rule.layer).name.lower(),
        measured=measured,
        limit=limit,
        unit=unit,
        lowest=lowest * lot if lowest > -NO_LIMIT else None,
        highest=highest * lot if highest < NO_LIMIT else None,
        room=max(direction * (end - start), 0) * lot if abs(end) < NO_LIMIT else None,
        passes=lowest <= target <= highest or (start * target >= 0 and abs(target) <= abs(start)),
        off=math.isinf(limit),
    )


def _changes(state: AccountState, index: int, ticks: int, side: str, verdict: Row, passing: int) -> list[str]:
    """Return what would pass the rule that bound: less, more where it was too little, or another limit."""
    number = int(verdict["rule"])
    if number < 0:
        return []
    instrument = state.instruments[index]
    found = [f"{side} {instrument.to_quantity(passing)} {instrument.base}"] if passing else []
    measured, limit = float(verdict["measured"]), float(verdict["limit"])
    if number == VENUE_RULE and abs(measured) < abs(limit):
        packed = state.engine.instruments[index]
        least = int(lots_for_value(packed, int(packed["min_notional"]) - 1, ticks)) + 1
        found.append(
            f"{side} at least {instrument.to_quantity(least)} {instrument.base}: the venue takes no smaller order"
        )
    waits = [] if passing else breakers_set(state)
    settings = RULES[number].settings
    latched = any(each.breaker == RULES[number].name and each.lifts_ts is not None for each in waits)
    if settings and 0.0 < limit < measured < math.inf and not latched:
        found.append(f"raise {settings[0].name} from {limit:,.6g} to {measured:,.6g} {settings[0].unit}")
    if math.isnan(measured):
        found.append(f"wait for more bars: {RULES[number].name} has no figure yet")
    return found + [f"wait until {each.until}" for each in waits]


def parse_side(side: str, place: str) -> int:
    """Return 1 for buy, −1 for sell.

    Raises:
        ConfigError: it is neither; `place` is where it was given.
    """
    if side not in ("buy", "sell"):
        raise ConfigError(f"unknown side '{side}'", place=place, remedy="give buy or sell")
    return 1 if side == "buy" else -1


def parse_lots(quantity: str, instrument: Instrument, ticks: int, place: str) -> int:
    """Return a quantity in units of the base asset as lots, at least one.

    Raises:
        ConfigError: no number, no whole number of lots, or too many; `place` is where it was given.
    """
    amount = _number(quantity, place)
    if amount / instrument.lot_size * ticks * instrument.multiplier >= NO_LIMIT:
        raise ConfigError(f"{quantity} is more than can be counted", place=place, remedy="give less")
    lots = int(amount / instrument.lot_size)
    if lots < 1 or lots * instrument.lot_size != amount:
        raise ConfigError(
            f"{quantity} is no whole number of lots of {instrument.lot_size} {instrument.base}",
            place=place,
            remedy=f"give {instrument.to_quantity(max(lots, 1))}",
        )
    return lots


def _ticks(price: str, instrument: Instrument) -> int:
    """Return the nearest tick."""
    value = _number(price, "--price")
    if value > instrument.max_price:
        raise ConfigError(f"{price} is beyond {instrument.max_price}", place="--price", remedy="give less")
    return max(round(value / instrument.tick_size), 1)


def _number(text: str, place: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0:
        raise ConfigError(f"'{text}' is no number above 0", place=place, remedy="give one such as 0.25")
    return value
