"""Run options: settings of a run as options of commands, and how a result is printed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from inspect import Parameter, Signature, signature
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from quaestor.analysis.results import RunResult, Summary
from quaestor.cli.output import (
    console,
    err_console,
    format_number,
    format_percent,
    format_time,
    make_table,
    print_json,
)
from quaestor.cli.run.account_tables import position_table
from quaestor.cli.run.model_tables import learning_tables
from quaestor.runtime.config import OPTIONS, describe, load_config

_SHARED_OPTIONS = {
    "settings": Annotated[list[str] | None, typer.Option("--set", help="Strategy parameter NAME=VALUE; repeatable.")],
    "limits": Annotated[list[str] | None, typer.Option("--limit", help="One risk limit NAME=VALUE; repeatable.")],
    "sizing": Annotated[list[str] | None, typer.Option("--sizing", help="One sizing number NAME=VALUE; repeatable.")],
    "config": Annotated[Path | None, typer.Option("--config", help="YAML or TOML file of settings.")],
    "profile": Annotated[str | None, typer.Option("--profile", help="Profile in the configuration file.")],
}


def run_command(
    body: Callable[..., None], *, fixed: Mapping[str, object] = MappingProxyType({}), without: Collection[str] = ()
) -> Callable[..., None]:
    """Return a command made of ``body(config, *, as_json, **own options)``: every setting of a run becomes an option.

    The options come from the configuration itself (`runtime.config.OPTIONS` and the fields' descriptions), so a new
    setting is an option of every command that runs something.

    Args:
        body: what the command does.
        fixed: settings by dotted name that the command decides itself.
        without: settings that do not apply to it.
    """
    names = {dotted.replace(".", "_"): dotted for dotted in OPTIONS if dotted not in {*fixed, *without}}
    annotations: dict[str, object] = {name: _option(dotted) for name, dotted in names.items()}
    annotations |= _SHARED_OPTIONS
    own = [p for p in signature(body).parameters.values() if p.name != "config"]
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=a) for name, a in annotations.items()
    ]

    def command(**given: Any) -> None:
        config = load_config(
            file=given["config"],
            profile=given["profile"],
            options={**fixed, **{dotted: given[name] for name, dotted in names.items()}},
            settings=given["settings"] or (),
            limits=given["limits"] or (),
            sizing=given["sizing"] or (),
            required=("data.path", "data.symbol"),
        )
        body(config, **{parameter.name: given[parameter.name] for parameter in own})

    command.__name__ = body.__name__
    command.__doc__ = body.__doc__
    command.__annotations__ = {**annotations, **{p.name: p.annotation for p in own}}
    vars(command)["__signature__"] = Signature([*parameters, *own])
    return command


def _option(dotted: str) -> object:
    return Annotated[str | None, typer.Option(OPTIONS[dotted], help=describe(dotted), show_default=False)]


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def show(result: RunResult, *, as_json: bool) -> None:
    """Print a finished run as tables or as JSON."""
    if as_json:
        print_json(asdict(result.summary))
        return
    _print_tables(result)


def _print_tables(result: RunResult) -> None:
    summary = result.summary
    title = f"{summary.strategy} on {summary.symbol} {summary.market} {summary.timeframe} ({summary.mode})"
    table = make_table(title, "figure", "value", right={"value"})
    for name, value in _figures(summary):
        table.add_row(name, value)
    console.print(table)
    if len(summary.symbols) > 1:
        _print_symbols(summary)
    if summary.sleeves:
        _print_sleeves(summary)
    if summary.learning:
        for table in learning_tables(summary.learning):
            console.print(table)
    if summary.account.positions:
        console.print(position_table(summary.account))
    if len(result.verdicts):
        refused = make_table(
            "Refusals of the risk officer", "rule", "layer", "verdict", "decisions", right={"decisions"}
        )
        for row in result.verdicts.iter_rows(named=True):
            refused.add_row(row["rule"], row["layer"], row["verdict"], format_number(row["count"], 0))
        console.print(refused)
    for note in summary.notes:
        err_console.print(f"note: {note}")
    if summary.breakers:
        err_console.print(f"note: trading ended with these breakers set: {', '.join(summary.breakers)}")


def _print_symbols(summary: Summary) -> None:
    numbers = ("trades", "profit", "fees", "funding", "win rate", "in the market", "holding", "vetoes", "shrinks")
    table = make_table("Symbol by symbol", "symbol", *numbers, right=set(numbers))
    for entry in summary.symbols:
        table.add_row(
            entry.symbol,
            format_number(entry.trades, 0),
            format_number(entry.pnl),
            format_number(entry.fees),
            format_number(entry.funding),
            format_percent(entry.win_rate),
            format_percent(entry.exposure),
            format_percent(entry.buy_and_hold_return),
            format_number(entry.vetoes, 0),
            format_number(entry.shrinks, 0),
        )
    console.print(table)


def _print_sleeves(summary: Summary) -> None:
    numbers = ("share", "profit", "fees", "funding")
    table = make_table("Strategy by strategy", "strategy", "symbol", *numbers, right=set(numbers))
    for entry in summary.sleeves:
        table.add_row(
            entry.strategy,
            entry.symbol,
            format_percent(entry.share),
            format_number(entry.pnl),
            format_number(entry.fees),
            format_number(entry.funding),
        )
    console.print(table)


def _figures(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("period", f"{format_time(summary.first_ts)} – {format_time(summary.last_ts)}"),
        ("bars", format_number(summary.bars, 0)),
        ("equity", f"{format_number(summary.equity_initial)} → {format_number(summary.equity_final)}"),
        ("total return", format_percent(summary.total_return)),
        ("buy and hold", format_percent(summary.buy_and_hold_return)),
        ("max drawdown", format_percent(summary.max_drawdown)),
        ("Sharpe / Sortino", f"{format_number(summary.sharpe)} / {format_number(summary.sortino)}"),
        ("trades", format_number(summary.trades, 0)),
        ("win rate", format_percent(summary.win_rate)),
        ("profit factor", format_number(summary.profit_factor)),
        ("fees / funding", f"{format_number(summary.fees)} / {format_number(summary.funding)}"),
        ("vetoes / shrinks", f"{format_number(summary.vetoes, 0)} / {format_number(summary.shrinks, 0)}"),
        ("liquidations", format_number(summary.liquidations, 0)),
        ("speed", f"{format_number(summary.bars / max(summary.seconds, 1e-9), 0)} bars/s"),
    ]
