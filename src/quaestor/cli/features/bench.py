"""`quaestor features bench`: measure what features cost on this machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.optional import load_extra
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.stores.atomic import replace_file
from quaestor.cli.features.names import requested_names
from quaestor.cli.features.options import AsJson, Symbol
from quaestor.cli.features.user_catalog import FeaturePath, load_checked_catalog
from quaestor.cli.output import console, format_number, make_table, print_json, progress, to_json
from quaestor.errors import OutputError
from quaestor.features.feature import parse_instance
from quaestor.research.features.costs import FeatureCost, measure_features
from quaestor.sample import sample_path

_CLASSICS = "ema_20,rsi_14,macd_12_26_9,bbands_20_2,atr_14,adx_14,stoch_14_3_3,supertrend_10_3,obv"


def bench(
    features: Annotated[str, typer.Option("--features", "-f", help="Names such as rsi_14,atr_14.")] = _CLASSICS,
    data: Annotated[Path | None, typer.Option("--data", help="A data file; the bundled minutes if none.")] = None,
    symbol: Symbol = "BTCUSDT",
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Runs of which the median is taken.")] = 9,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A JSON file to write.")] = None,
    png: Annotated[Path | None, typer.Option("--png", help="A chart to write.")] = None,
    feature_path: FeaturePath = None,
    json: AsJson = False,
) -> None:
    """Time each feature in bulk, into given memory and one row at a time; then all of them in one call."""
    asked = requested_names(features)
    catalog = load_checked_catalog(feature_path, asked)
    names = [parse_instance(name, catalog).name for name in asked]
    for path, suffix in ((out, ".json"), (png, ".png")):
        if path is not None and path.suffix != suffix:
            raise OutputError(f"'{path.suffix}' is not {suffix}", place=str(path), remedy=f"name a {suffix} file")
    if png is not None:
        load_extra("matplotlib.figure", place="--png", extra="report")
    bars = load_bars(data or sample_path("1m"), symbol)
    costs: list[FeatureCost] = []
    sets = [[name] for name in names] + ([names] if len(names) > 1 else [])
    with progress("measuring", len(sets), silent=json) as bar:
        for chosen in sets:
            bar.describe(chosen[0] if len(chosen) == 1 else "all together")
            costs.append(measure_features(chosen, bars, catalog=catalog, repeats=repeats))
            bar.advance()
    if out is not None:
        replace_file(out, lambda path: path.write_text(to_json(costs), encoding="utf-8"))
    if png is not None:
        replace_file(png, lambda path: _draw(costs, path))
    if json:
        print_json(costs)
    else:
        _print_costs(costs, len(bars))


def _print_costs(costs: Sequence[FeatureCost], rows: int) -> None:
    columns = ("batch ns/row", "given ns/row", "stream µs/row", "state bytes", "compile s")
    table = make_table(f"{rows:,} rows", "feature", *columns, right=set(columns))
    for cost in costs:
        table.add_row(
            cost.name,
            format_number(cost.batch_ns, 1),
            format_number(cost.given_ns, 1),
            format_number(cost.stream_us, 2),
            str(cost.state_bytes),
            format_number(cost.compile_seconds, 2),
        )
    console.print(table)


def _draw(costs: Sequence[FeatureCost], path: Path) -> None:
    """Draw horizontal bars, the most expensive feature at the bottom."""
    ordered = sorted(costs, key=lambda cost: cost.batch_ns, reverse=True)
    figure = load_extra("matplotlib.figure", place="--png", extra="report").Figure(
        figsize=(8.0, 1.2 + 0.32 * len(ordered)), layout="constrained"
    )
    axes = figure.subplots()
    bars = axes.barh([cost.name for cost in ordered], [cost.batch_ns for cost in ordered], color="#2c6fbb")
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set_xlabel("nanoseconds a row, all rows in one call")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, format="png", dpi=144)
