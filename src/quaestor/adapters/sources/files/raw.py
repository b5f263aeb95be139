"""Rows of one instrument as a file holds them, before any judgement."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.columns import (
    BAR_FIELDS,
    Layout,
    canonical_symbol,
    is_wide,
    long_layout,
    wide_layout,
    wide_symbols,
)
from quaestor.adapters.sources.files.stamps import to_nanoseconds
from quaestor.adapters.sources.files.tables import FOREIGN_ERRORS, Table
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.errors import DataError, UnknownNameError

_ROW = "__row"


@dataclass(frozen=True, slots=True)
class RawBars:
    """Stamps int64[n], values float64 (m, n) with NaN where the file has nothing, and the data row of each, from 0.

    The values are the five of a bar, then number of trades and volume bought where the file has them.
    """

    symbol: str
    ts: NDArray[np.int64]
    columns: NDArray[np.float64]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ts)

    def where(self, mask: NDArray[np.bool_]) -> "RawBars":
        """The rows of a mask."""
        if mask.all():
            return self
        return RawBars(self.symbol, self.ts[mask], np.ascontiguousarray(self.columns[:, mask]), self.rows[mask])


def names_symbols(table: Table) -> bool:
    """Whether the file itself says which instruments it holds."""
    return is_wide(table.names) or long_layout(table.names, table.place).symbol is not None


def list_symbols(table: Table) -> tuple[str, ...]:
    """Symbols that the file itself names, canonical and in file order; empty for a file of one unnamed instrument.

    Raises:
        DataError: when the file holds no bars at all.
    """
    if is_wide(table.names):
        return tuple(wide_symbols(table.names))
    layout = long_layout(table.names, table.place)
    return tuple(canonical_symbol(name) for name in _names_in(table, layout))


def read_raw(table: Table, symbol: str) -> RawBars:
    """Rows of one instrument in file order.

    Args:
        table: an open file.
        symbol: canonical; ignored by a file that names no symbols.

    Raises:
        UnknownNameError: when the file names symbols, and this is none of them.
        DataError: when a column is missing or holds no numbers, or a time stamp is unusable.
    """
    if is_wide(table.names):
        known = wide_symbols(table.names)
        if symbol not in known:
            raise UnknownNameError("symbol", symbol, known, place=table.place)
        layout = wide_layout(table.names, symbol, table.place)
        query = table.frame.with_row_index(_ROW)
        query = query.filter(~pl.all_horizontal(pl.col(name).is_null() for name in layout.values))
        return _to_raw(table, query, layout, symbol)
    layout = long_layout(table.names, table.place)
    query = table.frame.with_row_index(_ROW)
    if layout.symbol is not None:
        by_canonical = {canonical_symbol(name): name for name in _names_in(table, layout)}
        if symbol not in by_canonical:
            raise UnknownNameError("symbol", symbol, by_canonical, place=table.place)
        query = query.filter(pl.col(layout.symbol) == by_canonical[symbol])
    return _to_raw(table, query, layout, symbol)


def _names_in(table: Table, layout: Layout) -> list[str]:
    if layout.symbol is None:
        return []
    column = pl.col(layout.symbol).cast(pl.String)
    names = table.collect(table.frame.select(column.unique(maintain_order=True))).to_series()
    return [str(name) for name in names.drop_nulls()]


def _to_raw(table: Table, query: pl.LazyFrame, layout: Layout, symbol: str) -> RawBars:
    flow = [name for name in layout.flow if name is not None]
    frame = table.collect(query.select(_ROW, layout.time, *layout.values, *flow))
    columns = np.full((N_COLUMNS + len(layout.flow), len(frame)), np.nan)
    for k, name in enumerate(layout.values):
        try:
            columns[k] = frame[name].cast(pl.Float64).to_numpy()
        except FOREIGN_ERRORS as error:
            raise DataError(
                f"column '{name}' ({BAR_FIELDS[k]}) of type {frame[name].dtype} holds no numbers",
                place=table.place,
                remedy="write plain numbers such as 42000.5 there",
            ) from error
    for k, flow_name in enumerate(layout.flow):
        if flow_name is not None:
            columns[N_COLUMNS + k] = frame[flow_name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    rows = frame[_ROW].cast(pl.Int64).to_numpy()
    return RawBars(symbol, to_nanoseconds(frame[layout.time], rows, table.place), columns, rows)
