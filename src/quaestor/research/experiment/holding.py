"""Holding: instruments bought at the first open and sold at the last close, costs on both."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.engine.feed import TradedInstrument
from quaestor.research.experiment.money import TrackRecord, daily_of
from quaestor.runtime.config import RunConfig

#: Names of holding the whole account in equal parts, and of holding as much as one full signal of each instrument.
HOLDING = "holding"
HOLDING_SMALL = "holding, same size"

_NO_TRADES = pl.DataFrame(schema={"pnl": pl.Float64, "symbol": pl.String, "entry_ts": pl.Int64})


def hold(
    name: str,
    traded_instruments: Sequence[TradedInstrument],
    config: RunConfig,
    start_ts: int,
    end_ts: int,
    part: float,
) -> TrackRecord:
    """Return the track record of a part of the account held in each instrument over the bars that open in [start,
    end); the rest is cash.

    An instrument that begins later is cash until then. Parts are not balanced again. Funding is not paid.
    """
    capital = float(config.account.capital)
    own = [_bars(traded, start_ts, end_ts) for traded in traded_instruments]
    clock = np.unique(np.concatenate([ts for ts, _, _ in own]))
    equity = np.full(len(clock), capital)
    fees = frictions = turnover = 0.0
    friction = (config.costs.slippage_bps + config.costs.spread_bps) / 10_000
    for traded, (ts, entry, closes) in zip(traded_instruments, own, strict=True):
        if not len(ts):
            continue
        fee = float(traded.instrument.taker_fee)
        at = np.searchsorted(ts, clock, side="right") - 1
        growth = np.where(at >= 0, closes[np.maximum(at, 0)] / entry, 1.0)
        bought, sold = capital * part, capital * part * float(growth[-1])
        equity += np.where(at >= 0, capital * part * (growth - 1.0) - bought * (fee + friction), 0.0)
        equity[-1] -= sold * (fee + friction)
        fees += (bought + sold) * fee
        frictions += (bought + sold) * friction
        turnover += bought + sold
    daily = daily_of(capital, clock, equity)
    return TrackRecord(
        name=name,
        days=daily.days(),
        returns=daily.returns(),
        ts=clock + traded_instruments[0].bars.interval_ns,
        equity=equity,
        held=1.0,
        max_drawdown=daily.max_drawdown,
        trades=_NO_TRADES,
        traded=turnover,
        fees=fees,
        frictions=frictions,
        funding=0.0,
    )


def both_holdings(
    traded_instruments: Sequence[TradedInstrument], config: RunConfig, start_ts: int, end_ts: int
) -> tuple[TrackRecord, TrackRecord]:
    """Return holding the whole account, and as little of it as the strategies put into a full signal."""
    whole = 1.0 / len(traded_instruments)
    small = min(config.account.size, whole)
    return (
        hold(HOLDING, traded_instruments, config, start_ts, end_ts, whole),
        hold(HOLDING_SMALL, traded_instruments, config, start_ts, end_ts, small),
    )


def _bars(traded: TradedInstrument, start_ts: int, end_ts: int) -> tuple[NDArray[np.int64], float, NDArray[np.float64]]:
    """Return stamps, the first open, and closes of a period."""
    ts = traded.bars.ts
    rows = slice(int(np.searchsorted(ts, start_ts)), int(np.searchsorted(ts, end_ts)))
    opens, closes = traded.bars.column(Column.OPEN)[rows], traded.bars.column(Column.CLOSE)[rows]
    return ts[rows], float(opens[0]) if len(opens) else 1.0, closes
