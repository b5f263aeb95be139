"""`quaestor features`: list and explain the catalogue, compute features on a data file."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from quaestor.adapters.market_data.files import load_bars
from quaestor.adapters.market_data.tape import load_tape_rows
from quaestor.adapters.side_data import SideData, attach_side_data
from quaestor.adapters.stores.atomic import replace_file
from quaestor.cli.features_bench import bench
from quaestor.cli.features_check import check
from quaestor.cli.features_fit import fit_app
from quaestor.cli.features_list import list_
from quaestor.cli.features_select import names_in_file, select
from quaestor.cli.features_show import show
from quaestor.cli.output import console, print_json
from quaestor.cli.user_catalog import FeaturePath, load_checked_catalog
from quaestor.domain.market import Bars
from quaestor.errors import ConfigError, OutputError
from quaestor.features.plan import FeaturePlan, compute, make_plan, require_inputs

features_app = typer.Typer(no_args_is_help=True, help="List, explain and compute features.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


features_app.command("list")(list_)
features_app.command("show")(show)
features_app.command("bench")(bench)
features_app.command("check")(check)
features_app.command("select")(select)
features_app.add_typer(fit_app, name="fit")


@features_app.command("compute")
def compute_(
    symbol: Annotated[str, typer.Option("--symbol", "-s", help="The instrument.")],
    features: Annotated[
        str, typer.Option("--features", "-f", help="Names such as rsi_14,macd_12_26_9.signal, or @FILE.")
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
    fear_greed: Annotated[Path | None, typer.Option("--fear-greed", help="A daily index from 0 to 100.")] = None,
    funding: Annotated[Path | None, typer.Option("--funding", help="Funding settlements.")] = None,
    benchmark: Annotated[str | None, typer.Option("--benchmark", help="Another symbol of the data file.")] = None,
    benchmark_data: Annotated[Path | None, typer.Option("--benchmark-data", help="… of this file instead.")] = None,
    feature_path: FeaturePath = None,
    json: Json = False,
) -> None:
    """Write `ts` (int64 ns UTC, open of the bar) and one float64 column a feature, NaN during warm-up."""
    names = requested_names(features)
    catalog = load_checked_catalog(feature_path, names)
    _refuse_unwritable(out)
    of_bars, of_tape = (data, timeframe, start, end), (depth, quotes, trades, clock)
    if data is not None and not any(of_tape):
        side = SideData(headlines, fear_greed, funding, benchmark, benchmark_data)
        bars = load_bars(data, symbol, timeframe=timeframe, start=start, end=end)
        bars = attach_side_data(bars, side, data, timeframe)
    elif clock is not None and not any(of_bars):
        bars = load_tape_rows(symbol, clock, depth=depth, quotes=quotes, trades=trades)
    else:
        raise ConfigError(
            "needs bars or a tape, one of them",
            place="features compute",
            remedy="give --data (with --timeframe, --from, --to), or --clock with --depth, --quotes or --trades",
        )
    plan = make_plan(names, interval_ns=bars.interval_ns, catalog=catalog)
    require_inputs(plan, bars.columns, str(data or depth or quotes or trades))
    frame = feature_frame(bars, plan, names)
    replace_file(out, frame.write_parquet)
    summary = {"out": str(out), "symbol": bars.symbol, "rows": len(frame), "features": names, "warmup": plan.warmup}
    summary |= {"notes": list(bars.notes)}
    if json:
        print_json(summary)
    else:
        console.print(f"{len(frame):,} rows of {', '.join(names)} in {out}; defined after {plan.warmup} bars")


def requested_names(text: str) -> list[str]:
    """The names of a comma-separated list, in order, or of the file behind an @.

    Raises:
        ConfigError: when there is none, one comes twice, or the file is no selection.
    """
    listed = names_in_file(Path(text[1:])) if text.startswith("@") else text.split(",")
    names = [name.strip() for name in listed if name.strip()]
    if not names:
        raise ConfigError("no feature named", place="--features", remedy="give names such as rsi_14,ema_20")
    repeated = sorted({name for name in names if names.count(name) > 1} | ({"ts"} & set(names)))
    if repeated:
        raise ConfigError(f"{', '.join(repeated)} named twice", place="--features", remedy="name each feature once")
    return names


def feature_frame(bars: Bars, plan: FeaturePlan, names: list[str]) -> pl.DataFrame:
    """Time stamps and feature values side by side, columns named as they were asked for."""
    values = compute(plan, bars.columns, ts=bars.ts)
    return pl.DataFrame({"ts": bars.ts} | {name: values[row] for row, name in enumerate(names)})


def _refuse_unwritable(out: Path) -> None:
    """Say so before the work is done, not after."""
    if out.suffix != ".parquet":
        raise OutputError(f"'{out.suffix}' is no format for features", place=str(out), remedy="use .parquet")
    if out.is_dir():
        raise OutputError("is a folder", place=str(out), remedy="name a file in it")
