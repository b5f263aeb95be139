"""`quaestor data`: import, list, check and resample market data."""

import os
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.sources.files.bar_rows import choose_symbols
from quaestor.adapters.sources.files.bars import read_bars
from quaestor.adapters.sources.files.export import export_bars
from quaestor.adapters.sources.files.gate import SymbolCheck, check_file
from quaestor.adapters.sources.files.ingest import Importer
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.files.stored import StoredSource, read_stored
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.adapters.stores.sqlite import ImportedFile, SqliteStore
from quaestor.cli.output import console, err_console, format_percent, format_time, make_table, print_json, progress
from quaestor.domain.timeframe import format_timeframe
from quaestor.domain.wording import counted

data_app = typer.Typer(no_args_is_help=True, help="Import, list, check and resample market data.")

File = Annotated[Path, typer.Argument(help="Parquet, CSV, Binance archive, Feather or freqtrade JSON.")]
Symbol = Annotated[str | None, typer.Option("--symbol", "-s", help="One instrument; all of the file when absent.")]
Market = Annotated[str | None, typer.Option("--market", help="spot, perp, inverse or equity; detected when absent.")]
Timeframe = Annotated[str | None, typer.Option("--timeframe", help="Length of a bar, when one row cannot show it.")]
Root = Annotated[
    Path | None,
    typer.Option("--root", help="Data directory [default: $QUAESTOR_HOME/data, else ./.quaestor/data]."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def data_root(chosen: Path | None) -> Path:
    """Return the data directory: as given, else under $QUAESTOR_HOME, else ./.quaestor/data."""
    if chosen is not None:
        return chosen
    return Path(os.environ.get("QUAESTOR_HOME", ".quaestor")) / "data"


@data_app.command("check")
def check(file: File, symbol: Symbol = None, timeframe: Timeframe = None, json: Json = False) -> None:
    """Report the quality of every bar of a file. Defects are the report: the exit code is 0 for any readable file."""
    checks = check_file(open_source(file), symbol, timeframe)
    if json:
        print_json({"file": str(file), "symbols": [entry.to_dict() for entry in checks]})
        return
    table = make_table(
        f"Quality of {file}",
        *("symbol", "bar", "rows", "quarantined", "gaps", "missing", "coverage", "first", "last", "verdict"),
        right={"rows", "quarantined", "gaps", "missing", "coverage"},
    )
    for entry in checks:
        table.add_row(*_check_cells(entry))
    console.print(table)
    for entry in checks:
        for finding in entry.report.findings:
            fate = "set aside" if finding.quarantines else "kept"
            shown = ", ".join(str(row) for row in finding.rows)
            console.print(f"{entry.symbol}: {finding.name} × {finding.count:,} ({fate}; first rows {shown})")


def _check_cells(entry: SymbolCheck) -> tuple[str, ...]:
    report = entry.report
    counts = (report.rows, report.quarantined, report.gap_count, report.missing_bars)
    return (
        entry.symbol,
        format_timeframe(report.interval_ns),
        *(f"{count:,}" for count in counts),
        format_percent(report.coverage),
        format_time(report.first_ts),
        format_time(report.last_ts),
        entry.verdict,
    )


@data_app.command("import")
def import_(
    file: File,
    symbol: Symbol = None,
    market: Market = None,
    timeframe: Timeframe = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Set impossible rows aside, with reasons.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let new values win over stored ones.")] = False,
    root: Root = None,
    json: Json = False,
) -> None:
    """Check the quality of a file's bars and merge them into the store."""
    directory = data_root(root)
    source = open_source(file, market=market)
    symbols = choose_symbols(source, symbol)
    done: list[ImportedFile] = []
    with SqliteStore(directory / "quaestor.sqlite") as facts, progress("importing", len(symbols), silent=json) as bar:
        importer = Importer(
            ParquetBarStore(directory), facts, timeframe=timeframe, quarantine=quarantine, overwrite=overwrite
        )
        for name in symbols:
            bar.describe(f"importing {name}")
            done.append(importer.take(source, name))
            bar.advance()
    if json:
        print_json({"file": str(file), "root": str(directory), "imported": done})
        return
    _print_imports(done, directory)


def _print_imports(done: list[ImportedFile], directory: Path) -> None:
    table = make_table(
        f"Imported into {directory}",
        *("symbol", "market", "bar", "bars", "new", "quarantined", "first", "last"),
        right={"bars", "new", "quarantined"},
    )
    for entry in done:
        counts = (f"{count:,}" for count in (entry.rows, entry.rows_new, entry.quarantined))
        span = (format_time(entry.first_ts), format_time(entry.last_ts))
        table.add_row(entry.symbol, entry.market, entry.timeframe, *counts, *span)
    console.print(table)


@data_app.command("list")
def list_(root: Root = None, json: Json = False) -> None:
    """List every series in the store."""
    directory = data_root(root)
    series = ParquetBarStore(directory).list_series()
    if json:
        entries = [
            {
                "symbol": entry.symbol,
                "market": entry.market,
                "interval": format_timeframe(entry.interval_ns),
                "rows": entry.rows,
                "first_ts": entry.first_ts,
                "last_ts": entry.last_ts,
            }
            for entry in series
        ]
        print_json({"root": str(directory), "series": entries})
        return
    if not series:
        err_console.print(f"nothing is stored in {directory} yet: run `quaestor data import FILE`")
        return
    table = make_table(f"Bars in {directory}", "symbol", "market", "bar", "bars", "first", "last", right={"bars"})
    for entry in series:
        span = (format_time(entry.first_ts), format_time(entry.last_ts))
        table.add_row(entry.symbol, entry.market, format_timeframe(entry.interval_ns), f"{entry.rows:,}", *span)
    console.print(table)


@data_app.command("resample")
def resample_(
    symbol: Annotated[str, typer.Option("--symbol", "-s", help="The instrument.")],
    timeframe: Annotated[str, typer.Option("--timeframe", help="Length of the new bars, such as 1h.")],
    file: Annotated[Path | None, typer.Argument(help="A file of base bars; the store when absent.")] = None,
    base: Annotated[str | None, typer.Option("--base", help="Stored bars to build from; the shortest.")] = None,
    market: Market = None,
    start: Annotated[str | None, typer.Option("--from", help="First open, ISO, UTC.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Opens before this, ISO, UTC.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A .parquet or .csv file; the store when absent.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let new values win over stored ones.")] = False,
    root: Root = None,
    json: Json = False,
) -> None:
    """Build longer bars from a file or from the store, into a file or into the store."""
    store = ParquetBarStore(data_root(root))
    if file is not None:
        bars = read_bars(open_source(file, market=market), symbol, timeframe=timeframe, start=start, end=end)
    else:
        stored = StoredSource(store.root, market, base)
        bars = read_stored(stored, symbol, timeframe=timeframe, start=start, end=end)
    if out is not None:
        export_bars([bars], out)
    else:
        store.write_bars(bars, overwrite=overwrite)
    target = str(out if out is not None else store.root)
    if json:
        print_json(
            {"symbol": bars.symbol, "market": bars.market, "interval": timeframe, "rows": len(bars), "out": target}
        )
        return
    console.print(f"{counted(len(bars), 'bar')} of {bars.symbol} at {timeframe} written to {target}")
