"""`quaestor kill`: stop a running paper session: cancel all, flatten, halt."""

from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.commands import leave_command
from quaestor.cli.output import err_console


def kill(
    journal: Annotated[Path, typer.Argument(help="Journal directory of the run.", show_default=False)],
    command: Annotated[
        str, typer.Option("--command", help="kill, pause, resume (lifts a pause) or reset (lifts a kill).")
    ] = "kill",
) -> None:
    """Cancel every order, close every position and let nothing new in, until a reset; taken before the next bar."""
    leave_command(journal, command)
    err_console.print(f"{command}: left for the run that journals into {journal}")
