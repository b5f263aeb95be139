"""Command root: its list of commands, its imports, its exit codes."""

import subprocess
import sys

import pytest

from quaestor import __version__
from quaestor.cli import app as cli_app
from quaestor.cli import lazy
from quaestor.errors import (
    ConfigError,
    DataError,
    InvariantError,
    JournalError,
    QuaestorError,
    TransientError,
    VenueRefusedError,
    VenueUnknownError,
)


def test_help_lists_every_command_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run(["--help"]) == 0
    printed = capsys.readouterr().out
    for entry in lazy.COMMANDS:
        assert entry.name in printed


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run([]) == 0
    assert "backtest" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"quaestor {__version__}"


def test_the_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from quaestor.cli.app import run; run(['--help'])\n"
        "heavy = {'numpy', 'numba', 'polars', 'pydantic', 'plotly', 'structlog', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [["backtst"], ["doctor", "--no-such-option"], ["report"]])
def test_a_wrong_command_line_is_one_line_on_stderr(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_a_near_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    cli_app.run(["backtst"])
    assert "did you mean backtest" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("a"), 2),
        (DataError("a"), 2),
        (JournalError("a"), 2),
        (VenueRefusedError("a"), 3),
        (VenueUnknownError("a"), 3),
        (TransientError("a"), 3),
        (InvariantError("a"), 4),
        (QuaestorError("a"), 1),
    ],
)
def test_errors_become_exit_codes(
    error: QuaestorError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_self: lazy.LazyCommand) -> None:
        raise error

    monkeypatch.setattr(lazy.LazyCommand, "load", fail)
    assert cli_app.run(["doctor"]) == code
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: a\n")


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_self: lazy.LazyCommand) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lazy.LazyCommand, "load", interrupt)
    assert cli_app.run(["doctor"]) == 130


def test_the_message_names_place_and_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_self: lazy.LazyCommand) -> None:
        raise DataError("no such file", place="bars.csv", remedy="check --data")

    monkeypatch.setattr(lazy.LazyCommand, "load", fail)
    cli_app.run(["doctor"])
    assert capsys.readouterr().err == "error: bars.csv: no such file — check --data\n"
