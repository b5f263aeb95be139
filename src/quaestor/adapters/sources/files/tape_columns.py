"""Columns of a file of book changes, quotes or trades, checked value by value."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.instruments.catalog import InstrumentTable
from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.naming import require_matching_name
from quaestor.adapters.sources.files.stamps import to_nanoseconds
from quaestor.adapters.sources.files.tables import FOREIGN_ERRORS, Table, open_table
from quaestor.errors import DataError, UnknownNameError

_TICKS_MAX = 2.0**53
_ROUNDING = 1e-6  # of a tick: what a price in float64 may be off its grid


@dataclass(frozen=True, slots=True)
class TapeColumns:
    """Columns of one instrument's rows in file order; times never go back."""

    place: str
    frame: pl.DataFrame
    rows: NDArray[np.int64]  # of the file, for messages

    def __len__(self) -> int:
        return len(self.frame)

    def stamps(self) -> NDArray[np.int64]:
        """Arrival times, ns UTC."""
        return to_nanoseconds(self.frame["local_ts"], self.rows, self.place)

    def whole(self, name: str) -> NDArray[np.int64]:
        """A column of whole numbers; a flag gives 0 and 1.

        Raises:
            DataError: when a value is missing or none.
        """
        series = self.frame[name]
        if not (series.dtype.is_integer() or series.dtype == pl.Boolean):
            raise DataError(f"column '{name}' of type {series.dtype} holds no whole numbers", place=self.place)
        self._refuse_first(series.is_null().to_numpy(), f"no {name}")
        return series.cast(pl.Int64).to_numpy()

    def size(self, name: str, *, least: str) -> NDArray[np.float64]:
        """A column of sizes, "positive" or "not negative" by `least`.

        Raises:
            DataError: when a value is missing, not finite or too small.
        """
        values = self._number(name)
        wrong = ~(values > 0.0) if least == "positive" else ~(values >= 0.0)
        self._refuse_first(wrong, f"{name} is not {least}" if least == "positive" else f"{name} is negative")
        return values

    def ticks(self, name: str, tick_size: Decimal) -> NDArray[np.int64]:
        """A column of prices in ticks.

        Raises:
            DataError: when a value is missing, not positive or between two ticks.
        """
        values = self._number(name)
        self._refuse_first(~(values > 0.0), f"{name} is not positive")
        numerator, denominator = tick_size.as_integer_ratio()
        exact = values * denominator / numerator
        ticks = np.rint(exact)
        self._refuse_first(
            (np.abs(exact - ticks) > _ROUNDING) | (ticks > _TICKS_MAX), f"{name} is no multiple of the tick {tick_size}"
        )
        return ticks.astype(np.int64)

    def text(self, name: str) -> NDArray[np.str_]:
        """A column of short texts; empty where missing."""
        return self.frame[name].cast(pl.String).fill_null("").to_numpy().astype(np.str_)

    def refuse_unsorted(self, ts: NDArray[np.int64]) -> None:
        """DataError at the first stamp before that of the row above."""
        self._refuse_first(np.diff(ts, prepend=ts[:1]) < 0, "local_ts is earlier than in the row before (unsorted)")

    def _number(self, name: str) -> NDArray[np.float64]:
        try:
            values = self.frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        except FOREIGN_ERRORS as error:
            raise DataError(
                f"column '{name}' of type {self.frame[name].dtype} holds no numbers", place=self.place
            ) from error
        self._refuse_first(~np.isfinite(values), f"{name} is no finite number")
        return values

    def _refuse_first(self, wrong: NDArray[np.bool_], what: str) -> None:
        if wrong.any():
            row = int(self.rows[np.argmax(wrong)])
            raise DataError(f"row {row}: {what}", place=self.place, remedy="mend or remove that row")


def read_tape_columns(
    path: Path, symbol: str, names: Sequence[str], instruments: InstrumentTable, optional: Sequence[str] = ()
) -> TapeColumns:
    """Columns of the rows of one instrument, of a file that holds one or says which in a column `symbol`.

    Raises:
        DataError: when the file is missing or damaged, lacks a column or has no row of the instrument.
        UnknownNameError: when it names other symbols only.
    """
    table = open_table(path)
    missing = [name for name in names if name not in table.names]
    if missing:
        raise DataError(
            f"no column {' or '.join(missing)}", place=table.place, remedy=f"found: {', '.join(table.names) or 'none'}"
        )
    query = table.frame.with_row_index("__row")
    if "symbol" in table.names:
        query = query.filter(pl.col("symbol").cast(pl.String) == _name_inside(table, symbol))
    else:
        require_matching_name(path, symbol, instruments)
    kept = [*names, *(name for name in optional if name in table.names)]
    frame = table.collect(query.select("__row", *kept))
    if not len(frame):
        raise DataError(f"no rows of {symbol}", place=table.place, remedy="give a file that holds some")
    return TapeColumns(table.place, frame, frame["__row"].cast(pl.Int64).to_numpy())


def _name_inside(table: Table, symbol: str) -> str:
    """How a file spells a symbol."""
    found = table.collect(table.frame.select(pl.col("symbol").cast(pl.String).unique(maintain_order=True))).to_series()
    by_canonical = {canonical_symbol(name): name for name in found.drop_nulls()}
    if symbol not in by_canonical:
        raise UnknownNameError("symbol", symbol, by_canonical, place=table.place)
    return str(by_canonical[symbol])
