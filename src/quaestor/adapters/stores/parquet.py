"""Bars on disk: Parquet in hive partitions, replaced atomically, merged stamp by stamp.

    ROOT/market=spot/symbol=BTCUSDT/timeframe=1m/period=2024-01/bars.parquet

A period is a month for bars shorter than an hour, a year from an hour on, so that files are neither tiny nor huge.
Columns: ts (int64 ns UTC, the bar's open), open, high, low, close, volume (float64), flags (uint32); zstd. What else a
series holds (trades, volume bought, a book) is not stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.instruments.assumed import is_plausible_symbol
from quaestor.adapters.instruments.parse import MARKET_KINDS
from quaestor.adapters.stores.frames import replace_frame
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import BAR_COLUMNS, N_COLUMNS
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.domain.wording import counted
from quaestor.errors import DataError, UnknownNameError
from quaestor.ports.market_data import StoredSeries

_FILE = "bars.parquet"
_VALUES = tuple(column.name.lower() for column in BAR_COLUMNS)
_HOUR_NS = 3_600_000_000_000
_VOLUME_ROUNDING = 1e-9  # the same trades summed in another order
_READ_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


@dataclass(frozen=True, slots=True)
class ParquetBarStore:
    """Bars under one root; implements `ports.market_data.BarStore`.

    One writer at a time; readers never see half a file.
    """

    root: Path

    def write_bars(self, bars: Bars, *, overwrite: bool = False) -> int:
        """Merge bars into their partitions; returns how many stamps are new.

        A stamp that is already stored must bring the same prices, and the same volume up to the rounding of a sum,
        unless `overwrite`; the new row replaces the stored one. Conflicts are looked for in every partition before
        any is written.

        Raises:
            DataError: on a conflict, or when the series has no place in the store (symbol, market, order of stamps).
            OutputError: when the store cannot be written.
        """
        folder = self._series_folder(bars.market, bars.symbol, bars.interval_ns)
        if np.any(np.diff(bars.ts) <= 0):
            raise DataError("stamps are not strictly ascending", place=f"bars of {bars.symbol}")
        merged: list[tuple[Path, pl.DataFrame]] = []
        added = 0
        for period, rows in _by_period(bars):
            path = folder / f"period={period}" / _FILE
            stored = _read(path) if path.exists() else None
            frame, new = _merge(stored, rows, path, overwrite=overwrite)
            added += new
            if stored is None or not frame.equals(stored):
                merged.append((path, frame))
        for path, frame in merged:
            replace_frame(path, frame)
        return added

    def read_bars(
        self, symbol: str, interval_ns: int, *, market: str, start_ts: int | None = None, end_ts: int | None = None
    ) -> Bars:
        """Stored bars that open from `start_ts` on and before `end_ts`, exactly as written.

        Raises:
            UnknownNameError: when the store holds no such series.
            DataError: when a partition is damaged or no bar lies in the range.
        """
        folder = self._series_folder(market, symbol, interval_ns)
        paths = sorted(folder.glob(f"period=*/{_FILE}"))
        if not paths:
            held = [f"{s.symbol} {s.market} {format_timeframe(s.interval_ns)}" for s in self.list_series()]
            wanted = f"{symbol} {market} {format_timeframe(interval_ns)}"
            raise UnknownNameError("series", wanted, held, place=str(self.root))
        frames = [_within(_read(path), start_ts, end_ts) for path in paths]
        frame = pl.concat(frames)
        if frame.is_empty():
            raise DataError(f"no stored bars of {symbol} in the range asked for", place=str(self.root))
        columns = np.empty((N_COLUMNS, len(frame)), dtype=np.float64)
        for k, name in enumerate(_VALUES):
            columns[k] = frame[name].to_numpy()
        return Bars(symbol, interval_ns, frame["ts"].to_numpy(), columns, frame["flags"].to_numpy(), market=market)

    def list_series(self) -> list[StoredSeries]:
        """Every stored series with its extent, sorted by market, symbol and length."""
        found = []
        for folder in self.root.glob("market=*/symbol=*/timeframe=*"):
            market, symbol, timeframe = (part.split("=", 1)[1] for part in folder.parts[-3:])
            spans = [_span(path) for path in folder.glob(f"period=*/{_FILE}")]
            spans = [span for span in spans if span[0]]
            if spans:
                rows, first, last = (sum(s[0] for s in spans), min(s[1] for s in spans), max(s[2] for s in spans))
                found.append(StoredSeries(market, symbol, parse_timeframe(timeframe), rows, first, last))
        return sorted(found, key=lambda series: (series.market, series.symbol, series.interval_ns))

    def _series_folder(self, market: str, symbol: str, interval_ns: int) -> Path:
        if market not in MARKET_KINDS:
            raise UnknownNameError("market", market, MARKET_KINDS)
        if not is_plausible_symbol(symbol):
            raise DataError(f"'{symbol}' cannot name a series", place=str(self.root))
        timeframe = format_timeframe(interval_ns)
        parse_timeframe(timeframe)
        return self.root / f"market={market}" / f"symbol={symbol}" / f"timeframe={timeframe}"


def _by_period(bars: Bars) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rows of each period, in order."""
    unit = "M" if bars.interval_ns < _HOUR_NS else "Y"
    periods = bars.ts.astype("datetime64[ns]").astype(f"datetime64[{unit}]")
    changes = np.flatnonzero(periods[1:] != periods[:-1]) + 1
    for first, last in pairwise([0, *(int(change) for change in changes), len(bars)]):
        if first == last:
            continue
        data: dict[str, NDArray[np.generic]] = {"ts": bars.ts[first:last]}
        data |= {name: bars.columns[k, first:last] for k, name in enumerate(_VALUES)}
        yield str(periods[first]), pl.DataFrame({**data, "flags": bars.flags[first:last]})


