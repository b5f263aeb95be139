"""A kept model comes back as it was, or not at all."""

import hashlib
import io
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.adapters.model_stores.artefacts import REGIME, artefact, manifest, tables

from quaestor.adapters.model_stores.archive import write_tables
from quaestor.adapters.model_stores.directory import MANIFEST, TABLES, DirectoryModelStore
from quaestor.adapters.model_stores.layout import dtype_of, layout_of
from quaestor.brain.models.contract import NODE, Family, model_dtype
from quaestor.domain.artefact import Artefact
from quaestor.errors import ModelError, OutputError
from quaestor.ports.models import ModelStore


@pytest.fixture
def store(tmp_path: Path) -> DirectoryModelStore:
    return DirectoryModelStore(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[DirectoryModelStore, str]:
    """A store with one artefact, for tests that put every byte back."""
    store = DirectoryModelStore(tmp_path_factory.mktemp("models"))
    return store, store.put(artefact())


def refusal(store: DirectoryModelStore, address: str) -> str:
    with pytest.raises(ModelError) as caught:
        store.get(address)
    assert caught.value.place
    assert caught.value.remedy
    return str(caught.value)


def readdress(store: DirectoryModelStore, address: str, **changes: Any) -> str:
    """Change an entry and keep it under the address that it then has: what someone who can compute SHA-256 can do."""
    folder = store.folder(address)
    manifest = msgspec.json.decode((folder / MANIFEST).read_bytes())
    archive = (folder / TABLES).read_bytes()
    manifest |= {"tables_bytes": len(archive), "tables_sha256": hashlib.sha256(archive).hexdigest()}
    content = changes.pop("raw", None) or msgspec.json.encode(manifest | changes)
    (folder / MANIFEST).write_bytes(content)
    new = hashlib.sha256(content).hexdigest()
    folder.rename(store.folder(new))
    return new


def test_it_comes_back_to_the_byte(store: DirectoryModelStore) -> None:
    port: ModelStore = store
    address = port.put(artefact())
    back = port.get(address)
    assert back.manifest == manifest()
    for name, table in tables().items():
        read = back.tables[name]
        assert (read.dtype, read.shape, read.dtype.isalignedstruct) == (table.dtype, table.shape, True)
        assert read.flags.writeable
        np.testing.assert_array_equal(read, table)
    assert list(store.addresses()) == [address]


def test_the_address_is_what_sha256sum_says(store: DirectoryModelStore) -> None:
    address = store.put(artefact())
    manifest = (store.folder(address) / MANIFEST).read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == address
    archive = (store.folder(address) / TABLES).read_bytes()
    assert msgspec.json.decode(manifest)["tables_sha256"] == hashlib.sha256(archive).hexdigest()
    with np.load(io.BytesIO(archive), allow_pickle=False) as read:  # numpy itself reads it
        np.testing.assert_array_equal(read["nodes"], tables()["nodes"])


def test_same_artefact_same_bytes(store: DirectoryModelStore, tmp_path: Path) -> None:
    first = store.put(artefact())
    before = [(file.name, file.stat().st_mtime_ns) for file in sorted(store.folder(first).iterdir())]
    turned = Artefact(manifest(scores={"log_loss": 0.69, "accuracy": 0.53}), dict(reversed(tables().items())))
    dirty = tables()
    gaps = np.frombuffer(dirty["regime"].data, np.uint8)  # bytes between fields are left to chance
    noisy = np.frombuffer(bytearray(gaps.tobytes()), REGIME)
    noisy.view(np.uint8).reshape(2, -1)[:, 4:8] = 77
    again = [store.put(a) for a in (artefact(), turned, Artefact(manifest(), dirty | {"regime": noisy}))]
    assert again == [first] * 3
    assert [(file.name, file.stat().st_mtime_ns) for file in sorted(store.folder(first).iterdir())] == before
    assert [path.name for path in tmp_path.iterdir()] == [first]
    assert store.put(artefact(seed=8)) != first
    elsewhere = DirectoryModelStore(tmp_path / "elsewhere")
    assert elsewhere.put(artefact()) == first


def test_same_bytes_in_another_process(store: DirectoryModelStore, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.unit.adapters.model_stores.artefacts import artefact;"
        "from quaestor.adapters.model_stores.directory import DirectoryModelStore;"
        "print(DirectoryModelStore(Path(sys.argv[1])).put(artefact()))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "other")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == store.put(artefact())


@settings(max_examples=300)
@given(st.data())
def test_any_flipped_bit_is_refused(kept: tuple[DirectoryModelStore, str], data: st.DataObject) -> None:
    store, address = kept
    path = store.folder(address) / data.draw(st.sampled_from((MANIFEST, TABLES)))
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        path.write_bytes(flipped)
        assert str(path) in refusal(store, address)
    finally:
        path.write_bytes(content)
    store.get(address)


@settings(max_examples=300)
@given(st.data())
def test_a_flipped_archive_under_its_own_address_never_gives_other_tables(
    kept: tuple[DirectoryModelStore, str], data: st.DataObject
) -> None:
    """With the address computed anew only the numbers themselves can differ, and they stay in bounds."""
    store, address = kept
    folder = store.folder(address)
    saved = {name: (folder / name).read_bytes() for name in (MANIFEST, TABLES)}
    flipped = bytearray(saved[TABLES])
    flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (folder / TABLES).write_bytes(flipped)
    new = readdress(store, address)
    try:
        with suppress(ModelError):
            back = store.get(new)
            assert write_tables(back.tables) == bytes(flipped)
            assert (back.tables["nodes"]["child"] < 3).all()
    finally:
        store.folder(new).rename(folder)
        for name, content in saved.items():
            (folder / name).write_bytes(content)


def truncate(folder: Path) -> None:
    path = folder / TABLES
    path.write_bytes(path.read_bytes()[:-1])


def append(folder: Path) -> None:
    with (folder / TABLES).open("ab") as file:
        file.write(b"\0")


def link(folder: Path) -> None:
    moved = folder.parent / "elsewhere.npz"
    (folder / TABLES).rename(moved)
    (folder / TABLES).symlink_to(moved)


@pytest.mark.parametrize(
    ("damage", "file"),
    [
        (truncate, TABLES),
        (append, TABLES),
        (link, TABLES),
        (lambda folder: (folder / TABLES).unlink(), TABLES),
        (lambda folder: (folder / MANIFEST).unlink(), MANIFEST),
        (lambda folder: (folder / MANIFEST).write_bytes(b""), MANIFEST),
        (lambda folder: (folder / "more.py").write_text("import os"), "more.py"),
    ],
)
def test_damage_names_the_file(store: DirectoryModelStore, damage: Callable[[Path], object], file: str) -> None:
    address = store.put(artefact())
    damage(store.folder(address))
    assert str(store.folder(address) / file) in refusal(store, address)
    with pytest.raises(ModelError):  # nor is it mended in silence
        store.put(artefact())


@pytest.mark.parametrize("name", ["../secret", "", "a" * 63, "A" * 64, "/etc/passwd", "a" * 65])
def test_an_address_is_no_path(store: DirectoryModelStore, name: str) -> None:
    assert "is no SHA-256" in refusal(store, name)
    assert "no such model" in refusal(store, "0" * 64)


def test_formats_of_others(store: DirectoryModelStore) -> None:
    def as_format(number: int) -> str:
        address = store.put(artefact())
        manifest = msgspec.json.decode((store.folder(address) / MANIFEST).read_bytes())
        return readdress(store, address, manifest={"format": number, "unheard": "of"}, tables=manifest["tables"])

    assert "update quaestor" in refusal(store, as_format(2))
    assert "is of format 0" in refusal(store, as_format(0))
    address = store.put(artefact())
    assert "is no manifest" in refusal(store, readdress(store, address, raw=b'{"model": "pickle"}'))


def hidden(content: bytes, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None], mode: str = "w") -> bytes:
    """An archive made again of its members by some other hand."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {member.filename: file.read(member) for member in file.infolist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, mode) as file:  # type: ignore[call-overload]
        change(file, members)
    return made.getvalue()


def write_bomb(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        file.writestr(name, content + bytes(1 << 24), zipfile.ZIP_DEFLATED)


def write_path(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        file.writestr(f"../../{name}", content)


def write_more(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        file.writestr(name, content)
    file.writestr("setup.py", b"print(1)")


def write_twice(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        file.writestr(name, content)
    with pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("models.npy", members["models.npy"])


class Evil:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.abort, ())


def write_pickle(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    content = io.BytesIO()
    np.lib.format.write_array(content, np.array([Evil()], dtype=object), allow_pickle=True)
    for name in members:
        file.writestr(name, content.getvalue())


def write_huge(file: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    """Headers that promise more memory than there is."""
    content = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (1 << 50,)}
    np.lib.format.write_array_header_1_0(content, header)
    for name in members:
        file.writestr(name, content.getvalue())


@pytest.mark.parametrize("change", [write_bomb, write_path, write_more, write_twice, write_pickle, write_huge])
def test_archives_of_another_hand(
    store: DirectoryModelStore, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]
) -> None:
    address = store.put(artefact())
    path = store.folder(address) / TABLES
    path.write_bytes(hidden(path.read_bytes(), change))
    assert TABLES in refusal(store, readdress(store, address))


@pytest.mark.parametrize(
    "content", [pickle.dumps(Evil()), b"", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\x00", b"#!/bin/sh\n"]
)
def test_what_is_no_archive(store: DirectoryModelStore, content: bytes) -> None:
    address = store.put(artefact())
    (store.folder(address) / TABLES).write_bytes(content)
    assert TABLES in refusal(store, readdress(store, address))


def test_layouts_that_lie(store: DirectoryModelStore) -> None:
    def retold(change: Callable[[dict[str, Any]], object]) -> str:
        address = store.put(artefact())
        manifest = msgspec.json.decode((store.folder(address) / MANIFEST).read_bytes())["tables"]
        change(manifest)
        return refusal(store, readdress(store, address, tables=manifest))

    def shape(length: int) -> Callable[[dict[str, Any]], object]:
        return lambda manifest: manifest["nodes"].update(shape=[length])

    assert "another layout" in retold(shape(2))
    assert "another layout" in retold(shape(1 << 60))
    assert "has no size" in retold(shape(-1))
    assert "other tables" in retold(lambda manifest: manifest.pop("regime"))
    assert "is no number" in retold(lambda manifest: manifest["nodes"]["record"]["fields"][0].update(kind="|O"))
    assert "no layout" in retold(lambda manifest: manifest["nodes"]["record"]["fields"][0].update(offset=1 << 40))
    assert "no layout" in retold(lambda manifest: manifest["nodes"]["record"]["fields"][1].update(name="threshold"))


@pytest.mark.parametrize("dtype", [np.dtype([("a", "O")]), np.dtype([("a", "U3")]), np.dtype([("a", ">f8")])])
def test_only_numbers_are_kept(store: DirectoryModelStore, tmp_path: Path, dtype: np.dtype[np.void]) -> None:
    with pytest.raises(ModelError, match="field a: holds"):
        store.put(artefact({"more": np.zeros(1, dtype)}))
    with pytest.raises(ModelError, match="is no record"):
        store.put(artefact({"more": np.zeros(1)}))  # type: ignore[dict-item]
    with pytest.raises(ModelError, match="is no name of a table"):
        store.put(artefact({"../more": np.zeros(1, [("a", "<f8")])}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", [REGIME, NODE, model_dtype(25), np.dtype([("a", "<i4"), ("b", "<f8")])])
def test_a_layout_survives_json(dtype: np.dtype[np.void]) -> None:
    layout = layout_of(dtype)
    read = dtype_of(msgspec.json.decode(msgspec.json.encode(layout), type=type(layout)))
    assert (read, read.isalignedstruct, read.itemsize) == (dtype, dtype.isalignedstruct, dtype.itemsize)
    assert [read.fields[name] for name in read.names or ()] == [dtype.fields[name] for name in dtype.names or ()]  # type: ignore[index]


def with_nodes(**changes: object) -> Artefact:
    nodes = tables()["nodes"]
    for name, value in changes.items():
        nodes[name][0] = value
    return Artefact(manifest(), tables() | {"nodes": nodes})


def with_models(row: int, **changes: object) -> Artefact:
    models = tables()["models"]
    for name, value in changes.items():
        models[name][row] = value
    return Artefact(manifest(), tables() | {"models": models})


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (with_nodes(child=2), "has children outside the table"),
        (with_nodes(child=-1), "has children outside the table"),
        (with_nodes(feature=3), "reads a feature that is none of 3"),
        (with_nodes(feature=-2), "reads a feature that is none of 3"),
        (with_nodes(threshold=np.nan), "field threshold is not finite"),
        (with_nodes(value=np.inf), "field value is not finite"),
        (with_models(1, trees=4), "are not among 3 nodes"),
        (with_models(1, first=2**62, trees=2**62), "are not among 3 nodes"),
        (with_models(1, first=-1), "are not among 3 nodes"),
        (with_models(1, depth=0), "its trees are deeper than 0"),
        (with_models(0, family=9), "family 9 with link 1 is unknown"),
        (with_models(0, family=Family.RULE, first=1), "model logistic stands for a member that is not there"),
        (with_models(0, weights=(0.0, np.inf, 0.0)), "field weights is not finite"),
        (artefact(models=("logistic",)), "does not hold 1 models"),
        (artefact(features=("rsi_14",)), "not the tables of models of 1 features"),
        (artefact(scores={"auc": np.nan}), "figure of its manifest"),
        (artefact(format=2), "is of format 2"),
        (Artefact(manifest(), {"nodes": tables()["nodes"]}), "nodes without models"),
        (Artefact(manifest(), tables() | {"nodes": tables()["regime"]}), "not the tables of models"),
    ],
)
def test_tables_that_would_lead_astray(store: DirectoryModelStore, tmp_path: Path, bad: Artefact, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        store.put(bad)
    assert not list(tmp_path.iterdir())


def test_a_crash_leaves_nothing_to_be_seen(store: DirectoryModelStore, tmp_path: Path, monkeypatch: Any) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(OutputError, match="No space left"):
            store.put(artefact())
    assert not list(tmp_path.iterdir())
    address = store.put(artefact())
    # what a power cut leaves is beside the entries, under a name that is none
    shutil.copytree(store.folder(address), tmp_path / f".{address}.x1")
    (tmp_path / f".{address}.x1" / MANIFEST).unlink()
    assert list(store.addresses()) == [address]
