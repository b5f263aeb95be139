"""Desks: simulated venues for fill rules by hand. A lot at 100 is worth 10,000 quanta; a desk starts with 1,000,000."""

from decimal import Decimal
from typing import Any

from tests.builders import instrument
from tests.desk import Answer, Desk

from quaestor.engine.settings import CostSettings
from quaestor.ledger.codes import ContractKind, EventKind, OrderType, Purpose

BUY, SELL = 1, -1
MARKET, LIMIT, STOP = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP
STOP_LIMIT, TAKE_PROFIT = OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT
CAPITAL = 1_000_000


def desk(costs: CostSettings | None = None, **changes: Any) -> Desk:
    return Desk(instrument(shortable=True, **changes), CAPITAL, costs=costs)


def long_desk(lots: int = 10, costs: CostSettings | None = None, **changes: Any) -> Desk:
    """A desk that holds `lots`, bought at 100 by order 3."""
    held = desk(costs, **changes)
    held.order(BUY, MARKET, lots)
    held.bar(100, 100, 100, 100)
    assert held.lots == lots
    return held


def slipping(bps: int) -> CostSettings:
    return CostSettings(Decimal(bps), Decimal(0), 0, None)


def capped(share: str) -> CostSettings:
    return CostSettings(Decimal(0), Decimal(0), 0, Decimal(share))


def perp(capital: int = CAPITAL, leverage: int = 10, costs: CostSettings | None = None, **changes: Any) -> Desk:
    return Desk(instrument(ContractKind.LINEAR, **changes), capital, leverage=leverage, costs=costs)


def funding(amount: int, lots: int) -> Answer:
    return Answer(EventKind.FUNDING, 0, lots, 0, amount, 0)


def liquidation(lots: int) -> Answer:
    return Answer(EventKind.LIQUIDATION, 0, lots, 0, 0, Purpose.LIQUIDATION)
