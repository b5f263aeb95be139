"""Append-only logs: files of JSON lines that are added to and never rewritten."""

import errno
import os
from io import FileIO
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
        with path.open("ab", buffering=0) as file:
            _append(file, msgspec.json.encode(line) + b"\n")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path)) from error


def _append(file: FileIO, text: bytes) -> None:
    """Add a text, all of it or nothing."""
    before = file.seek(0, os.SEEK_END)
    try:
        if file.write(text) < len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file.fileno())
    except OSError:
        file.truncate(before)
        raise
