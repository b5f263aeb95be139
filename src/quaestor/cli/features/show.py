"""`quaestor features show`: explain and draw one definition."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.cli.features.list import describe_feature
from quaestor.cli.features.options import AsJson, Symbol
from quaestor.cli.features.plot import line_plot
from quaestor.cli.features.user_catalog import FeaturePath, load_catalog, load_checked_catalog
from quaestor.cli.output import console, format_number, format_time, make_table, print_json
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS, column_name
from quaestor.domain.timeframe import format_timeframe
from quaestor.domain.wording import counted
from quaestor.features.feature import Feature, FeatureInstance, parse_instance
from quaestor.features.plan import compute, make_plan, require_inputs
from quaestor.sample import sample_path

_ROWS = 144


def show(
    name: Annotated[str, typer.Argument(help="Such as rsi, rsi_9, macd_12_26_9.hist or atr_14@4h.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Draw it on this file; the bundled hours if none.")
    ] = None,
    symbol: Symbol = "BTCUSDT",
    feature_path: FeaturePath = None,
    json: AsJson = False,
) -> None:
    """Show what a feature means, its inputs and outputs, and its latest values."""
    catalog = load_catalog(feature_path)
    instance = parse_instance(name, catalog)
    if json:
        print_json(describe_feature(instance.feature))
        return
    _print_definition(instance)
    if data is None and not _is_drawable(instance, catalog):
        console.print("\nThe bundled sample holds bars only; give --data with what it needs to see it drawn.")
        return
    bars = load_bars(data or sample_path("1h"), symbol)
    checked = load_checked_catalog(feature_path, [name])
    plan = make_plan([name], interval_ns=bars.interval_ns, catalog=checked)
    require_inputs(plan, bars.columns, str(data or "the bundled sample"))
    _print_plot(bars, compute(plan, bars.columns, ts=bars.ts)[0])


def _is_drawable(instance: FeatureInstance, catalog: Sequence[Feature]) -> bool:
    return make_plan([instance.on_rows()], catalog=catalog).n_columns == N_COLUMNS


def _print_definition(instance: FeatureInstance) -> None:
    feature = instance.feature
    console.print(f"[bold]{instance.name}[/bold] · {feature.family}\n{feature.doc}\n")
    bars = f"bars of {instance.frame}" if instance.frame else "rows"
    facts = (
        ("written", feature.pattern),
        ("inputs", ", ".join(column_name(row) for row in feature.inputs)),
        ("parts", ", ".join(feature.parts(*instance.values))),
        ("outputs", ", ".join(feature.outputs)),
        ("units", feature.units),
        ("warm-up", f"{instance.warmup} {bars}"),
        ("state", f"{instance.state_dtype.itemsize} bytes"),
        ("source", feature.source),
        ("file", feature.origin),
    )
    for label, fact in facts:
        if fact:
            console.print(f"{label:<9}{fact}")
    if feature.parameters:
        table = make_table("", "parameter", "here", "default", "allowed", "meaning", right={"here", "default"})
        for row, parameter, value in zip(
            describe_feature(feature).params, feature.parameters, instance.values, strict=True
        ):
            allowed = " ".join(row.choices) or f"{row.low:g} … {row.high:g}"
            table.add_row(row.name, parameter.format(value), str(row.default), allowed, row.doc)
        console.print(table)


def _print_plot(bars: Bars, values: NDArray[np.float64]) -> None:
    shown = values[-_ROWS:]
    finite = shown[np.isfinite(shown)]
    console.print(f"\n{bars.symbol} {format_timeframe(bars.interval_ns)}, the last {counted(len(shown), 'bar')}")
    if not len(finite):
        console.print("no value in them")
        return
    lines = line_plot(shown.tolist())
    labels = [format_number(float(finite.max()), 4), *[""] * (len(lines) - 2), format_number(float(finite.min()), 4)]
    width = max(map(len, labels))
    for label, line in zip(labels, lines, strict=True):
        console.print(f"{label:>{width}} {line}")
    first, last = (int(ts) for ts in bars.ts[[-len(shown), -1]])
    console.print(
        f"{'':>{width}} {format_time(first)} … {format_time(last)}; last {format_number(float(shown[-1]), 4)}"
    )
