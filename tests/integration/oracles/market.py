"""Oracle input: real bars on the instrument's grid, and the directions of a moving-average cross."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import talib
from numpy.typing import NDArray

SYMBOL = "BTCUSDT"
TICK = 0.01
LOT = 0.00001
QUANTUM = 0.00000001
#: Quanta of one lot at one tick.
MULTIPLIER = 10
CAPITAL = 10_000
CAPITAL_QUANTA = 10**12
NOTIONAL_MIN_QUANTA = 5 * 10**8
#: 10 bps: a fee is the thousandth part of what changes hands, rounded up to a quantum.
FEE_BPS = 10
FEE_DIVISOR = 1_000

_HOUR_NS = 3_600_000_000_000
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """Moving-average cross on the bars of a file, or on hours of them."""

    name: str
    fast: int
    slow: int
    hourly: bool
    side: str


@dataclass(frozen=True, slots=True)
class Given:
    """Bars (open time in ns UTC, prices in ticks) and the direction targeted at each close; NaN: no opinion."""

    ts: NDArray[np.int64]
    opens: NDArray[np.int64]
    highs: NDArray[np.int64]
    lows: NDArray[np.int64]
    closes: NDArray[np.int64]
    directions: NDArray[np.float64]
    interval_ns: int


@dataclass(frozen=True, slots=True)
class Trade:
    """Round trip: times in ns UTC, lots, prices in ticks. One that is open at the end exits at the last close."""

    entry_ts: int
    exit_ts: int
    side: int
    lots: int
    entry_ticks: int
    exit_ticks: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an oracle: its round trips and its final equity in quanta (fractional where it counts in floats)."""

    trades: list[Trade]
    equity_quanta: float


def give(path: Path, case: Case) -> Given:
    """Read the bars of a case from a file and compute its directions."""
    frame = pl.read_parquet(path)
    if "symbol" in frame.columns:
        frame = frame.filter(pl.col("symbol") == SYMBOL)
    if case.hourly:
        frame = frame.group_by((pl.col("ts") // _HOUR_NS * _HOUR_NS).alias("hour"), maintain_order=True).agg(
            pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last()
        )
        frame = frame.rename({"hour": "ts"})
    interval_ns = _HOUR_NS if case.hourly else _MINUTE_NS
    ts = frame["ts"].to_numpy()
    distance = talib.EMA(frame["close"].to_numpy(), case.fast) - talib.EMA(frame["close"].to_numpy(), case.slow)
    otherwise = -1.0 if case.side == "both" else 0.0
    return Given(
        ts=ts,
        opens=_ticks(frame["open"]),
        highs=_ticks(frame["high"]),
        lows=_ticks(frame["low"]),
        closes=_ticks(frame["close"]),
        directions=np.where(np.isnan(distance), np.nan, np.where(distance > 0.0, 1.0, otherwise)),
        interval_ns=interval_ns,
    )


def _ticks(prices: pl.Series) -> NDArray[np.int64]:
    return np.rint(prices.to_numpy() / TICK).astype(np.int64)
