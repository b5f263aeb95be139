"""`quaestor risk show`: show how much of each limit is used, and what the refusals of a run saved and cost."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from quaestor.app.risk import RiskReport, report_risk
from quaestor.cli.output import console, format_time, print_json, progress
from quaestor.cli.risk.tables import breaker_table, refusal_table, rerun_table, use_table
from quaestor.cli.run.account_tables import account_table, position_table
from quaestor.cli.run.options import AsJson

Journal = Annotated[Path, typer.Option("--journal", help="Journal directory.", show_default=False)]
At = Annotated[
    str | None, typer.Option("--at", metavar="ID", help="Decision number, trade:K, order:ID or a time; else the end.")
]
Moved = Annotated[Path | None, typer.Option("--data", help="Where the data file lies now, if it was moved.")]


def show(
    journal: Journal,
    at: At = None,
    data: Moved = None,
    rerun: Annotated[
        list[str] | None,
        typer.Option(
            "--rerun", metavar="RULE", help="Run again without this rule (all: each that refused); repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is held, how much of each limit it uses, which breakers are set, and what refusals saved or cost."""
    with progress("running the journal again", silent=as_json) as bar:
        report = report_risk(journal, at=at, data=data, without=rerun or (), progress=bar)
    if as_json:
        print_json(asdict(report))
        return
    _print(report)


def _print(shown: RiskReport) -> None:
    console.print(account_table(shown.account, f"Account at {format_time(shown.ts)}"))
    if shown.account.positions:
        console.print(position_table(shown.account))
    console.print(use_table(shown.limits, several=len(shown.symbols) > 1))
    if shown.breakers:
        console.print(breaker_table(shown.breakers))
    for number, suggestion in enumerate(shown.suggestions, 1):
        console.print(f"{number}. {suggestion.rule}: {suggestion.what}")
    if shown.refusals:
        console.print(refusal_table(shown.refusals, shown.account.asset))
    if shown.reruns:
        console.print(rerun_table(shown.reruns))
