"""Atomic writes: files and folders that are there whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from quaestor.errors import OutputError


def replace_file(path: Path, write: Callable[[Path], object], *, remedy: str = "") -> None:
    """Create or replace a file: `write` fills a temporary neighbour, which is forced to disk and renamed over it.

    Args:
        path: the file.
        write: fills the path that it is given.
        remedy: what to do where that fails, for the message.

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
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path), remedy=remedy) from error


def create_folder(path: Path, write: Callable[[Path], object]) -> None:
    """Create a folder of files: `write` fills a temporary neighbour, which is forced to disk and renamed.

    A folder of that name that is there already stays as it is. What a crash leaves behind has a name that begins with
    a dot.

    Raises:
        OutputError: when it cannot be written; nothing of it is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            write(temporary)
            for file in temporary.iterdir():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
            _sync_folder(temporary)
            if not path.is_dir():
                temporary.rename(path)
            _sync_folder(path.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