def _merge(stored: pl.DataFrame | None, rows: pl.DataFrame, path: Path, *, overwrite: bool) -> tuple[pl.DataFrame, int]:
    """Stored rows with the new ones on top, by stamp; and how many stamps are new."""
    if stored is None:
        return rows, len(rows)
    both = rows.join(stored, on="ts", how="inner", suffix="_stored")
    prices_differ = [pl.col(name) != pl.col(f"{name}_stored") for name in _VALUES[:4]]
    volumes_differ = (pl.col("volume") - pl.col("volume_stored")).abs() > _VOLUME_ROUNDING * pl.col("volume")
    conflicts = both.filter(pl.any_horizontal(*prices_differ, volumes_differ))
    if len(conflicts) and not overwrite:
        stamp = np.datetime64(int(conflicts["ts"][0]), "ns").astype("datetime64[s]")
        raise DataError(
            f"{counted(len(conflicts), 'bar')} unlike those stored, the first at {stamp}Z",
            place=str(path),
            remedy="look at both sources; --overwrite lets the new values win",
        )
    kept = stored.join(rows, on="ts", how="anti")
    return pl.concat([kept, rows]).sort("ts"), len(rows) - len(both)


def _within(frame: pl.DataFrame, start_ts: int | None, end_ts: int | None) -> pl.DataFrame:
    if start_ts is not None:
        frame = frame.filter(pl.col("ts") >= start_ts)
    if end_ts is not None:
        frame = frame.filter(pl.col("ts") < end_ts)
    return frame


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, columns=["ts", *_VALUES, "flags"], hive_partitioning=False)
    except _READ_ERRORS as error:
        raise _damaged(path, error) from error


def _span(path: Path) -> tuple[int, int, int]:
    """Rows, first and last stamp of one partition."""
    ts = pl.col("ts")
    try:
        scanned = pl.scan_parquet(path, hive_partitioning=False)
        rows, first, last = scanned.select(pl.len(), ts.min().alias("first"), ts.max().alias("last")).collect().row(0)
    except _READ_ERRORS as error:
        raise _damaged(path, error) from error
    return int(rows), int(first or 0), int(last or 0)


def _damaged(path: Path, error: BaseException) -> DataError:
    detail = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DataError(
        f"the stored partition cannot be read: {detail}",
        place=str(path),
        remedy="delete its folder and import those bars again",
    )
