"""Files that are there whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

from quaestor.errors import OutputError


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Create or replace a file: `write` fills a temporary neighbour, which is forced to disk and renamed over it.

    Raises:
        OutputError: when the folder or the file cannot be written; the file that was there is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(temporary)
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
