"""Bar rows: rows of one instrument as a source file holds them, before any assessment."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.columns import BAR_FIELDS, FLOW_FIELDS, canonical_symbol, is_wide, wide_symbols
from quaestor.adapters.sources.files.rows import FileRows
from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import DataError, UnknownNameError
from quaestor.market.bars.interval import detect_interval


@dataclass(frozen=True, slots=True)
class BarRows:
    """Stamps int64[n], values float64 (m, n) with NaN where the file has nothing, and the data row of each, from 0.

    The values are the five of a bar, then number of trades and volume bought where the file has them.
    `place` is the file.
    """

    place: str
    symbol: str
    ts: NDArray[np.int64]
    columns: NDArray[np.float64]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ts)

    def where(self, mask: NDArray[np.bool_]) -> "BarRows":
        """The rows of a mask."""
        if mask.all():
            return self
        columns = np.ascontiguousarray(self.columns[:, mask])
        return BarRows(self.place, self.symbol, self.ts[mask], columns, self.numbers[mask])

    def interval_ns(self, timeframe: str | None) -> int:
        """Length of a bar by the stamps; when they show none (a single row), the timeframe given.

        Raises:
            DataError: when neither says.
        """
        interval = detect_interval(self.ts)
        if interval is None:  # a file in descending order still shows its steps
            interval = detect_interval(np.unique(self.ts))
        if interval is not None:
            return interval
        if timeframe is None:
            raise DataError(
                f"{len(self)} rows of {self.symbol} do not show how long a bar is",
                place=self.place,
                remedy="give --timeframe",
            )
        return parse_timeframe(timeframe)


@dataclass(frozen=True, slots=True)
class _BarColumns:
    """Columns of a bar, by their names in the file.

    `flow` names those of FLOW_FIELDS, up to the last that the file has; None for one that it lacks.
    """

    time: str
    values: tuple[str, ...]
    flow: tuple[str | None, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.time, *self.values, *(name for name in self.flow if name is not None))


def list_symbols(source: SourceFile) -> tuple[str, ...]:
    """Symbols that the file itself names, canonical and in file order; empty for a file of one unnamed instrument.

    Raises:
        DataError: when the file holds no bars at all.
    """
    if is_wide(source.names):
        return tuple(wide_symbols(source.names))
    _long_columns(source)
    return tuple(source.spellings)


def choose_symbols(source: SourceFile, symbol: str | None) -> tuple[str, ...]:
    """The instruments to look at: the one asked for, else all that the file names, else the one its name says.

    Raises:
        DataError: when neither the file nor its name says which instrument it holds, or its name says another.
        UnknownNameError: when the text cannot be a symbol.
    """
    inside = list_symbols(source)
    if symbol is not None:
        wanted = canonical_symbol(symbol)
        if not inside:
            source.refuse_other_name(wanted)
        return (wanted,)
    if inside:
        return inside
    named = source.symbols_in_name
    if len(named) != 1:
        raise DataError(
            "neither the file nor its name says which instrument it holds", place=source.place, remedy="give --symbol"
        )
    return named


def read_bar_rows(source: SourceFile, symbol: str) -> BarRows:
    """Rows of one instrument in file order.

    Args:
        source: an open file.
        symbol: canonical.

    Raises:
        UnknownNameError: when the file names symbols, and this is none of them.
        DataError: when a column is missing or holds no numbers, a time stamp is unusable, or a file of one unnamed
            instrument is of another by its name.
    """
    if is_wide(source.names):
        columns = _wide_columns(source, symbol)
        empty = pl.all_horizontal(pl.col(name).is_null() for name in columns.values)
        return _bar_rows(source.rows(*columns.names, only=~empty), columns, symbol)
    columns = _long_columns(source)
    return _bar_rows(source.rows_of(symbol, *columns.names), columns, symbol)


def _bar_rows(rows: FileRows, columns: _BarColumns, symbol: str) -> BarRows:
    values = np.full((N_COLUMNS + len(columns.flow), len(rows)), np.nan)
    for k, (name, meaning) in enumerate(zip(columns.values, BAR_FIELDS, strict=True)):
        values[k] = rows.floats(name, meaning)
    for k, flow in enumerate(columns.flow, start=N_COLUMNS):
        if flow is not None:
            values[k] = rows.frame[flow].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    return BarRows(rows.place, symbol, rows.stamps(columns.time), values, rows.numbers)


def _long_columns(source: SourceFile) -> _BarColumns:
    """The columns of a bar in a file of one instrument, or of many under a symbol column.

    Raises:
        DataError: naming every missing column and listing those found.
    """
    missing = [field for field in ("ts", *BAR_FIELDS) if source.find(field) is None]
    if missing:
        raise DataError(
            f"no column {' or '.join(missing)}",
            place=source.place,
            remedy=f"bars need ts, {', '.join(BAR_FIELDS)}; found: {', '.join(source.names) or 'none'}",
        )
    flow = [source.find(field) for field in FLOW_FIELDS]
    while flow and flow[-1] is None:
        flow.pop()
    return _BarColumns(source.column("ts"), tuple(source.column(field) for field in BAR_FIELDS), tuple(flow))


def _wide_columns(source: SourceFile, symbol: str) -> _BarColumns:
    """The columns of a bar of one instrument in a wide file.

    Raises:
        UnknownNameError: when the file holds other instruments only.
        DataError: when the time column or a column of the instrument is missing.
    """
    known = wide_symbols(source.names)
    if symbol not in known:
        raise UnknownNameError("symbol", symbol, known, place=source.place)
    missing = [f"{symbol}_{field}" for field in BAR_FIELDS if field not in known[symbol]]
    if missing:
        raise DataError(
            f"no column {' or '.join(missing)}", place=source.place, remedy=f"found: {', '.join(source.names)}"
        )
    return _BarColumns(source.column("ts"), tuple(known[symbol][field] for field in BAR_FIELDS))
