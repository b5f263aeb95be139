"""Bars from the embedded store: the way imported data enters a run."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quaestor.adapters.sources.files.bars import reference_of
from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.stamps import parse_moment
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.domain.bars import Bars
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.errors import ConfigError, DataError, UnknownNameError
from quaestor.market.bars.build import resample
from quaestor.ports.market_data import StoredSeries


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A data directory (see `quaestor data import`) to read bars from.

    `market` is needed only for symbols that are stored for several; `base` is the length of the stored bars to build
    longer ones from, the shortest when None.
    """

    root: Path
    market: str | None = None
    base: str | None = None


def read_stored(
    source: StoredSource,
    symbol: str,
    *,
    timeframe: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> Bars:
    """Bars of a symbol from a store; `reference` identifies their content.

    Args:
        source: the store.
        symbol: any case.
        timeframe: the length wanted: read if it is stored, built from the shortest stored bars otherwise.
        start, end: ISO, UTC; opening from `start` on and before `end`.

    Raises:
        UnknownNameError: nothing is stored of the symbol.
        ConfigError: the symbol is stored for several markets and none was chosen, or the timeframe does not fit.
        DataError: no bar in the range.
    """
    store = ParquetBarStore(source.root)
    chosen = _choose(source, store.list_series(), canonical_symbol(symbol), timeframe)
    bars = store.read_bars(
        chosen.symbol,
        chosen.interval_ns,
        market=chosen.market,
        start_ts=parse_moment(start, "--from") if start is not None else None,
        end_ts=parse_moment(end, "--to") if end is not None else None,
    )
    if timeframe is not None and parse_timeframe(timeframe) != chosen.interval_ns:
        bars = resample(bars, parse_timeframe(timeframe))
    place = str(source.root)
    if not len(bars):
        raise DataError(f"no complete bar of {symbol} is left", place=place, remedy="widen --from/--to")
    reference = reference_of(bars, source.root, _digest(bars))
    return replace(bars, reference=reference, notes=(f"from the store in {place}", *bars.notes))


def _choose(source: StoredSource, series: Sequence[StoredSeries], symbol: str, timeframe: str | None) -> StoredSeries:
    place = str(source.root)
    if not series:
        raise DataError("holds no imported bars", place=place, remedy="give a file, or run `quaestor data import FILE`")
    found = [entry for entry in series if entry.symbol == symbol and source.market in (None, entry.market)]
    if source.base is not None:
        found = [entry for entry in found if entry.interval_ns == parse_timeframe(source.base)]
    if not found:
        held = {f"{entry.symbol} {format_timeframe(entry.interval_ns)}" for entry in series}
        raise UnknownNameError("stored series", f"{symbol} {source.base or ''}".strip(), held, place=place)
    if len({entry.market for entry in found}) > 1:
        raise ConfigError(f"{symbol} is stored for several markets", place="market", remedy="give --market")
    wanted = None if timeframe is None or source.base is not None else parse_timeframe(timeframe)
    exact = [entry for entry in found if entry.interval_ns == wanted]
    return exact[0] if exact else min(found, key=lambda entry: entry.interval_ns)


def _digest(bars: Bars) -> str:
    digest = hashlib.sha256(bars.ts.tobytes())
    digest.update(bars.columns.tobytes())
    return digest.hexdigest()
