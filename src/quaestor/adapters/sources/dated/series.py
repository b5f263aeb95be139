"""Dated series beside bars: each bar gets the last value that was knowable when the bar closed.

A source of further data costs a function that returns a `DatedSeries`; `attach` does the rest.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.domain.bars import Bars, Funding
from quaestor.domain.market_matrix import Column
from quaestor.errors import DataError


@dataclass(frozen=True, slots=True)
class DatedSeries:
    """Values and when each was knowable: `known_ts` int64[m] ns UTC, not descending; `values` float64[m], NaN where
    the source says that it knows nothing. `name` says in messages and notes what it is.

    Raises:
        DataError: stamps that descend, or as many values as stamps.
    """

    name: str
    known_ts: NDArray[np.int64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.known_ts.shape != self.values.shape or self.known_ts.ndim != 1:
            raise DataError(f"{self.values.shape} values for {self.known_ts.shape} stamps", place=self.name)
        back = np.flatnonzero(np.diff(self.known_ts) < 0)
        if len(back):
            k = int(back[0]) + 1
            raise DataError(
                f"value {k} was knowable at {format_moment(int(self.known_ts[k]))}, before the one it follows",
                place=self.name,
                remedy="sort the series by when its values were knowable",
            )

    def at(self, close_ts: NDArray[np.int64]) -> NDArray[np.float64]:
        """The last value knowable at each instant, float64[n]; NaN before the first. Of values with one stamp the last
        counts.

        Example:
            >>> series = DatedSeries("rate", np.array([10, 20]), np.array([0.5, 0.7]))
            >>> series.at(np.array([9, 10, 19, 20, 99]))
            array([nan, 0.5, 0.5, 0.7, 0.7])
        """
        latest = np.searchsorted(self.known_ts, close_ts, side="right") - 1
        held = np.full(len(close_ts), np.nan)
        held[latest >= 0] = self.values[latest[latest >= 0]]
        return held


def funding_series(funding: Funding, name: str = "funding") -> DatedSeries:
    """The last settled rate, a fraction per settlement, known from the settlement's stamp on."""
    return DatedSeries(name, funding.ts, funding.rate)


def close_series(bars: Bars) -> DatedSeries:
    """The close of another instrument, known when its bar closes."""
    return DatedSeries(f"bars of {bars.symbol}", close_stamps(bars), bars.column(Column.CLOSE))


def close_stamps(bars: Bars) -> NDArray[np.int64]:
    """When each bar closes, int64[n] ns UTC."""
    return bars.ts + bars.interval_ns


def attach(bars: Bars, column: Column, dated: DatedSeries) -> Bars:
    """Bars with a row of the market matrix filled from a series, as known at each close.

    Raises:
        DataError: when nothing of the series is knowable by the last bar's close.
    """
    held = dated.at(close_stamps(bars))
    if not np.isfinite(held).any():
        first = format_moment(int(dated.known_ts[0])) if len(dated.known_ts) else "never"
        last = format_moment(int(bars.ts[-1]) + bars.interval_ns) if len(bars) else "none"
        raise DataError(
            f"nothing of it is known while these bars last: it begins {first}, the last bar closes {last}",
            place=dated.name,
            remedy="give a file that covers the bars",
        )
    return with_row(bars, column, held)


def with_row(bars: Bars, column: Column, series: NDArray[np.float64]) -> Bars:
    """Bars whose market matrix holds a series, float64[n], in a row; rows that come into being on the way are NaN."""
    rows = max(len(bars.columns), column + 1)
    columns = np.full((rows, len(bars)), np.nan)
    columns[: len(bars.columns)] = bars.columns
    columns[column] = series
    return replace(bars, columns=columns)
