"""Import of source files into the store: bars to Parquet, impossible rows to quarantine with the reason."""

from dataclasses import dataclass

import numpy as np

from quaestor.adapters.sources.files.bar_rows import read_bar_rows
from quaestor.adapters.sources.files.gate import AssessedRows, assess_rows, reasons
from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.adapters.stores.sqlite import ImportedFile, QuarantinedRow, SqliteStore
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import DataError
from quaestor.ports.market_data import BarStore


@dataclass(frozen=True, slots=True)
class Importer:
    """Where bars and facts go, and by which rules: `timeframe` is the length of a bar when a file has a single row,
    `quarantine` sets impossible rows aside instead of refusing the file, `overwrite` lets new values win over stored
    ones."""

    bars_store: BarStore
    facts: SqliteStore
    timeframe: str | None = None
    quarantine: bool = False
    overwrite: bool = False

    def take(self, source: SourceFile, symbol: str) -> ImportedFile:
        """Import one instrument of a file, by its canonical symbol, at the file's own timeframe.

        Raises:
            DataError: at the first impossible row (unless `quarantine`), at a conflict with stored bars (unless
                `overwrite`), or when no row is left.
        """
        market, why = source.market_of(symbol)
        rows = read_bar_rows(source, symbol)
        assessed = assess_rows(rows, rows.interval_ns(self.timeframe))
        if not self.quarantine:
            assessed.refuse_first_defect()
        bars = assessed.bars(market, why)
        if not len(bars):
            raise DataError(f"no usable row of {symbol}", place=source.place)
        added = self.bars_store.write_bars(bars, overwrite=self.overwrite)
        aside = _set_aside(assessed, source.sha256, market)
        imported = ImportedFile(
            path=str(source.path.resolve()),
            sha256=source.sha256,
            market=market,
            symbol=symbol,
            timeframe=format_timeframe(bars.interval_ns),
            rows=len(bars),
            rows_new=added,
            quarantined=len(aside),
            first_ts=int(bars.ts[0]),
            last_ts=int(bars.ts[-1]),
        )
        self.facts.record_import(imported, aside)
        return imported


def _set_aside(assessed: AssessedRows, sha256: str, market: str) -> list[QuarantinedRow]:
    rows = assessed.rows
    timeframe = format_timeframe(assessed.interval_ns)
    aside = []
    for k in np.flatnonzero(~assessed.kept):
        o, h, low, c, v = rows.columns[:N_COLUMNS, k].tolist()
        place = (sha256, market, rows.symbol, timeframe, int(rows.numbers[k]), int(rows.ts[k]))
        aside.append(QuarantinedRow(*place, o, h, low, c, v, reasons(int(assessed.flags[k]))))
    return aside
