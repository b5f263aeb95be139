"""Operator commands from outside the process: one small file in the journal's directory."""

import time
from pathlib import Path

from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import OutputError, UnknownNameError
from quaestor.ledger.codes import Command

_FILE = "operator.command"
_POLL_SECONDS = 0.05


class NoCommands:
    """Nobody commands."""

    def pending(self, bars: int) -> tuple[Command, ...]:  # noqa: ARG002
        """Nothing."""
        return ()

    def journaled(self) -> None:
        """Nothing to forget."""


class RecordedCommands:
    """Commands of an earlier start, each due before the bar at which it was taken then; new ones are taken only after
    the last bar that is repeated, for what was done then was done without them."""

    def __init__(
        self, recorded: list[tuple[int, Command]], bars_repeated: int, onward: "FileCommands | NoCommands"
    ) -> None:
        self._recorded = recorded
        self._bars_repeated = bars_repeated
        self._onward = onward
        self._is_repeating = True

    def pending(self, bars: int) -> tuple[Command, ...]:
        """What was commanded after `bars` bars; once all is repeated, what is commanded now."""
        self._is_repeating = bars < self._bars_repeated
        if self._is_repeating:
            return tuple(command for position, command in self._recorded if position == bars)
        return self._onward.pending(bars)

    def journaled(self) -> None:
        """What is commanded now can be forgotten; what was recorded was in the journal before."""
        if not self._is_repeating:
            self._onward.journaled()


class FileCommands:
    """Polls a directory a few times a second. A command's file is set aside when it is taken and removed once it is
    journaled: one that a crash catches in between is taken again."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE
        self._taken = directory / f"{_FILE}.taken"
        self._next_look = 0.0

    def pending(self, bars: int) -> tuple[Command, ...]:  # noqa: ARG002
        """What an operator has left since the last look."""
        now = time.monotonic()
        if now < self._next_look:
            return ()
        self._next_look = now + _POLL_SECONDS
        if not self._taken.exists():
            if not self._path.exists():
                return ()
            self._path.replace(self._taken)
        names = self._taken.read_text(encoding="utf-8").split()
        return tuple(Command[name.upper()] for name in names if name.upper() in Command.__members__)

    def journaled(self) -> None:
        """Remove what was taken."""
        self._taken.unlink(missing_ok=True)


def leave_command(directory: Path, name: str) -> None:
    """Leave a command for the run that journals into `directory`.

    Raises:
        UnknownNameError: no such command.
        OutputError: no journal there, or it cannot be written to.
    """
    known = {command.name.lower() for command in Command}
    if name not in known:
        raise UnknownNameError("command", name, known)
    if not any(directory.glob("segment-*")):
        raise OutputError("holds no journal", place=str(directory), remedy="give the --journal directory of the run")
    path = directory / _FILE
    earlier = path.read_text(encoding="utf-8") if path.exists() else ""
    replace_file(path, lambda temporary: temporary.write_text(f"{earlier}{name}\n", encoding="utf-8"))
