"""Account figures: equity, exposure, leverage, margin, and each position with its distance to liquidation."""

from dataclasses import dataclass

import numpy as np

from quaestor.analysis.officer.account_state import AccountState
from quaestor.analysis.prices import average_price
from quaestor.engine.snapshot import PositionSnapshot, take_snapshot


@dataclass(frozen=True, slots=True)
class Position:
    """Figures of one instrument that is held. Money is in the settlement asset, quantities are signed, fractions
    plain."""

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
    loss_at_stops: float  # against the price, if each of its stops fills at its trigger; without one all of it


@dataclass(frozen=True, slots=True)
class Account:
    """Figures that the officer's percentages are taken of."""

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
    heat: float  # loss at all stops together, a fraction of equity
    deviation: float  # of what is held, a bar, a fraction of equity, as correlated as it has been
    correlation: list[list[float | None]]  # of the returns of every pair of instruments, None where it is not known
    positions: list[Position]


def account_of(state: AccountState) -> Account:
    """Return the figures of an account state."""
    engine = state.engine
    risk = engine.account[0]["risk"]
    money = float(state.instruments[0].quantum)
    taken = take_snapshot(engine)
    worth = taken.equity
    base = max(worth, 1)
    return Account(
        asset=state.instruments[0].settlement_asset,
        equity=worth * money,
        cash=taken.cash * money,
        free=taken.available * money,
        peak_equity=int(risk["peak_equity"]) * money,
        drawdown=1.0 - worth / max(int(risk["peak_equity"]), 1),
        day_profit=(worth - int(risk["day_equity"])) * money,
        week_profit=(worth - int(risk["week_equity"])) * money,
        notional=taken.gross * money,
        exposure=taken.exposure / base,
        leverage=taken.gross / base,
        margin=taken.margin_used * money,
        heat=sum(entry.at_stops for entry in taken.positions) / base,
        deviation=taken.deviation / base,
        correlation=[[None if value != value else value for value in row] for row in taken.correlation.tolist()],
        positions=[_position(state, k, entry) for k, entry in enumerate(taken.positions) if entry.lots],
    )


def _position(state: AccountState, index: int, taken: PositionSnapshot) -> Position:
    instrument = state.instruments[index]
    money, lot, tick = float(instrument.quantum), float(instrument.lot_size), float(instrument.tick_size)
    cost = int(state.engine.books[index]["position"]["cost"])
    entry = average_price(np.array([abs(cost)]), np.array([abs(taken.lots)]), instrument)
    return Position(
        symbol=state.symbols[index],
        quantity=taken.lots * lot,
        working=(state.expected(index) - taken.lots) * lot,
        entry_price=float(entry[0]),
        price=taken.mark * tick,
        notional=taken.notional * money,
        of_equity=taken.notional / max(state.engine.equity_quanta, 1),
        profit=taken.unrealised * money,
        margin=taken.margin * money,
        liquidation_price=None if taken.liquidation is None else taken.liquidation * tick,
        liquidation_distance=taken.liquidation_distance,
        loss_at_stops=taken.at_stops * money,
    )
