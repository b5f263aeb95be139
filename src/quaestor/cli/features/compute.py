"""`quaestor features compute`: write features of recorded bars or of a recorded tape to a Parquet file."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.sources.files.bar_rows import list_symbols
from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.adapters.sources.files.tape import load_tape_rows
from quaestor.adapters.sources.side_data import SideData, read_bars_and_side_data
from quaestor.adapters.stores.frames import replace_frame
from quaestor.cli.features.names import requested_names
from quaestor.cli.features.options import (
    AsJson,
    Benchmark,
    BenchmarkData,
    End,
    FearGreed,
    Funding,
    Headlines,
    Start,
    Timeframe,
)
from quaestor.cli.features.user_catalog import FeaturePath, load_checked_catalog
from quaestor.cli.output import console, print_json, progress, refuse_unwritable
from quaestor.domain.bars import Bars
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError
from quaestor.features.plan import make_plan, require_inputs
from quaestor.research.features.table import feature_table

_ALL = "all"


_Instruments = Annotated[str, typer.Option("--symbol", "-s", help="The instrument, several, or all of the file.")]
_Features = Annotated[
    str, typer.Option("--features", "-f", help="Names such as rsi_14,atr_14@1h; default, bars, small; @FILE.")
]
_Out = Annotated[Path, typer.Option("--out", "-o", help="The Parquet file to write.")]
_Data = Annotated[Path | None, typer.Option("--data", help="Bars: Parquet, CSV, archive, Feather or JSON.")]
_Depth = Annotated[Path | None, typer.Option("--depth", help="Changes of the order book, instead of bars.")]
_Quotes = Annotated[Path | None, typer.Option("--quotes", help="Best bid and ask, instead of bars.")]
_Trades = Annotated[Path | None, typer.Option("--trades", help="Trades, instead of bars.")]
_Clock = Annotated[str | None, typer.Option("--clock", help="What ends a row: 100ms, 1s, 50t, 10v, 9q.")]
_HeadlineModel = Annotated[
    Path | None, typer.Option("--headline-model", help="Folder of a transformer to score headlines with.")
]
_Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Instruments computed at a time; one a core by default.")
]


@dataclass(frozen=True, slots=True)
class _BarFile:
    """Bars to read: of which file and period, and what is joined to them."""

    path: Path | None
    timeframe: str | None
    start: str | None
    end: str | None
    side: SideData

    def is_named(self) -> bool:
        """Return whether any of it was given."""
        return any((self.path, self.timeframe, self.start, self.end))

    def read(self, source: SourceFile, symbol: str) -> Bars:
        """Return the bars of one instrument."""
        return read_bars_and_side_data(
            source, symbol, self.side, timeframe=self.timeframe, start=self.start, end=self.end
        )


@dataclass(frozen=True, slots=True)
class _Tape:
    """Recorded changes of the order book, quotes and trades to read, and what ends a row of them."""

    depth: Path | None
    quotes: Path | None
    trades: Path | None
    clock: str | None

    def is_named(self) -> bool:
        """Return whether any of it was given."""
        return any((self.depth, self.quotes, self.trades, self.clock))

    def read(self, symbol: str, clock: str) -> Bars:
        """Return the rows of one instrument."""
        return load_tape_rows(symbol, clock, depth=self.depth, quotes=self.quotes, trades=self.trades)


def compute(
    symbol: _Instruments,
    features: _Features,
    out: _Out,
    data: _Data = None,
    depth: _Depth = None,
    quotes: _Quotes = None,
    trades: _Trades = None,
    clock: _Clock = None,
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    headlines: Headlines = None,
    headline_model: _HeadlineModel = None,
    fear_greed: FearGreed = None,
    funding: Funding = None,
    benchmark: Benchmark = None,
    benchmark_data: BenchmarkData = None,
    feature_path: FeaturePath = None,
    threads: _Threads = None,
    json: AsJson = False,
) -> None:
    """Write `ts` (int64 ns UTC, open of the row) and one float64 column a feature, NaN during warm-up.

    Of several instruments, one after another, with a column `symbol` first.
    """
    names = requested_names(features)
    catalog = load_checked_catalog(feature_path, names)
    refuse_unwritable(out, ".parquet", "features")
    side = SideData(headlines, fear_greed, funding, benchmark, benchmark_data, headline_model)
    bar_file, tape = _BarFile(data, timeframe, start, end, side), _Tape(depth, quotes, trades, clock)
    series, several = _read_series(symbol, bar_file, tape, silent=json)
    plan = make_plan(names, interval_ns=_interval(series), catalog=catalog)
    for bars in series:
        require_inputs(plan, bars.columns, str(data or depth or quotes or trades))
    with progress("computing", sum(map(len, series)), silent=json) as bar:
        working = threads or os.cpu_count() or 1
        table = feature_table(plan, names, series, with_symbol=several, threads=working, on_rows=bar.advance)
    replace_frame(out, table)
    symbols = [bars.symbol for bars in series]
    if json:
        notes = [note for bars in series for note in bars.notes]
        summary = {"out": out, "rows": len(table), "features": names, "warmup": plan.warmup, "notes": notes}
        print_json({"symbol": symbols if several else symbols[0]} | summary)
    else:
        rows, warmup = counted(len(table), "row"), counted(plan.warmup, "row")
        console.print(f"{rows} of {', '.join(symbols)} in {out}, defined after {warmup}:")
        console.print(", ".join(names))


def _read_series(symbol: str, bar_file: _BarFile, tape: _Tape, *, silent: bool) -> tuple[list[Bars], bool]:
    """Return the rows of every instrument that is named, and whether several were allowed."""
    if bar_file.path is not None and not tape.is_named():
        source = open_source(bar_file.path)
        symbols, several = _symbols(source, symbol)
        return list(_watched(symbols, partial(bar_file.read, source), silent=silent)), several
    if tape.clock is not None and not bar_file.is_named():
        return [tape.read(symbol, tape.clock)], False
    raise ConfigError(
        "needs bars or a tape, one of them",
        place="features compute",
        remedy="give --data (with --timeframe, --from, --to), or --clock with --depth, --quotes or --trades",
    )


def _watched(symbols: Sequence[str], read: Callable[[str], Bars], *, silent: bool) -> Iterator[Bars]:
    with progress("reading", len(symbols), silent=silent) as bar:
        for name in symbols:
            yield read(name)
            bar.advance()


def _symbols(source: SourceFile, text: str) -> tuple[list[str], bool]:
    """Return the instruments that are named, and whether several were allowed."""
    if text.strip().lower() == _ALL:
        found = list_symbols(source)
        if not found:
            raise ConfigError("names no symbols", place=source.place, remedy="say which one it holds: --symbol NAME")
        return list(found), True
    symbols = [part.strip() for part in text.split(",") if part.strip()]
    if not symbols:
        raise ConfigError("no instrument named", place="--symbol", remedy="give a symbol such as BTCUSDT")
    return symbols, len(symbols) > 1


def _interval(series: list[Bars]) -> int:
    """Return the interval that the rows of all series share."""
    lengths = sorted({bars.interval_ns for bars in series})
    if len(lengths) > 1:
        raise ConfigError("the instruments have bars of different lengths", place="--symbol", remedy="give --timeframe")
    return lengths[0]
