"""Funding of perpetuals from source files: settlements and, beside them, mark prices."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.domain.bars import Bars, Funding
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError, DataError

# Venues stamp settlements some milliseconds late; the mark is the open of the candle that opened at most this long ago.
_SETTLEMENT_LATE_NS_MAX = 60_000_000_000


def with_funding(bars: Bars, source: SourceFile, funding: SourceFile, mark: SourceFile | None = None) -> Bars:
    """Bars of a perpetual with the settlements that fall while they last, and a note of their source.

    Args:
        bars: of one instrument.
        source: the file that they came from.
        funding, mark: see `load_funding`.

    Raises:
        ConfigError: the market pays no funding.
        DataError, UnknownNameError: as `load_funding`.
    """
    market, why = source.market_of(bars.symbol)
    if market not in ("perp", "inverse"):
        raise ConfigError(
            f"funding on a {market} market ({why})", place="--funding", remedy="give --market perp, or leave it out"
        )
    settled = load_funding(funding, bars.symbol, mark).between(int(bars.ts[0]), int(bars.ts[-1]) + bars.interval_ns)
    note = f"{counted(len(settled.ts), 'funding settlement')} from {funding.path.name} (sha256 {funding.sha256[:16]})"
    return replace(bars, funding=settled, notes=(*bars.notes, note))


def load_funding(source: SourceFile, symbol: str, mark: SourceFile | None = None) -> Funding:
    """Settlements of one instrument: stamps int64[n] as recorded, rates as fractions, and mark prices.

    Args:
        source: file with a time column and `funding_rate` (or its aliases; freqtrade keeps the rate in `open`), with a
            symbol column or of one instrument.
        symbol: canonical.
        mark: file of mark price candles; the mark of a settlement is the open of the candle that opens at that
            instant (at most a minute before), NaN when there is none.

    Raises:
        DataError, UnknownNameError: as `SourceFile.rows_of`; also for rates that are no fractions, marks that are not
            positive, values that are not finite or stamps not ascending.
    """
    column = source.find("rate") or source.column("open")
    ts, rate = _read_series(source, symbol, column)
    if not np.all(np.abs(rate) < 1.0):
        largest = rate[np.argmax(np.abs(rate))]
        raise DataError(
            f"column '{column}' holds no funding rates of {symbol}: {largest} is no fraction",
            place=source.place,
            remedy="give a file with rates such as 0.0001",
        )
    marks = np.full(len(ts), np.nan)
    if mark is not None:
        opened, price = _read_series(mark, symbol, mark.column("open"))
        if np.any(price <= 0):
            raise DataError(f"a mark price of {symbol} is not positive", place=mark.place)
        marks = _mark_at(ts, opened, price)
    return Funding(ts, rate, marks)


def _mark_at(ts: NDArray[np.int64], opened: NDArray[np.int64], price: NDArray[np.float64]) -> NDArray[np.float64]:
    latest = np.searchsorted(opened, ts, side="right") - 1
    fresh = (latest >= 0) & (ts - opened[latest] <= _SETTLEMENT_LATE_NS_MAX)
    marks: NDArray[np.float64] = np.where(fresh, price[latest], np.nan)
    return marks


def _read_series(source: SourceFile, symbol: str, value: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Stamps and values of one instrument, checked to be finite and ascending, never empty."""
    time = source.column("ts")
    rows = source.rows_of(symbol, time, pl.col(value).cast(pl.Float64))
    ts, values = rows.stamps(time), rows.floats(value)
    if not len(ts):
        raise DataError(f"no rows of {symbol}", place=source.place)
    bad = ~np.isfinite(values)
    bad[1:] |= np.diff(ts) <= 0
    if bad.any():
        k = int(np.argmax(bad))
        what = f"{value} is {values[k]}" if not np.isfinite(values[k]) else "the stamp is not later than the row before"
        raise DataError(f"row {rows.numbers[k]} ({symbol}, {format_moment(int(ts[k]))}): {what}", place=source.place)
    return ts, values
