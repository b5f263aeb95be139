"""Bars of one instrument from a source file: the way recorded data enters every run."""

from dataclasses import replace
from pathlib import Path

from quaestor.adapters.sources.files.bar_rows import BarRows, read_bar_rows
from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.gate import AssessedRows, assess_rows
from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.adapters.sources.files.stamps import format_moment, parse_moment
from quaestor.domain.bars import Bars, DataReference
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.errors import ConfigError, DataError
from quaestor.market.bars.build import resample


def load_bars(
    path: Path, symbol: str, *, timeframe: str | None = None, start: str | None = None, end: str | None = None
) -> Bars:
    """Bars of one instrument of a file that nothing else is wanted of; see `read_bars`."""
    return read_bars(open_source(path), symbol, timeframe=timeframe, start=start, end=end)


def read_bars(
    source: SourceFile, symbol: str, *, timeframe: str | None = None, start: str | None = None, end: str | None = None
) -> Bars:
    """Read, assess and, when a longer timeframe is asked for, resample the bars of one instrument.

    Args:
        source: long, wide or of one instrument; see `columns` and `stamps` for the names and time forms understood.
        symbol: any case, BTC/USDT is BTCUSDT.
        timeframe: such as "1h"; a whole multiple of the file's own. The file's own when None.
        start, end: ISO date or datetime, UTC; bars opening from `start` on and before `end`.

    Returns:
        Bars with stamps strictly ascending and every price positive and finite; the matrix has TRADES and BUY_VOLUME
        too where a long file holds them (columns such as trades and taker_buy_base). `reference` identifies the
        source, `notes` say how the market was chosen.

    Raises:
        DataError: the file is damaged, lacks a column, holds an impossible row in the range or none at all.
        UnknownNameError: the file does not know the symbol.
        ConfigError: a timeframe or range that makes no sense.
    """
    name = canonical_symbol(symbol)
    market, why = source.market_of(name)
    assessed = _assess_range(read_bar_rows(source, name), timeframe, start, end)
    assessed.refuse_first_defect()
    bars = assessed.bars(market, why)
    if timeframe is not None:
        bars = resample(bars, parse_timeframe(timeframe))
    if not len(bars):
        raise DataError(
            f"no complete bar of {name} is left at {format_timeframe(bars.interval_ns)}",
            place=source.place,
            remedy="widen --from/--to or choose a shorter --timeframe",
        )
    return replace(bars, reference=reference_of(bars, source.path, source.sha256))


def reference_of(bars: Bars, path: Path, sha256: str) -> DataReference:
    """What names these bars, of a source with a path and a digest."""
    return DataReference(
        path=str(path.resolve()),
        sha256=sha256,
        symbol=bars.symbol,
        timeframe_ns=bars.interval_ns,
        first_ts=int(bars.ts[0]),
        last_ts=int(bars.ts[-1]),
        rows=len(bars),
    )


def _assess_range(rows: BarRows, timeframe: str | None, start: str | None, end: str | None) -> AssessedRows:
    """Assess the rows in the range at the interval of the whole file."""
    if not len(rows):
        raise DataError(f"no rows of {rows.symbol}", place=rows.place, remedy="give a file that holds bars")
    start_ts = parse_moment(start, "--from") if start is not None else int(rows.ts.min())
    end_ts = parse_moment(end, "--to") if end is not None else int(rows.ts.max()) + 1
    if start is not None and end is not None and start_ts >= end_ts:
        raise ConfigError(f"{start} is not before {end}", place="--from, --to")
    ranged = rows.where((rows.ts >= start_ts) & (rows.ts < end_ts))
    if not len(ranged):
        raise DataError(
            f"no bars of {rows.symbol} in the range asked for",
            place=rows.place,
            remedy=f"the file holds {format_moment(int(rows.ts.min()))} to {format_moment(int(rows.ts.max()))}",
        )
    return assess_rows(ranged, rows.interval_ns(timeframe))
