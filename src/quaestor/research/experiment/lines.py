"""Append-only logs: files of JSON lines that are added to and never rewritten."""

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from quaestor.errors import ModelError, OutputError

Line = TypeVar("Line", bound=msgspec.Struct)


def read_lines(path: Path, kind: type[Line]) -> tuple[Line, ...]:
    """Return every line, oldest first; none where there is no file.

    Raises:
        ModelError: the file cannot be read, or a line is not of this kind.
    """
    if not path.exists():
        return ()
    try:
        return tuple(msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines() if line)
    except (msgspec.DecodeError, OSError) as error:
        raise ModelError(
            f"cannot be read: {error}", place=str(path), remedy="put back what was there, or use another --models"
        ) from error


def add_line(path: Path, line: msgspec.Struct) -> None:
    """Append one line and wait until it is on disk.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path)) from error
