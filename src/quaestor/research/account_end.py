"""The account as a run left it, in units of the market."""

from dataclasses import dataclass

import numpy as np

from quaestor.engine.snapshot import AccountSnapshot
from quaestor.runtime.feed import Member


@dataclass(frozen=True, slots=True)
class PositionFigures:
    """One open position. Quantities and prices in units of the market, money in the settlement asset."""

    symbol: str
    position: float
    mark: float
    notional: float
    unrealised: float
    margin: float
    liquidation_price: float | None
    liquidation_distance: float | None
    at_stops: float


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """See `engine.snapshot.AccountSnapshot`; a fraction that has no value is None. `positions`: those open."""

    equity: float
    available: float
    margin_used: float
    gross: float
    net: float
    leverage: float | None
    heat: float | None
    deviation: float | None
    correlation: list[list[float | None]]
    positions: list[PositionFigures]


def account_figures(taken: AccountSnapshot, members: tuple[Member, ...]) -> AccountFigures:
    """A snapshot as results tell it."""
    money = float(members[0].instrument.quantum)
    return AccountFigures(
        equity=taken.equity * money,
        available=taken.available * money,
        margin_used=taken.margin_used * money,
        gross=taken.gross * money,
        net=taken.net * money,
        leverage=_known(taken.leverage),
        heat=_known(taken.heat),
        deviation=_known(taken.deviation),
        correlation=[[_known(value) for value in row] for row in taken.correlation.tolist()],
        positions=[
            PositionFigures(
                symbol=member.bars.symbol,
                position=entry.lots * float(member.instrument.lot_size),
                mark=entry.mark * float(member.instrument.tick_size),
                notional=entry.notional * money,
                unrealised=entry.unrealised * money,
                margin=entry.margin * money,
                liquidation_price=_price(entry.liquidation, member),
                liquidation_distance=entry.liquidation_distance,
                at_stops=entry.at_stops * money,
            )
            for entry, member in zip(taken.positions, members, strict=True)
            if entry.lots
        ],
    )


def _price(ticks: int | None, member: Member) -> float | None:
    return None if ticks is None else ticks * float(member.instrument.tick_size)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
