"""Operator commands: sources of commands for a run, received from other processes as a file beside the journal."""

import time
from pathlib import Path

from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import OutputError, UnknownNameError
from quaestor.ledger.codes import Command

_FILE = "operator.command"
_POLL_SECONDS = 0.05


class NoCommands:
    """Source without commands."""

    def pending(self, bars: int) -> tuple[Command, ...]:  # noqa: ARG002
        """Return no commands."""
        return ()

    def journaled(self) -> None:
        """Do nothing."""


class RecordedCommands:
    """Commands recorded by an earlier start of the run, each due before the same bar as then.

    New commands are taken only after the last repeated bar, whose decisions were made without them.
    """

    def __init__(
        self, recorded: list[tuple[int, Command]], bars_repeated: int, new_commands: "FileCommands | NoCommands"
    ) -> None:
        self._recorded = recorded
        self._bars_repeated = bars_repeated
        self._new_commands = new_commands
        self._is_repeating = True

    def pending(self, bars: int) -> tuple[Command, ...]:
        """Return the commands recorded after `bars` bars or, once all bars are repeated, the new ones."""
        self._is_repeating = bars < self._bars_repeated
        if self._is_repeating:
            return tuple(command for position, command in self._recorded if position == bars)
        return self._new_commands.pending(bars)

    def journaled(self) -> None:
        """Discard the new commands; the recorded ones were journaled before."""
        if not self._is_repeating:
            self._new_commands.journaled()


class FileCommands:
    """Commands from a file that is polled a few times a second.

    The file is renamed when it is read and removed once its commands are journaled: after a crash in between they are
    read again.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE
        self._read_path = directory / f"{_FILE}.taken"
        self._next_poll = 0.0

    def pending(self, bars: int) -> tuple[Command, ...]:  # noqa: ARG002
        """Return the commands written since the last poll."""
        now = time.monotonic()
        if now < self._next_poll:
            return ()
        self._next_poll = now + _POLL_SECONDS
        if not self._read_path.exists():
            if not self._path.exists():
                return ()
            self._path.replace(self._read_path)
        names = self._read_path.read_text(encoding="utf-8").split()
        return tuple(Command[name.upper()] for name in names if name.upper() in Command.__members__)

    def journaled(self) -> None:
        """Remove the file that was read."""
        self._read_path.unlink(missing_ok=True)


def leave_command(directory: Path, name: str) -> None:
    """Write a command for the run that journals into `directory`.

    Raises:
        UnknownNameError: no such command.
        OutputError: the directory holds no journal or cannot be written to.
    """
    known = {command.name.lower() for command in Command}
    if name not in known:
        raise UnknownNameError("command", name, known)
    if not any(directory.glob("segment-*")):
        raise OutputError("holds no journal", place=str(directory), remedy="give the --journal directory of the run")
    path = directory / _FILE
    earlier = path.read_text(encoding="utf-8") if path.exists() else ""
    replace_file(path, lambda temporary: temporary.write_text(f"{earlier}{name}\n", encoding="utf-8"))
