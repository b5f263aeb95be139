"""Fear and greed index: a daily series from 0 (extreme fear) to 100 (extreme greed)."""

import numpy as np
import polars as pl

from quaestor.adapters.sources.dated.series import DatedSeries
from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.domain.bars import NANOSECONDS_PER_DAY
from quaestor.errors import DataError


def fear_greed_series(source: SourceFile, known_after_ns: int = NANOSECONDS_PER_DAY) -> DatedSeries:
    """A daily index, such as that of alternative.me.

    Its publisher stamps a day's value with the midnight at which the day begins, but copies of the index differ in
    whether a date means that or the day that the value sums up. So the value of a date counts as known from the
    midnight that ends it: a day late at worst, never early.

    Args:
        source: file with a date column and `fng` (or its aliases), one row a day, in any order.
        known_after_ns: from the start of its date on until a value is known.

    Raises:
        DataError: the file is damaged, lacks a column, holds a value outside 0 … 100, or a date twice.
    """
    time, value = source.column("ts"), source.column("fear_greed")
    rows = source.rows(time, pl.col(value).cast(pl.Float64))
    dates = rows.stamps(time)
    order = np.argsort(dates, kind="stable")
    dates, values = dates[order], rows.floats(value)[order]
    outside = ~((values >= 0.0) & (values <= 100.0))
    if outside.any():
        k = int(np.argmax(outside))
        raise DataError(
            f"row {order[k]} ({format_moment(int(dates[k]))}): {values[k]:g} is no value from 0 to 100",
            place=source.place,
            remedy="remove or mend the row",
        )
    twice = np.flatnonzero(np.diff(dates) == 0)
    if len(twice):
        raise DataError(f"{format_moment(int(dates[twice[0]]))} comes twice", place=source.place)
    return DatedSeries(f"fear and greed, {source.path.name}", dates + known_after_ns, values)
