"""`quaestor features compute`: write features of recorded bars or of a recorded tape to a Parquet file."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.sources.files.bar_rows import list_symbols
from quaestor.adapters.sources.files.bars import read_bars
from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.adapters.sources.files.tape import load_tape_rows
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.adapters.stores.frames import replace_frame
from quaestor.cli.features.names import requested_names
from quaestor.cli.features.user_catalog import FeaturePath, load_checked_catalog
from quaestor.cli.output import console, print_json, progress, refuse_unwritable
from quaestor.domain.bars import Bars
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError
from quaestor.features.plan import make_plan, require_inputs
from quaestor.research.features.table import feature_table

_ALL = "all"


def compute(
    symbol: Annotated[str, typer.Option("--symbol", "-s", help="The instrument, several, or all of the file.")],
    features: Annotated[
        str,
        typer.Option("--features", "-f", help="Names such as rsi_14,atr_14@1h; default, bars, small; @FILE."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The Parquet file to write.")],
    data: Annotated[Path | None, typer.Option("--data", help="Bars: Parquet, CSV, archive, Feather or JSON.")] = None,
    depth: Annotated[Path | None, typer.Option("--depth", help="Changes of the order book, instead of bars.")] = None,
    quotes: Annotated[Path | None, typer.Option("--quotes", help="Best bid and ask, instead of bars.")] = None,
    trades: Annotated[Path | None, typer.Option("--trades", help="Trades, instead of bars.")] = None,
    clock: Annotated[str | None, typer.Option("--clock", help="What ends a row: 100ms, 1s, 50t, 10v, 9q.")] = None,
    timeframe: Annotated[str | None, typer.Option("--timeframe", help="Such as 1h; the file's own by default.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First bar, ISO date or time, UTC.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Bars before this ISO date or time, UTC.")] = None,
    headlines: Annotated[Path | None, typer.Option("--headlines", help="Headlines: a time and a title column.")] = None,
    headline_model: Annotated[
        Path | None, typer.Option("--headline-model", help="Folder of a transformer to score headlines with.")
    ] = None,
    fear_greed: Annotated[Path | None, typer.Option("--fear-greed", help="A daily index from 0 to 100.")] = None,
    funding: Annotated[Path | None, typer.Option("--funding", help="Funding settlements.")] = None,
    benchmark: Annotated[str | None, typer.Option("--benchmark", help="Another symbol of the data file.")] = None,
    benchmark_data: Annotated[Path | None, typer.Option("--benchmark-data", help="… of this file instead.")] = None,
    feature_path: FeaturePath = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help="Instruments computed at a time; one a core by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Write `ts` (int64 ns UTC, open of the row) and one float64 column a feature, NaN during warm-up.

    Of several instruments, one after another, with a column `symbol` first.
    """
    names = requested_names(features)
    catalog = load_checked_catalog(feature_path, names)
    refuse_unwritable(out, ".parquet", "features")
    of_bars, of_tape = (data, timeframe, start, end), (depth, quotes, trades, clock)
    if data is not None and not any(of_tape):
        source = open_source(data)
        symbols, several = _symbols(source, symbol)
        side = SideData(headlines, fear_greed, funding, benchmark, benchmark_data, headline_model)

        def read(name: str) -> Bars:
            bars = read_bars(source, name, timeframe=timeframe, start=start, end=end)
            return attach_side_data(bars, side, source, timeframe)

        series = list(_watched(symbols, read, silent=json))
    elif clock is not None and not any(of_bars):
        series, several = [load_tape_rows(symbol, clock, depth=depth, quotes=quotes, trades=trades)], False
    else:
        raise ConfigError(
            "needs bars or a tape, one of them",
            place="features compute",
            remedy="give --data (with --timeframe, --from, --to), or --clock with --depth, --quotes or --trades",
        )
    plan = make_plan(names, interval_ns=_interval(series), catalog=catalog)
    for bars in series:
        require_inputs(plan, bars.columns, str(data or depth or quotes or trades))
    with progress("computing", sum(map(len, series)), silent=json) as bar:
        working = threads or os.cpu_count() or 1
        table = feature_table(plan, names, series, with_symbol=several, threads=working, on_rows=bar.advance)
    replace_frame(out, table)
    told = [bars.symbol for bars in series]
    if json:
        notes = [note for bars in series for note in bars.notes]
        summary = {"out": out, "rows": len(table), "features": names, "warmup": plan.warmup, "notes": notes}
        print_json({"symbol": told[0] if not several else told} | summary)
    else:
        console.print(
            f"{counted(len(table), 'row')} of {', '.join(told)} in {out}, defined after {counted(plan.warmup, 'row')}:"
        )
        console.print(", ".join(names))


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
