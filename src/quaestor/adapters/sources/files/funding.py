"""Funding settlements and mark prices of perpetuals, from files."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.instruments.catalog import InstrumentTable
from quaestor.adapters.sources.files.columns import canonical_symbol, find_column, require_column
from quaestor.adapters.sources.files.naming import require_matching_name
from quaestor.adapters.sources.files.stamps import format_moment, to_nanoseconds
from quaestor.adapters.sources.files.tables import Table, open_table
from quaestor.domain.bars import Funding
from quaestor.errors import DataError, UnknownNameError

# Venues stamp settlements some milliseconds late; the mark is the open of the candle that opened at most this long ago.
_SETTLEMENT_LATE_NS_MAX = 60_000_000_000


def load_funding(path: Path, symbol: str, instruments: InstrumentTable, mark: Path | None = None) -> Funding:
    """Settlements of one instrument: stamps int64[n] as recorded, rates as fractions, and mark prices.

    Args:
        path: file with a time column and `funding_rate` (or its aliases; freqtrade keeps the rate in `open`), with a
            symbol column or of one instrument.
        symbol: canonical.
        instruments: known symbols, to catch a file of another instrument by its name.
        mark: file of mark price candles; the mark of a settlement is the open of the candle that opens at that
            instant (at most a minute before), NaN when there is none.

    Raises:
        DataError, UnknownNameError: as `load_bars`; also for rates that are not finite or stamps not ascending.
    """
    rate_table = open_table(path)
    rate_column = find_column(rate_table.names, "rate") or require_column(rate_table.names, "open", rate_table.place)
    ts, rate = _read_series(rate_table, symbol, rate_column, instruments)
    if not np.all(np.abs(rate) < 1.0):
        largest = rate[np.argmax(np.abs(rate))]
        raise DataError(
            f"column '{rate_column}' holds no funding rates of {symbol}: {largest} is no fraction",
            place=rate_table.place,
            remedy="give a file with rates such as 0.0001",
        )
    marks = np.full(len(ts), np.nan)
    if mark is not None:
        mark_table = open_table(mark)
        mark_column = require_column(mark_table.names, "open", mark_table.place)
        opened, price = _read_series(mark_table, symbol, mark_column, instruments)
        if np.any(price <= 0):
            raise DataError(f"a mark price of {symbol} is not positive", place=mark_table.place)
        marks = _mark_at(ts, opened, price)
    return Funding(ts, rate, marks)


def _mark_at(ts: NDArray[np.int64], opened: NDArray[np.int64], price: NDArray[np.float64]) -> NDArray[np.float64]:
    latest = np.searchsorted(opened, ts, side="right") - 1
    fresh = (latest >= 0) & (ts - opened[latest] <= _SETTLEMENT_LATE_NS_MAX)
    marks: NDArray[np.float64] = np.where(fresh, price[latest], np.nan)
    return marks


def _read_series(
    table: Table, symbol: str, value: str, instruments: InstrumentTable
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Stamps and values of one instrument, checked to be finite and ascending, never empty."""
    time = require_column(table.names, "ts", table.place)
    query = table.frame.with_row_index("__row")
    symbol_column = find_column(table.names, "symbol")
    if symbol_column is None:
        require_matching_name(table.path, symbol, instruments)
    else:
        column = pl.col(symbol_column).cast(pl.String)
        names = table.collect(table.frame.select(column.unique())).to_series().drop_nulls().to_list()
        by_canonical = {canonical_symbol(str(name)): name for name in names}
        if symbol not in by_canonical:
            raise UnknownNameError("symbol", symbol, by_canonical, place=table.place)
        query = query.filter(column == by_canonical[symbol])
    frame = table.collect(query.select("__row", time, pl.col(value).cast(pl.Float64)))
    rows = frame["__row"].cast(pl.Int64).to_numpy()
    ts, values = to_nanoseconds(frame[time], rows, table.place), frame[value].to_numpy()
    if not len(ts):
        raise DataError(f"no rows of {symbol}", place=table.place)
    bad = ~np.isfinite(values)
    bad[1:] |= np.diff(ts) <= 0
    if bad.any():
        k = int(np.argmax(bad))
        what = f"{value} is {values[k]}" if not np.isfinite(values[k]) else "the stamp is not later than the row before"
        raise DataError(f"row {rows[k]} ({symbol}, {format_moment(int(ts[k]))}): {what}", place=table.place)
    return ts, values
