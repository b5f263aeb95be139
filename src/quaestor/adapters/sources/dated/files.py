"""Dated series of known kinds: a fear and greed index, funding rates, the close of another instrument."""

from pathlib import Path

import numpy as np
import polars as pl

from quaestor.adapters.sources.dated.series import DatedSeries, close_stamps
from quaestor.adapters.sources.files.columns import require_column
from quaestor.adapters.sources.files.stamps import format_moment, to_nanoseconds
from quaestor.adapters.sources.files.tables import open_table
from quaestor.domain.bars import NANOSECONDS_PER_DAY, Bars, Funding
from quaestor.domain.market_matrix import Column
from quaestor.errors import DataError


def fear_greed_series(path: Path, known_after_ns: int = NANOSECONDS_PER_DAY) -> DatedSeries:
    """A daily index from 0 (extreme fear) to 100 (extreme greed), such as that of alternative.me.

    Its publisher stamps a day's value with the midnight at which the day begins, but copies of the index differ in
    whether a date means that or the day that the value sums up. So the value of a date counts as known from the
    midnight that ends it: a day late at worst, never early.

    Args:
        path: file with a date column and `fng` (or its aliases), one row a day, in any order.
        known_after_ns: from the start of its date on until a value is known.

    Raises:
        DataError: the file is missing, damaged, lacks a column, holds a value outside 0 … 100, or a date twice.
    """
    table = open_table(path)
    time = require_column(table.names, "ts", table.place)
    value = require_column(table.names, "fear_greed", table.place)
    frame = table.collect(table.frame.select(time, pl.col(value).cast(pl.Float64)))
    dates = to_nanoseconds(frame[time], np.arange(len(frame)), table.place)
    order = np.argsort(dates, kind="stable")
    dates, values = dates[order], frame[value].to_numpy()[order]
    outside = ~((values >= 0.0) & (values <= 100.0))
    if outside.any():
        k = int(np.argmax(outside))
        raise DataError(
            f"row {order[k]} ({format_moment(int(dates[k]))}): {values[k]:g} is no value from 0 to 100",
            place=table.place,
            remedy="remove or mend the row",
        )
    twice = np.flatnonzero(np.diff(dates) == 0)
    if len(twice):
        raise DataError(f"{format_moment(int(dates[twice[0]]))} comes twice", place=table.place)
    return DatedSeries(f"fear and greed, {path.name}", dates + known_after_ns, values)


def funding_series(funding: Funding, name: str = "funding") -> DatedSeries:
    """The last settled rate, a fraction per settlement, known from the settlement's stamp on."""
    return DatedSeries(name, funding.ts, funding.rate)


def close_series(bars: Bars) -> DatedSeries:
    """The close of another instrument, known when its bar closes."""
    return DatedSeries(f"bars of {bars.symbol}", close_stamps(bars), bars.column(Column.CLOSE))
