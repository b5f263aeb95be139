"""Bars of one instrument from one file: the way recorded data enters every run."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from quaestor.adapters.instruments.catalog import InstrumentTable, load_instruments
from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.funding import load_funding
from quaestor.adapters.sources.files.gate import AssessedBars, assess_rows, base_interval, refuse_first_defect
from quaestor.adapters.sources.files.naming import detect_market, require_matching_name
from quaestor.adapters.sources.files.raw import RawBars, names_symbols, read_raw
from quaestor.adapters.sources.files.stamps import format_moment, parse_moment
from quaestor.adapters.sources.files.tables import Table, open_table
from quaestor.domain.bars import Bars, DataReference
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.errors import ConfigError, DataError
from quaestor.market.bars.build import resample

Policy = Literal["strict", "quarantine"]


def load_bars(
    path: Path,
    symbol: str,
    *,
    timeframe: str | None = None,
    start: str | None = None,
    end: str | None = None,
    market: str | None = None,
    policy: Policy = "strict",
    funding: Path | None = None,
    mark: Path | None = None,
    instruments: InstrumentTable | None = None,
) -> Bars:
    """Read, judge and, when a longer timeframe is asked for, resample the bars of one instrument.

    Args:
        path: Parquet, CSV (.csv, .csv.gz, a Binance archive .zip), Feather/Arrow or freqtrade JSON; long, wide or of
            one instrument; see `columns` and `stamps` for the names and time forms understood.
        symbol: any case, BTC/USDT is BTCUSDT.
        timeframe: such as "1h"; a whole multiple of the file's own. The file's own when None.
        start, end: ISO date or datetime, UTC; bars opening from `start` on and before `end`.
        market: "spot", "perp", "inverse", "equity"; detected from the file name and the instrument table when None.
        policy: "strict" refuses the file at the first impossible bar; "quarantine" leaves such bars out and says so.
        funding, mark: files of funding settlements and mark price candles of a perpetual.
        instruments: known symbols; the shipped table when None.

    Returns:
        Bars with stamps strictly ascending and every price positive and finite; the matrix has TRADES and BUY_VOLUME
        too where a long file holds them (columns such as trades and taker_buy_base). `reference` identifies the
        source, `notes` say how the market was chosen and what was left out.

    Raises:
        DataError: the file is missing, damaged, lacks a column, holds impossible rows (strict) or none in the range.
        UnknownNameError: the file does not know the symbol.
        ConfigError: a timeframe or range that makes no sense.
    """
    chosen = instruments if instruments is not None else load_instruments()
    name = canonical_symbol(symbol)
    table = open_table(path)
    if not names_symbols(table):
        require_matching_name(path, name, chosen)
    market_name, why = detect_market(path, name, market, chosen)
    if funding is not None and market_name not in ("perp", "inverse"):
        raise ConfigError(
            f"funding on a {market_name} market ({why})",
            place="--funding",
            remedy="give --market perp, or leave it out",
        )
    assessed = _judge_range(table, read_raw(table, name), timeframe, start, end)
    if policy == "strict":
        refuse_first_defect(assessed, table.place)
    bars = _resampled(_accepted(assessed, market_name, (why, *_left_out(assessed))), timeframe, table)
    if mark is not None and funding is None:
        raise ConfigError("mark prices without funding rates have no use", place="mark", remedy="give --funding too")
    if funding is not None:
        rates = load_funding(funding, name, chosen, mark)
        rates = rates.between(int(bars.ts[0]), int(bars.ts[-1]) + bars.interval_ns)
        note = f"{len(rates.ts)} funding settlements from {funding.name} (sha256 {file_sha256(funding)[:16]})"
        bars = replace(bars, funding=rates, notes=(*bars.notes, note))
    return replace(bars, reference=_reference(path, bars))


def file_sha256(path: Path) -> str:
    """Hex digest of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _judge_range(table: Table, raw: RawBars, timeframe: str | None, start: str | None, end: str | None) -> AssessedBars:
    """Judge the rows in the range at the interval of the whole file."""
    if not len(raw):
        raise DataError(f"no rows of {raw.symbol}", place=table.place, remedy="give a file that holds bars")
    start_ts = parse_moment(start, "--from") if start is not None else int(raw.ts.min())
    end_ts = parse_moment(end, "--to") if end is not None else int(raw.ts.max()) + 1
    if start is not None and end is not None and start_ts >= end_ts:
        raise ConfigError(f"{start} is not before {end}", place="--from, --to")
    ranged = raw.where((raw.ts >= start_ts) & (raw.ts < end_ts))
    if not len(ranged):
        raise DataError(
            f"no bars of {raw.symbol} in the range asked for",
            place=table.place,
            remedy=f"the file holds {format_moment(int(raw.ts.min()))} to {format_moment(int(raw.ts.max()))}",
        )
    return assess_rows(ranged, base_interval(raw, table.place, timeframe))


def _accepted(assessed: AssessedBars, market: str, notes: tuple[str, ...]) -> Bars:
    kept = assessed.raw.where(assessed.kept)
    flags = assessed.flags if kept is assessed.raw else assessed.flags[assessed.kept]
    return Bars(kept.symbol, assessed.interval_ns, kept.ts, kept.columns, flags, market=market, notes=notes)


def _left_out(assessed: AssessedBars) -> tuple[str, ...]:
    if assessed.kept.all():
        return ()
    findings = [finding for finding in assessed.report().findings if finding.quarantines]
    counts = ", ".join(f"{finding.name} {finding.count}" for finding in findings)
    return (f"{int(np.count_nonzero(~assessed.kept))} bars set aside by the quality gate ({counts})",)


def _resampled(bars: Bars, timeframe: str | None, table: Table) -> Bars:
    if timeframe is not None:
        bars = resample(bars, parse_timeframe(timeframe))
    if not len(bars):
        raise DataError(
            f"no complete bar of {bars.symbol} is left at {format_timeframe(bars.interval_ns)}",
            place=table.place,
            remedy="widen --from/--to or choose a shorter --timeframe",
        )
    return bars


def _reference(path: Path, bars: Bars) -> DataReference:
    return DataReference(
        path=str(path.resolve()),
        sha256=file_sha256(path),
        symbol=bars.symbol,
        timeframe_ns=bars.interval_ns,
        first_ts=int(bars.ts[0]),
        last_ts=int(bars.ts[-1]),
        rows=len(bars),
    )
