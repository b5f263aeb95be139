"""Feature table: features of one or many instruments as a data frame."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import polars as pl

from quaestor.domain.bars import Bars
from quaestor.features.parallel import OnRows, compute_side_by_side
from quaestor.features.plan import FeaturePlan


def feature_table(
    plan: FeaturePlan,
    names: Sequence[str],
    series: Sequence[Bars],
    *,
    with_symbol: bool = False,
    threads: int = 1,
    on_rows: OnRows | None = None,
) -> pl.DataFrame:
    """Return `ts` (int64 ns UTC, open of the row) and one float64 column a feature, NaN during warm-up.

    Args:
        plan: what to compute.
        names: of its requested features, as the columns shall be called.
        series: the instruments; each is computed by itself, one after another in the table.
        with_symbol: whether a column `symbol` comes first.
        threads: that compute side by side.
        on_rows: called with the number of rows computed since the last call.
    """
    edges = [0, *accumulate(len(bars) for bars in series)]
    ts, columns = _side_by_side(plan.n_columns, series, edges)
    values = compute_side_by_side(plan, ts, columns, edges, threads=threads, on_rows=on_rows)
    table = pl.DataFrame({"ts": ts} | {name: values[row] for row, name in enumerate(names)})
    if not with_symbol:
        return table
    symbols = pl.concat([pl.repeat(bars.symbol, len(bars), eager=True) for bars in series])
    return table.insert_column(0, symbols.alias("symbol"))


def _side_by_side(
    n_columns: int, series: Sequence[Bars], edges: Sequence[int]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Return one matrix of all instruments; that of a single one is taken as it is."""
    if len(series) == 1:
        return series[0].ts, series[0].columns
    ts = np.empty(edges[-1], np.int64)
    columns = np.empty((n_columns, edges[-1]))
    for bars, (start, stop) in zip(series, pairwise(edges), strict=True):
        ts[start:stop] = bars.ts
        columns[:, start:stop] = bars.columns[:n_columns]
    return ts, columns
