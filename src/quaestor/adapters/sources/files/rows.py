"""Rows of a source file: columns of some of its rows, checked value by value."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.formats import FOREIGN_ERRORS
from quaestor.adapters.sources.files.stamps import to_nanoseconds
from quaestor.errors import DataError

_TICKS_MAX = 2.0**53
_ROUNDING = 1e-6  # of a tick: what a price in float64 may be off its grid


@dataclass(frozen=True, slots=True)
class FileRows:
    """Columns of some rows in file order, and the number of each row in the file, from 0; `place` is the file."""

    place: str
    frame: pl.DataFrame
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frame)

    def stamps(self, name: str) -> NDArray[np.int64]:
        """A column of times, int64[n] ns UTC; see `stamps.to_nanoseconds`."""
        return to_nanoseconds(self.frame[name], self.numbers, self.place)

    def floats(self, name: str, meaning: str = "") -> NDArray[np.float64]:
        """A column of numbers, float64[n]; NaN where missing.

        Args:
            name: of the column.
            meaning: what the column stands for, for the message.

        Raises:
            DataError: when it holds something else.
        """
        series = self.frame[name]
        try:
            return series.cast(pl.Float64).fill_null(np.nan).to_numpy()
        except FOREIGN_ERRORS as error:
            column = f"'{name}' ({meaning})" if meaning else f"'{name}'"
            raise DataError(
                f"column {column} of type {series.dtype} holds no numbers",
                place=self.place,
                remedy="write plain numbers such as 42000.5 there",
            ) from error

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

    def sizes(self, name: str, *, least: str) -> NDArray[np.float64]:
        """A column of sizes, "positive" or "not negative" by `least`.

        Raises:
            DataError: when a value is missing, not finite or too small.
        """
        values = self._finite(name)
        wrong = ~(values > 0.0) if least == "positive" else ~(values >= 0.0)
        self._refuse_first(wrong, f"{name} is not {least}" if least == "positive" else f"{name} is negative")
        return values

    def ticks(self, name: str, tick_size: Decimal) -> NDArray[np.int64]:
        """A column of prices in ticks.

        Raises:
            DataError: when a value is missing, not positive or between two ticks.
        """
        values = self._finite(name)
        self._refuse_first(~(values > 0.0), f"{name} is not positive")
        numerator, denominator = tick_size.as_integer_ratio()
        exact = values * denominator / numerator
        ticks = np.rint(exact)
        self._refuse_first(
            (np.abs(exact - ticks) > _ROUNDING) | (ticks > _TICKS_MAX), f"{name} is no multiple of the tick {tick_size}"
        )
        return ticks.astype(np.int64)

    def texts(self, name: str) -> NDArray[np.str_]:
        """A column of short texts; empty where missing."""
        return self.frame[name].cast(pl.String).fill_null("").to_numpy().astype(np.str_)

    def ascending(self, name: str) -> NDArray[np.int64]:
        """As `stamps`, and DataError at the first one before that of the row above."""
        ts = self.stamps(name)
        self._refuse_first(np.diff(ts, prepend=ts[:1]) < 0, f"{name} is earlier than in the row before (unsorted)")
        return ts

    def _finite(self, name: str) -> NDArray[np.float64]:
        values = self.floats(name)
        self._refuse_first(~np.isfinite(values), f"{name} is no finite number")
        return values

    def _refuse_first(self, wrong: NDArray[np.bool_], what: str) -> None:
        if wrong.any():
            row = int(self.numbers[np.argmax(wrong)])
            raise DataError(f"row {row}: {what}", place=self.place, remedy="mend or remove that row")
