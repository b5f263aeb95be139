"""`quaestor replay`: prove that a journal's decisions come out byte for byte again."""

from pathlib import Path
from typing import Annotated

import typer

from quaestor.app.replay import replay as run_replay
from quaestor.cli.output import console, err_console, format_number, make_table, print_json, progress
from quaestor.cli.run.options import AsJson


def replay(
    journal: Annotated[Path, typer.Argument(help="Directory of the journal.", show_default=False)],
    data: Annotated[Path | None, typer.Option("--data", help="Where the data file lies now, if it was moved.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run a journal's run again and compare every decision, order and message. Exit code 1 when any differs."""
    with progress("replaying", silent=as_json) as bar:
        result = run_replay(journal, data=data, progress=bar)
    if as_json:
        print_json(result)
    else:
        table = make_table(f"Replay of {journal}", "figure", "value", right={"value"})
        table.add_row("identical", "yes" if result.identical else "NO")
        table.add_row("mode", result.mode)
        table.add_row("decisions", format_number(result.decisions, 0))
        if result.difference:
            table.add_row("first difference", result.difference)
        console.print(table)
        for difference in result.environment:
            err_console.print(f"note: the machine differs: {difference}")
    if not result.identical:
        raise typer.Exit(1)
