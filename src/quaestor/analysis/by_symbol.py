"""Symbol figures: a run symbol by symbol; they add up to the account's."""

from dataclasses import dataclass

import numpy as np

from quaestor.analysis.collector import Tally
from quaestor.domain.market_matrix import Column
from quaestor.engine.feed import TradedInstrument
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Purpose


@dataclass(frozen=True, slots=True)
class SymbolFigures:
    """Figures of one symbol of a run. Fractions are plain, money is in the settlement asset; `pnl` is net of fees and
    funding, an open position marked at its last close."""

    symbol: str
    market: str
    bars: int
    first_ts: int
    last_ts: int
    buy_and_hold_return: float
    trades: int
    win_rate: float | None
    profit_factor: float | None
    pnl: float
    fees: float
    funding: float
    exposure: float
    vetoes: int
    shrinks: int
    liquidations: int


def figures_of(index: int, traded: TradedInstrument, tally: Tally, trades: Table) -> SymbolFigures:
    """Return the figures of the account's instrument `index`; `trades` are all round trips (dtype
    `ledger.rows.TRADE`)."""
    own = trades[trades["instrument"] == index]
    quantum = float(traded.instrument.quantum)
    gains = int(own["pnl"][own["pnl"] > 0].sum())
    losses = -int(own["pnl"][own["pnl"] < 0].sum())
    return SymbolFigures(
        symbol=traded.bars.symbol,
        market=traded.bars.market,
        bars=tally.bars,
        first_ts=int(traded.bars.ts[0]),
        last_ts=int(traded.bars.ts[-1]),
        buy_and_hold_return=held_return(traded),
        trades=len(own),
        win_rate=float(np.mean(own["pnl"] > 0)) if len(own) else None,
        profit_factor=gains / losses if losses else None,
        pnl=int(own["pnl"].sum()) * quantum,
        fees=int(own["fee"].sum()) * quantum,
        funding=int(own["funding"].sum()) * quantum,
        exposure=tally.bars_in_position / tally.bars if tally.bars else 0.0,
        vetoes=tally.vetoes,
        shrinks=tally.shrinks,
        liquidations=int(np.count_nonzero(own["reason"] == Purpose.LIQUIDATION)),
    )


def held_return(traded: TradedInstrument) -> float:
    """Return the gain of holding from the first open to the last close, before costs, as a fraction."""
    return float(traded.bars.column(Column.CLOSE)[-1] / traded.bars.column(Column.OPEN)[0] - 1.0)
