"""Files into the store: judged, split, bars to Parquet, the rest to quarantine with its reason."""

import numpy as np

from quaestor.adapters.instruments.catalog import InstrumentTable
from quaestor.adapters.sources.files.gate import AssessedBars, assess_rows, base_interval, reasons, refuse_first_defect
from quaestor.adapters.sources.files.naming import detect_market
from quaestor.adapters.sources.files.raw import read_raw
from quaestor.adapters.sources.files.tables import Table
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.adapters.stores.sqlite import ImportedFile, QuarantinedRow, SqliteStore
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import DataError


def import_symbol(
    table: Table,
    symbol: str,
    bars_store: ParquetBarStore,
    facts: SqliteStore,
    *,
    sha256: str,
    instruments: InstrumentTable,
    market: str | None = None,
    timeframe: str | None = None,
    quarantine: bool = False,
    overwrite: bool = False,
) -> ImportedFile:
    """Import one instrument of an open file at its own timeframe.

    Args:
        table, symbol, sha256: the file, a canonical symbol in it, and the file's digest.
        bars_store, facts: where bars and facts go.
        instruments: known symbols.
        market: detected when None.
        timeframe: length of a bar when the file has a single row.
        quarantine: set impossible rows aside instead of refusing the file.
        overwrite: let new values win over stored ones.

    Raises:
        DataError: at the first impossible row (unless `quarantine`), at a conflict with stored bars (unless
            `overwrite`), or when no row is left.
    """
    market_name, _ = detect_market(table.path, symbol, market, instruments)
    raw = read_raw(table, symbol)
    assessed = assess_rows(raw, base_interval(raw, table.place, timeframe))
    if not quarantine:
        refuse_first_defect(assessed, table.place)
    kept = raw.where(assessed.kept)
    if not len(kept):
        raise DataError(f"no usable row of {symbol}", place=table.place)
    bars = Bars(symbol, assessed.interval_ns, kept.ts, kept.columns, assessed.flags[assessed.kept], market=market_name)
    added = bars_store.write_bars(bars, overwrite=overwrite)
    aside = _set_aside(assessed, sha256, market_name)
    imported = ImportedFile(
        path=str(table.path.resolve()),
        sha256=sha256,
        market=market_name,
        symbol=symbol,
        timeframe=format_timeframe(assessed.interval_ns),
        rows=len(kept),
        rows_new=added,
        quarantined=len(aside),
        first_ts=int(kept.ts[0]),
        last_ts=int(kept.ts[-1]),
    )
    facts.record_import(imported, aside)
    return imported


def _set_aside(assessed: AssessedBars, sha256: str, market: str) -> list[QuarantinedRow]:
    raw = assessed.raw
    timeframe = format_timeframe(assessed.interval_ns)
    rows = []
    for k in np.flatnonzero(~assessed.kept):
        o, h, low, c, v = raw.columns[:N_COLUMNS, k].tolist()
        place = (sha256, market, raw.symbol, timeframe, int(raw.rows[k]), int(raw.ts[k]))
        rows.append(QuarantinedRow(*place, o, h, low, c, v, reasons(int(assessed.flags[k]))))
    return rows
