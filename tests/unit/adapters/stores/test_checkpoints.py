"""Checkpoints: exact bytes back, nothing half-written, and no state that is damaged or another's."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.adapters.stores import checkpoints as module
from quaestor.adapters.stores.checkpoints import CheckpointStore, Position
from quaestor.errors import CheckpointError, ConfigError, OutputError
from quaestor.jit.tables import Table, record

STATE = record([("rows", "i8"), ("flag", "i1"), ("weights", "f8", (50,))])
HERE = {"quaestor": "1.0", "cpu": "some"}


def state_of(rows: int) -> Table:
    """A state that says where it is."""
    state = np.zeros(1, STATE)
    state["rows"], state["weights"] = rows, np.random.default_rng(rows).normal(size=50)
    return state


def at(rows: int) -> Position:
    return Position(rows, rows * 60, rows // 2)


def filled(folder: Path, *rows: int) -> CheckpointStore:
    """A store in which these were saved."""
    store = CheckpointStore(folder, HERE)
    for each in rows:
        store.save("BTCUSDT", at(each), state_of(each))
    return store


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_state_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    filled(tmp_path / "deep", 10)
    found = CheckpointStore(tmp_path / "deep", dict(reversed(HERE.items()))).load_latest("BTCUSDT", STATE)
    assert found is not None
    assert (found.position, found.refused) == (at(10), ())
    assert found.state.tobytes() == state_of(10).tobytes()
    found.state["rows"] += 1  # it is one's own, to go on with


def test_nothing_saved_is_nothing_found(tmp_path: Path) -> None:
    store = filled(tmp_path, 10)
    assert store.load_latest("ETHUSDT", STATE) is None
    assert CheckpointStore(tmp_path / "absent", HERE).load_latest("BTCUSDT", STATE) is None


def test_the_last_few_are_kept_of_each_name(tmp_path: Path) -> None:
    store = filled(tmp_path, 1, 2, 3, 4)
    store.save("BTCUSDT-PERP", at(9), state_of(9))
    (tmp_path / ".BTCUSDT-00000000000000000005.checkpoint.77.tmp").write_bytes(b"torn")
    (tmp_path / ".BTCUSDT-PERP-00000000000000000005.checkpoint.77.tmp").write_bytes(b"not ours")
    store.save("BTCUSDT", at(5), state_of(5))
    assert names(tmp_path) == [
        ".BTCUSDT-PERP-00000000000000000005.checkpoint.77.tmp",
        *(f"BTCUSDT-{rows:020d}.checkpoint" for rows in (3, 4, 5)),
        f"BTCUSDT-PERP-{9:020d}.checkpoint",
    ]


def test_who_saves_further_back_has_given_up_what_came_later(tmp_path: Path) -> None:
    store = filled(tmp_path, 10, 20, 30)
    store.save("BTCUSDT", at(5), state_of(5))
    found = store.load_latest("BTCUSDT", STATE)
    assert found is not None
    assert found.position == at(5)


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@given(st.data())
def test_any_damage_falls_back_to_the_one_before(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damage")
    store = filled(folder, 1, 2)
    newest = folder / names(folder)[-1]
    whole = newest.read_bytes()
    if data.draw(st.booleans()):
        newest.write_bytes(flip(whole, data.draw(st.integers(0, len(whole) - 1))))
    else:
        newest.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    found = store.load_latest("BTCUSDT", STATE)
    assert found is not None
    assert found.position == at(1)
    assert found.state.tobytes() == state_of(1).tobytes()
    assert len(found.refused) == 1
    assert "damaged" in found.refused[0]
    assert newest.name in found.refused[0]


def test_when_all_are_damaged_each_is_named(tmp_path: Path) -> None:
    store = filled(tmp_path, 1, 2)
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="no checkpoint of BTCUSDT can be used") as caught:
        store.load_latest("BTCUSDT", STATE)
    assert str(caught.value).count(": damaged: ") == 2


@pytest.mark.parametrize(
    ("identity", "dtype", "complaint"),
    [
        (HERE | {"cpu": "other"}, STATE, "cpu: some ≠ other"),
        (HERE | {"model": "ab"}, STATE, "model: not given ≠ ab"),
        ({"cpu": "some"}, STATE, "quaestor: 1.0 ≠ not given"),
        (HERE, record([("rows", "i8"), ("flag", "i1"), ("weights", "f8", (51,))]), "another layout"),
    ],
)
def test_what_is_foreign_is_refused(
    tmp_path: Path, identity: dict[str, str], dtype: np.dtype[np.void], complaint: str
) -> None:
    filled(tmp_path, 1)
    with pytest.raises(CheckpointError, match=complaint):
        CheckpointStore(tmp_path, identity).load_latest("BTCUSDT", dtype)


def test_a_file_under_another_name_or_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path, 1)
    (only,) = tmp_path.iterdir()
    only.rename(tmp_path / only.name.replace("BTC", "ETH"))
    with pytest.raises(CheckpointError, match="a checkpoint of BTCUSDT, not of ETHUSDT"):
        store.load_latest("ETHUSDT", STATE)
    monkeypatch.setattr(module, "FORMAT", 2)
    with pytest.raises(CheckpointError, match="format 1, this version reads 2"):
        store.load_latest("ETHUSDT", STATE)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b"])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    store = CheckpointStore(tmp_path, HERE)
    calls: list[Callable[[], object]] = [
        lambda: store.save(name, at(1), state_of(1)),
        lambda: store.load_latest(name, STATE),
    ]
    for call in calls:
        with pytest.raises(ConfigError):
            call()
    with pytest.raises(ConfigError):
        CheckpointStore(tmp_path, HERE, kept=1)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = CheckpointStore(tmp_path / "file" / "in", HERE)
    with pytest.raises(OutputError):
        store.save("BTCUSDT", at(1), state_of(1))


_WRITER = """
import sys
from pathlib import Path
from tests.unit.adapters.stores.test_checkpoints import HERE, at, state_of
from quaestor.adapters.stores.checkpoints import CheckpointStore
store = CheckpointStore(Path(sys.argv[1]), HERE)
for rows in range(1, 1_000_000):
    store.save("BTCUSDT", at(rows), state_of(rows))
    print(rows, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
def test_killed_at_any_moment_nothing_that_was_saved_is_lost(tmp_path: Path, lines: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(lines):
        saved = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.communicate()[0].split("\n")
    saved = max([saved, *(int(line) for line in rest[:-1])])
    found = CheckpointStore(tmp_path, HERE).load_latest("BTCUSDT", STATE)
    assert found is not None
    assert found.refused == ()
    assert found.position.rows in (saved, saved + 1)
    assert found.state.tobytes() == state_of(found.position.rows).tobytes()


def test_killed_in_the_middle_of_a_write_the_one_before_is_there(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    torn = "import os, signal, sys\nfrom pathlib import Path\n"
    torn += "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n" + _WRITER.replace("range(1,", "range(2,")
    writer = subprocess.run([sys.executable, "-c", torn, str(tmp_path)], capture_output=True, check=False)
    assert writer.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 2  # a temporary file that was never renamed
    found = store.load_latest("BTCUSDT", STATE)
    assert found is not None
    assert (found.position, found.refused) == (at(1), ())
    store.save("BTCUSDT", at(2), state_of(2))
    assert len(names(tmp_path)) == 2
