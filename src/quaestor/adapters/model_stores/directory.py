"""Trained models in a folder, each under the SHA-256 of what it holds.

    <root>/<sha256>/manifest.json    where it comes from, the layout of its tables, and the SHA-256 of tables.npz
    <root>/<sha256>/tables.npz       the tables

The address is the SHA-256 of ``manifest.json``, so ``sha256sum`` alone can check an entry. Both are checked at every
load, before anything is decoded; what is decoded is checked again, since an address proves only that a model is the
one that was named, not that it is sane.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from quaestor.adapters.model_stores.archive import read_tables, write_tables
from quaestor.adapters.model_stores.layout import TableLayout, layout_of
from quaestor.adapters.stores.atomic import create_folder
from quaestor.brain.trained.validation import validate_artefact
from quaestor.domain.artefact import FORMAT, Artefact, Manifest
from quaestor.errors import DataError, ModelError

MANIFEST = "manifest.json"
TABLES = "tables.npz"

_ADDRESS = re.compile(r"[0-9a-f]{64}")
_MANIFEST_BYTES_MAX = 1 << 24
_RESTORE = "restore the folder from a backup, or train the model again"


class Entry(msgspec.Struct, frozen=True):
    """What ``manifest.json`` holds."""

    manifest: Manifest
    tables: dict[str, TableLayout]
    tables_bytes: int
    tables_sha256: str


class _Version(msgspec.Struct):
    format: int


class _AnyEntry(msgspec.Struct):
    manifest: _Version


class DirectoryModelStore:
    """A folder of artefacts; a `quaestor.ports.ModelStore`. Entries appear whole and never change."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, artefact: Artefact) -> str:
        """Keep it; returns its SHA-256. The same artefact again is the same entry.

        Raises:
            ModelError: a figure that is no finite number, tables that contradict the manifest, or a damaged entry.
            OutputError: the folder cannot be written.
        """
        place = f"model of {artefact.manifest.symbol}"
        _validate(artefact, place)
        layouts = {name: TableLayout(table.shape, layout_of(table.dtype)) for name, table in artefact.tables.items()}
        archive = write_tables(artefact.tables)
        entry = Entry(artefact.manifest, layouts, len(archive), hashlib.sha256(archive).hexdigest())
        told = msgspec.json.format(msgspec.json.encode(entry, order="deterministic"), indent=1) + b"\n"
        address = hashlib.sha256(told).hexdigest()
        folder = self._root / address

        def write(temporary: Path) -> None:
            (temporary / MANIFEST).write_bytes(told)
            (temporary / TABLES).write_bytes(archive)

        if folder.is_dir():
            self.get(address)
        else:
            create_folder(folder, write)
        return address

    def get(self, sha256: str) -> Artefact:
        """The artefact, checked against its digest.

        Raises:
            ModelError: there is none; a file of it is missing, altered, truncated or unknown; it was written by a
                newer version or something else; its tables contradict its manifest.
        """
        folder = self.folder(sha256)
        entry = self.entry(sha256)
        archive = _read(folder / TABLES, entry.tables_bytes)
        if len(archive) != entry.tables_bytes or hashlib.sha256(archive).hexdigest() != entry.tables_sha256:
            raise ModelError("is not what it was when it was kept", place=str(folder / TABLES), remedy=_RESTORE)
        try:
            artefact = Artefact(entry.manifest, read_tables(archive, entry.tables))
        except ModelError as error:
            raise ModelError(str(error), place=str(folder / TABLES), remedy=_RESTORE) from error
        _validate(artefact, str(folder))
        return artefact

    def entry(self, sha256: str) -> Entry:
        """What an artefact's manifest says, checked against the address; its tables are not read.

        Raises:
            ModelError: as `get`, for the manifest.
        """
        folder = self.folder(sha256)
        if not folder.is_dir():
            raise ModelError(
                "no such model", place=str(folder), remedy="'quaestor models list' shows those that are there"
            )
        unknown = {file.name for file in folder.iterdir()} - {MANIFEST, TABLES}
        if unknown:
            raise ModelError("is no part of a model", place=str(folder / min(unknown)), remedy="remove it")
        path = folder / MANIFEST
        told = _read(path, _MANIFEST_BYTES_MAX)
        if hashlib.sha256(told).hexdigest() != sha256:
            raise ModelError("is not what it was when it was kept", place=str(path), remedy=_RESTORE)
        return _decode(told, path)

    def folder(self, sha256: str) -> Path:
        """Where an artefact lies, or would lie.

        Raises:
            ModelError: that is no SHA-256.
        """
        if _ADDRESS.fullmatch(sha256) is None:
            raise ModelError(f"'{sha256}' is no SHA-256", place=str(self._root), remedy="give 64 hex digits")
        return self._root / sha256

    def addresses(self) -> Iterator[str]:
        """Every artefact that is kept, in order."""
        if self._root.is_dir():
            yield from sorted(path.name for path in self._root.iterdir() if _ADDRESS.fullmatch(path.name))


def _read(path: Path, bytes_max: int) -> bytes:
    """A file's content, and one byte more than allowed where there is more."""
    if path.is_symlink() or not path.is_file():
        raise ModelError("is missing, or no file", place=str(path), remedy=_RESTORE)
    try:
        with path.open("rb") as file:
            return file.read(bytes_max + 1)
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}", place=str(path), remedy="check permissions") from error


def _decode(told: bytes, path: Path) -> Entry:
    try:
        version = msgspec.json.decode(told, type=_AnyEntry).manifest.format
        if version > FORMAT:
            raise ModelError(
                f"is of format {version}, and this version reads {FORMAT}", place=str(path), remedy="update quaestor"
            )
        if version != FORMAT:
            raise ModelError(f"is of format {version}, not {FORMAT}", place=str(path), remedy="train the model again")
        return msgspec.json.decode(told, type=Entry)
    except msgspec.DecodeError as error:
        raise ModelError(f"is no manifest of a model: {error}", place=str(path), remedy=_RESTORE) from error


def _validate(artefact: Artefact, place: str) -> None:
    """Refuse an artefact of another format or one that `validate_artefact` refuses, with the place in a message."""
    if artefact.manifest.format != FORMAT:
        raise ModelError(
            f"is of format {artefact.manifest.format}, not {FORMAT}", place=place, remedy="train the model again"
        )
    try:
        validate_artefact(artefact)
    except DataError as error:
        where = f"{place}: {error.place}" if error.place else place
        raise ModelError(error.what, place=where, remedy=error.remedy) from error
