"""Options that the commands on features share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", help="Parquet, CSV, Binance archive, Feather or freqtrade JSON.")]
Symbol = Annotated[str, typer.Option("--symbol", "-s", help="The instrument.")]
Timeframe = Annotated[str | None, typer.Option("--timeframe", help="Such as 1h; the file's own by default.")]
Start = Annotated[str | None, typer.Option("--from", help="First bar, ISO date or time, UTC.")]
End = Annotated[str | None, typer.Option("--to", help="Bars before this ISO date or time, UTC.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

#: What is joined to the bars, see `adapters.sources.side_data`.
Headlines = Annotated[Path | None, typer.Option("--headlines", help="Headlines: a time and a title column.")]
FearGreed = Annotated[Path | None, typer.Option("--fear-greed", help="A daily index from 0 to 100.")]
Funding = Annotated[Path | None, typer.Option("--funding", help="Funding settlements.")]
Benchmark = Annotated[str | None, typer.Option("--benchmark", help="Another symbol of the data file.")]
BenchmarkData = Annotated[Path | None, typer.Option("--benchmark-data", help="… of this file instead.")]
