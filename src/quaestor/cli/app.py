"""Entry point of `quaestor`: the command list, and one place that turns errors into messages and exit codes.

Exit codes: 0 done, 1 a check found something wrong, 2 fix what was given, 3 look at the venue or try again later,
4 the program contradicts itself, 130 interrupted. Errors go to stderr only.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from quaestor import __version__
from quaestor.cli.lazy import LazyGroup
from quaestor.errors import InvariantError, QuaestorError, TransientError, UsageError, VenueError

EXIT_USAGE = 2
EXIT_VENUE = 3
EXIT_INVARIANT = 4
EXIT_INTERRUPTED = 130

app = typer.Typer(
    cls=LazyGroup,
    help="An AI proposes, a risk officer with an absolute veto disposes, everything is journaled and replayable.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"quaestor {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Show the help when no command is given."""
    if context.invoked_subcommand is None and not version:
        typer.echo(context.get_help())


def exit_code_of(error: QuaestorError) -> int:
    """Return the exit code by which a script knows what the operator must do.

    Example:
        >>> exit_code_of(UsageError("no such file"))
        2
    """
    match error:
        case UsageError():
            return EXIT_USAGE
        case VenueError() | TransientError():
            return EXIT_VENUE
        case InvariantError():
            return EXIT_INVARIANT
        case _:
            return 1


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Only Quaestor's and the parser's errors become messages."""
    try:
        code = app(args=arguments, prog_name="quaestor", standalone_mode=False)
    except QuaestorError as error:
        sys.stderr.write(f"error: {error}\n")
        return exit_code_of(error)
    except TyperException as error:
        message = error.format_message()
        if message:  # empty when the help was shown instead
            sys.stderr.write(f"error: {message}{_help_hint(error)}\n")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted\n")
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0


def _help_hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" — see '{context.command_path} --help'" if context is not None else ""


def main() -> None:
    """Run the console script and exit with its code."""
    sys.exit(run())
