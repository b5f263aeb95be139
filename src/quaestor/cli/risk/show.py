"""`quaestor risk show`: how much of each limit is used, and what the refusals of a run came to."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from quaestor.analysis.counterfactual import Refusals, RuleOutcome
from quaestor.analysis.journal_rows import read_rows
from quaestor.analysis.officer.account import Account, account_of
from quaestor.analysis.officer.breakers import BreakerSet, breakers_set
from quaestor.analysis.officer.standing import Standing, of_journal
from quaestor.analysis.officer.use import Suggestion, Use, suggestions, uses
from quaestor.analysis.simulate import refusals_of
from quaestor.app.ablation import Ending, can_be_left_out, run_without
from quaestor.cli.output import Progress, console, format_time, print_json, progress
from quaestor.cli.risk.tables import breaker_table, refusal_table, rerun_table, use_table
from quaestor.cli.run.account_tables import account_table, position_table
from quaestor.cli.run.options import AsJson
from quaestor.errors import ConfigError
from quaestor.explain.case import find_time
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.session.session import Observer

#: Given to --rerun: every rule that refused something.
_EVERY = "all"

Journal = Annotated[Path, typer.Option("--journal", help="Journal directory.", show_default=False)]
At = Annotated[
    str | None, typer.Option("--at", metavar="ID", help="Decision number, trade:K, order:ID or a time; else the end.")
]
Moved = Annotated[Path | None, typer.Option("--data", help="Where the data file lies now, if it was moved.")]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is told, in the order of the JSON document."""

    ts: int
    symbols: tuple[str, ...]
    account: Account
    limits: list[Use]
    breakers: list[BreakerSet]
    suggestions: list[Suggestion]
    refusals: list[RuleOutcome]
    reruns: list[Ending]


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
    """What is held, how much of each limit it uses, which breakers are set, and what refusals saved or cost."""
    until = find_time(read_rows(journal), at, journal) if at is not None else None
    seen: list[tuple[Assembly, Refusals]] = []

    def observers(assembly: Assembly) -> tuple[Observer, ...]:
        seen.append((assembly, refusals_of(assembly)))
        return (seen[-1][1],)

    with progress("running the journal again", silent=as_json) as bar:
        standing = of_journal(journal, until, data=data, observers=observers, progress=bar)
        assembly, refusals = seen[-1]
        outcomes = refusals.outcomes()
        endings = _rerun(assembly, rerun, outcomes, bar) if rerun else []
    shown = _gather(standing, outcomes, endings)
    if as_json:
        print_json(asdict(shown))
        return
    _print(shown)


def _rerun(assembly: Assembly, wanted: list[str], outcomes: list[RuleOutcome], bar: Progress) -> list[Ending]:
    names = list(wanted)
    if _EVERY in names:
        if len(names) > 1:
            raise ConfigError("names rules beside 'all'", place="--rerun", remedy="give one or the other")
        names = can_be_left_out(outcomes)
    return run_without(assembly, names, bar)


def _gather(standing: Standing, outcomes: list[RuleOutcome], endings: list[Ending]) -> Shown:
    used = uses(standing)
    return Shown(
        standing.ts,
        standing.symbols,
        account_of(standing),
        used,
        breakers_set(standing),
        suggestions(standing, used),
        outcomes,
        endings,
    )


def _print(shown: Shown) -> None:
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
