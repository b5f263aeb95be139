"""The account in figures: equity, exposure, leverage, margin, and each position with its way to liquidation."""

from dataclasses import dataclass

import numpy as np

from quaestor.kernels.ledger import is_liquidated, margin_of
from quaestor.research.officer.standing import Standing
from quaestor.research.results import average_price

#: A short's liquidation is looked for up to this many times the price.
_HIGHEST = 64


@dataclass(frozen=True, slots=True)
class Position:
    """One instrument that is held. Money is in the settlement asset, quantities are signed, fractions plain."""

    symbol: str
    quantity: float
    working: float  # entries in flight
    entry_price: float
    price: float
    notional: float
    of_equity: float
    profit: float  # unrealised, before the fees of closing
    margin: float
    liquidation_price: float | None
    liquidation_distance: float | None  # fraction of the price


@dataclass(frozen=True, slots=True)
class Account:
    """What the officer's percentages are taken of."""

    asset: str
    equity: float
    cash: float
    free: float  # cash that is not reserved
    peak_equity: float
    drawdown: float
    day_profit: float
    week_profit: float
    notional: float
    exposure: float  # fraction of equity: margin for perpetuals, notional otherwise
    leverage: float
    margin: float  # reserved
    positions: list[Position]


def account_of(standing: Standing) -> Account:
    """Figures of a standing."""
    engine = standing.engine
    ledger, risk = engine.account[0]["ledger"], engine.account[0]["risk"]
    money = float(standing.instruments[0].quantum)
    worth = engine.equity_quanta
    base = max(worth, 1)
    return Account(
        asset=standing.instruments[0].settlement_asset,
        equity=worth * money,
        cash=int(ledger["cash"]) * money,
        free=int(ledger["cash"] - ledger["reserved"]) * money,
        peak_equity=int(risk["peak_equity"]) * money,
        drawdown=1.0 - worth / max(int(risk["peak_equity"]), 1),
        day_profit=(worth - int(risk["day_equity"])) * money,
        week_profit=(worth - int(risk["week_equity"])) * money,
        notional=int(ledger["gross"]) * money,
        exposure=int(ledger["exposure"]) / base,
        leverage=int(ledger["gross"]) / base,
        margin=int(ledger["reserved"]) * money,
        positions=[_position(standing, k) for k in range(len(standing.symbols)) if standing.held(k)],
    )


def _position(standing: Standing, index: int) -> Position:
    instrument, packed = standing.instruments[index], standing.engine.instruments[index]
    position = standing.engine.books[index]["position"]
    money, lot, tick = float(instrument.quantum), float(instrument.lot_size), float(instrument.tick_size)
    lots, ticks = standing.held(index), standing.last_ticks(index)
    unmargined_cost = 0 if packed["margined"] else int(position["cost"])
    liquidation = _liquidation_ticks(standing, index)
    entry = average_price(np.array([abs(position["cost"])]), np.array([abs(lots)]), instrument)
    return Position(
        symbol=standing.symbols[index],
        quantity=lots * lot,
        working=(standing.expected(index) - lots) * lot,
        entry_price=float(entry[0]),
        price=ticks * tick,
        notional=int(position["notional"]) * money,
        of_equity=int(position["notional"]) / max(standing.engine.equity_quanta, 1),
        profit=(int(position["value"]) - unmargined_cost) * money,
        margin=int(margin_of(position, packed)) * money,
        liquidation_price=None if liquidation is None else liquidation * tick,
        liquidation_distance=None if liquidation is None else abs(liquidation / ticks - 1.0),
    )


def _liquidation_ticks(standing: Standing, index: int) -> int | None:
    """The price nearest to the present one at which the venue takes the position over; None where it never does."""
    position, packed = standing.engine.books[index]["position"], standing.engine.instruments[index]
    safe = standing.last_ticks(index)
    gone = 1 if position["lots"] > 0 else safe * _HIGHEST
    if not is_liquidated(position, packed, gone):
        return None
    while abs(gone - safe) > 1:
        middle = (gone + safe) // 2
        if is_liquidated(position, packed, middle):
            gone = middle
        else:
            safe = middle
    return gone
