"""Checkpoints of state on disk: whole or not there, recognised when they are damaged or another's, the last few kept.

A file is a header (JSON), the bytes of the state, and the SHA-256 of both. State is a structured array, so it comes
back as it was to the last bit; that it goes on in the same way is promised on what `identity` says alone, so a file of
another identity or layout is refused. One process at a time writes the checkpoints of a name.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import CheckpointError, ConfigError
from quaestor.jit.tables import Table

FORMAT = 1
_MAGIC = b"quaestor checkpoint\n"
_LENGTH_BYTES = 8
_DIGEST_BYTES = 32
_SUFFIX = ".checkpoint"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Position(msgspec.Struct, frozen=True):
    """How far state had come: where to go on from."""

    rows: int  # events taken
    ts: int  # when the last of them was known, ns UTC
    learned: int  # outcomes learned from


class _Header(msgspec.Struct, frozen=True):
    format: int
    name: str
    position: Position
    layout_sha256: str
    state_bytes: int
    identity: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """State as it was at a position."""

    position: Position
    state: Table
    path: Path
    refused: tuple[str, ...]  # why newer files were passed over


class CheckpointStore:
    """Checkpoints in a folder, several names beside one another.

    Args:
        folder: made at the first save.
        identity: what must be the same for state to go on in the same way, by name: the fields of the environment's
            fingerprint, the digests of configuration and models.
        kept: files kept of each name, at least 2, so that a damaged one is not the only one.

    Raises:
        ConfigError: fewer than 2 kept.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str], kept: int = 3) -> None:
        if kept < 2:
            raise ConfigError(f"{kept} checkpoints kept", place="checkpoints", remedy="keep 2 or more")
        self._folder = Path(folder)
        self._identity = dict(identity)
        self._kept = kept

    def save(self, name: str, position: Position, state: Table) -> Path:
        """Write a checkpoint; once this returns it is on disk.

        After it the oldest beyond those kept are deleted, and those of later positions: who saves here has gone back
        behind them, and will come to them again.

        Raises:
            ConfigError: a name that is no file name.
            OutputError: the folder or the file cannot be written; earlier checkpoints are untouched.
        """
        layout = _layout_sha256(state.dtype)
        header = _Header(FORMAT, name, position, layout, state.nbytes, self._identity)
        path = self._folder / f"{_checked(name)}-{position.rows:020d}{_SUFFIX}"
        replace_file(path, lambda temporary: temporary.write_bytes(_encode(header, state)))
        files = self._files(name)
        here = files.index(path)
        for other in (*files[:here], *files[here + self._kept :], *self._matching(rf"\.{_pattern(name)}\.\d+\.tmp")):
            other.unlink(missing_ok=True)
        return path

    def load_latest(self, name: str, dtype: np.dtype[np.void]) -> Checkpoint | None:
        """The newest checkpoint of a name that is whole and of this run, layout and machine; None when there is none.

        `refused` of the result says which newer files were passed over, and why.

        Raises:
            ConfigError: a name that is no file name.
            CheckpointError: there are checkpoints, and none of them can be used; or the folder cannot be read.
        """
        refused: list[str] = []
        for path in self._files(_checked(name)):
            try:
                position, state = self._read(path, name, dtype)
            except CheckpointError as error:
                refused.append(str(error))
                continue
            return Checkpoint(position, state, path, tuple(refused))
        if refused:
            raise CheckpointError(
                f"no checkpoint of {name} can be used:\n  " + "\n  ".join(refused),
                place=str(self._folder),
                remedy="run on the machine and version that wrote them, or move them away to start afresh",
            )
        return None

    def _files(self, name: str) -> list[Path]:
        """The checkpoints of a name, the newest first."""
        return self._matching(_pattern(name))

    def _matching(self, pattern: str) -> list[Path]:
        """Files whose whole name fits, the last in order first."""
        try:
            entries = sorted(self._folder.iterdir(), reverse=True) if self._folder.exists() else []
        except OSError as error:
            raise CheckpointError(f"cannot be read: {error.strerror or error}", place=str(self._folder)) from error
        return [path for path in entries if re.fullmatch(pattern, path.name)]

    def _read(self, path: Path, name: str, dtype: np.dtype[np.void]) -> tuple[Position, Table]:
        header, state = _decode(path)
        place = str(path)
        if header.name != name:
            raise CheckpointError(f"a checkpoint of {header.name}, not of {name}", place=place)
        differing = sorted(
            f"{key}: {header.identity.get(key, 'not given')} ≠ {self._identity.get(key, 'not given')}"
            for key in header.identity.keys() | self._identity.keys()
            if header.identity.get(key) != self._identity.get(key)
        )
        if differing:
            raise CheckpointError(f"written by another run or machine ({'; '.join(differing)})", place=place)
        if header.layout_sha256 != _layout_sha256(dtype):
            raise CheckpointError("its state has another layout", place=place)
        return header.position, np.frombuffer(state, dtype).copy()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"'{name}' is no name of a checkpoint", place="checkpoints", remedy="use letters, digits, '_', '.' and '-'"
        )
    return name


def _pattern(name: str) -> str:
    """What the files of a name are called."""
    return rf"{re.escape(name)}-\d{{20}}{re.escape(_SUFFIX)}"


def _layout_sha256(dtype: np.dtype[np.void]) -> str:
    return hashlib.sha256(repr(dtype).encode()).hexdigest()


def _encode(header: _Header, state: Table) -> bytes:
    packed = msgspec.json.encode(header)
    body = _MAGIC + len(packed).to_bytes(_LENGTH_BYTES, "little") + packed + state.tobytes()
    return body + hashlib.sha256(body).digest()


def _decode(path: Path) -> tuple[_Header, bytes]:
    """Header and state of a file that is whole."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot be read: {error.strerror or error}", place=str(path)) from error
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
        raise CheckpointError("damaged: its checksum does not fit", place=str(path))
    start = len(_MAGIC) + _LENGTH_BYTES
    stop = start + int.from_bytes(body[len(_MAGIC) : start], "little")
    try:
        header = msgspec.json.decode(body[start:stop], type=_Header)
    except msgspec.MsgspecError as error:
        raise CheckpointError(f"its header cannot be read ({error})", place=str(path)) from error
    if header.format != FORMAT:
        raise CheckpointError(f"format {header.format}, this version reads {FORMAT}", place=str(path))
    if header.state_bytes != len(body) - stop:
        raise CheckpointError("its state is not as long as it says", place=str(path))
    return header, body[stop:]
