"""Account snapshot: margin, exposure, distance to liquidation, loss at the stops and correlation."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.engine.engine import Engine
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderType
from quaestor.ledger.ledger import available, is_liquidated, margin_of, value_floor
from quaestor.ledger.order_table import is_live
from quaestor.ledger.rows import NO_LIMIT

#: Greatest multiple of the mark up to which a liquidation price is searched.
_FURTHEST = 1_000


@dataclass(frozen=True, slots=True)
class PositionSnapshot:
    """Snapshot of one instrument. Money in quanta, prices in ticks, quantities in lots, fractions plain.

    Attributes:
        lots: held, signed.
        mark: last close; 0 before the first bar.
        notional: worth at the mark, positive.
        unrealised: profit of the open position at the mark, before what closing costs.
        margin: posted for it.
        liquidation: price at which the venue takes it over; None: there is none.
        liquidation_distance: move of the price from the mark to there, as a positive fraction of the mark.
        at_stops: loss against the mark if every protective stop fills at its trigger; uncovered lots count at their
            full value.
    """

    lots: int
    mark: int
    notional: int
    unrealised: int
    margin: int
    liquidation: int | None
    liquidation_distance: float | None
    at_stops: int


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """Snapshot of the account. Money in quanta, fractions plain.

    Attributes:
        margin_used: set aside for margined positions, proceeds of short sales included.
        available: cash that is free.
        gross: notional of all positions together; `net` with sign.
        exposure: as `gross`, but margin instead of notional for perpetuals.
        correlation: float64 (n, n) of bar returns, exponentially weighted; NaN where it is not known.
        deviation: standard deviation of the profit of all positions over one bar, from those correlations.
    """

    equity: int
    cash: int
    available: int
    margin_used: int
    gross: int
    net: int
    exposure: int
    correlation: NDArray[np.float64]
    deviation: float
    positions: tuple[PositionSnapshot, ...]


def take_snapshot(engine: Engine) -> AccountSnapshot:
    """Return a snapshot of an engine between two events, which is not changed."""
    ledger = engine.account[0]["ledger"]
    positions = tuple(_position(engine, index) for index in range(len(engine.books)))
    signed = np.array([math.copysign(entry.notional, entry.lots) if entry.lots else 0.0 for entry in positions])
    deviations = np.sqrt(engine.books["risk"]["variance"])
    correlation = correlation_of(engine.books["risk"])
    risks = signed * deviations
    variance = float(np.einsum("i,ij,j", risks, np.nan_to_num(correlation, nan=0.0), risks))
    return AccountSnapshot(
        equity=engine.equity_quanta,
        cash=int(ledger["cash"]),
        available=int(available(ledger)),
        margin_used=int(ledger["reserved"]),
        gross=int(ledger["gross"]),
        net=int(signed.sum()),
        exposure=int(ledger["exposure"]),
        correlation=correlation,
        deviation=math.sqrt(max(variance, 0.0)),
        positions=positions,
    )


def correlation_of(memory: Table) -> NDArray[np.float64]:
    """Return the correlation of every pair of instruments from the risk books (dtype RISK_BOOK), float64 (n, n).

    NaN where a pair has had no common bar, or a price has not moved.
    """
    n = len(memory)
    deviations = np.sqrt(memory["variance"])
    joint = np.array(memory["covariance"][:, :n], dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(joint != 0.0, joint / np.outer(deviations, deviations), np.nan)
    found = np.clip(found, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _position(engine: Engine, index: int) -> PositionSnapshot:
    book, instrument = engine.books[index], engine.instruments[index]
    position, mark = book["position"], int(book["risk"]["last_close"])
    lots = int(position["lots"])
    n_orders = int(engine.account[0]["order_state"]["n_orders"])
    price = liquidation_ticks(position, instrument, mark) if lots and mark else 0
    return PositionSnapshot(
        lots=lots,
        mark=mark,
        notional=int(position["notional"]),
        unrealised=int(position["value"]) - (0 if instrument["margined"] else int(position["cost"])),
        margin=int(margin_of(position, instrument)),
        liquidation=price or None,
        liquidation_distance=abs(price - mark) / mark if price else None,
        at_stops=loss_at_stops(engine.orders, n_orders, position, instrument, index, mark) if lots and mark else 0,
    )


@kernel
def liquidation_ticks(position: Row, instrument: Row, mark: int) -> int:
    """Return the price nearest to `mark` at which the position is liquidated, on its losing side; 0: there is none."""
    if is_liquidated(position, instrument, mark):
        return mark
    safe = mark
    lost = 1
    if position["lots"] < 0:
        lost = min(mark * _FURTHEST, NO_LIMIT // max(-position["lots"] * max(instrument["multiplier"], 1), 1))
    if not is_liquidated(position, instrument, lost):
        return 0
    while abs(lost - safe) > 1:
        middle = (lost + safe) // 2
        if is_liquidated(position, instrument, middle):
            lost = middle
        else:
            safe = middle
    return lost


@kernel
def loss_at_stops(orders: Table, n_orders: int, position: Row, instrument: Row, index: int, mark: int) -> int:
    """Return the loss in quanta if each protective stop fills at its trigger; uncovered lots count at full value."""
    side = 1 if position["lots"] > 0 else -1
    uncovered = abs(position["lots"])
    loss = 0
    for k in range(n_orders):
        order = orders[k]
        is_stop = order["type"] == OrderType.STOP and order["reduce_only"] != 0
        if is_stop and order["instrument"] == index and is_live(order):
            lots = min(order["lots"] - order["filled"], uncovered)
            signed = side * lots
            loss += value_floor(instrument, signed, mark) - value_floor(instrument, signed, order["trigger"])
            uncovered -= lots
    return max(loss, 0) + abs(value_floor(instrument, uncovered, mark))
