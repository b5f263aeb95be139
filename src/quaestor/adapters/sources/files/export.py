"""Export of bars into a plain file that every reader here takes back."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from quaestor.adapters.stores.frames import replace_frame
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import BAR_COLUMNS
from quaestor.errors import OutputError


def export_bars(series: Sequence[Bars], path: Path) -> int:
    """Write series in long form: symbol, ts (int64 ns UTC, open of the bar), open, high, low, close, volume.

    What else a series holds (trades, volume bought, a book) is not written.
    The file appears whole or not at all. Returns the number of rows.

    Raises:
        OutputError: when it cannot be written, or its name ends neither in .parquet nor in .csv.
    """
    if path.suffix not in (".parquet", ".csv"):
        raise OutputError(f"'{path.suffix}' is no format for bars", place=str(path), remedy="use .parquet or .csv")
    frame = pl.concat([_frame(bars) for bars in series])
    replace_frame(path, frame, level=19)
    return len(frame)


def _frame(bars: Bars) -> pl.DataFrame:
    values = {column.name.lower(): bars.columns[column] for column in BAR_COLUMNS}
    frame = pl.DataFrame({"ts": bars.ts, **values})
    return frame.select(pl.lit(bars.symbol).alias("symbol"), pl.all())
