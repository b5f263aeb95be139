"""Files appear whole or not at all, whatever the disk answers."""

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

from quaestor.adapters.commands import leave_command
from quaestor.adapters.stores.atomic import create_folder, replace_file
from quaestor.adapters.stores.frames import replace_frame
from quaestor.analysis.results import RunResult, write_result
from quaestor.errors import OutputError
from quaestor.report.document import write_page
from quaestor.research.experiment.lines import add_line, read_lines

#: Larger than what `full_disk` lets through.
FRAME = pl.DataFrame({"a": np.random.default_rng(0).random(2_000)})
TEXT = "x" * 10_000


class Line(msgspec.Struct, frozen=True):
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    strategy: str


@contextmanager
def full_disk(bytes_max: int = 4_096) -> Iterator[None]:
    """No file can grow beyond a size: writes end in an error of the operating system, half-way."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill_folder(path: Path) -> None:
    create_folder(path, lambda folder: (folder / "one").write_text(TEXT))


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.txt": lambda path: replace_file(path, lambda temporary: temporary.write_text(TEXT)),
    "a.parquet": lambda path: replace_frame(path, FRAME),
    "a.csv": lambda path: replace_frame(path, FRAME),
    "a.html": lambda path: write_page(TEXT, path),
    "folder": fill_folder,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with full_disk(), pytest.raises(OutputError, match="cannot be written: File too large") as caught:
        WRITERS[name](path)
    assert str(caught.value).startswith(f"{path}: ")
    assert not list(tmp_path.iterdir())
    WRITERS[name](path)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.txt", "a.parquet", "a.csv", "a.html"])
def test_a_failed_write_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("mine")
    with full_disk(), pytest.raises(OutputError):
        WRITERS[name](path)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "a", interrupted)
    with pytest.raises(KeyboardInterrupt):
        create_folder(tmp_path / "b", lambda folder: interrupted(folder / "c"))
    assert not list(tmp_path.iterdir())


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    for name, read in (("a.parquet", pl.read_parquet), ("a.csv", pl.read_csv)):
        replace_frame(tmp_path / name, FRAME, level=3)
        assert read(tmp_path / name).equals(FRAME)


def test_results_on_a_full_disk_leave_no_half_file(tmp_path: Path) -> None:
    empty = FRAME.clear()
    nothing: Any = None
    result = RunResult(Figures("a summary"), nothing, empty, FRAME, empty, nothing, None)  # type: ignore[arg-type]
    with full_disk(), pytest.raises(OutputError, match="cannot be written: File too large") as caught:
        write_result(result, empty, tmp_path)
    assert str(caught.value).startswith(f"--out {tmp_path}: ")
    assert str(caught.value).endswith(" — choose a directory that you may write to")
    assert [entry.name for entry in tmp_path.iterdir()] == ["trades.parquet"]


def test_a_command_that_cannot_be_left_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "segment-0").touch()
    with full_disk(2), pytest.raises(OutputError, match="cannot be written: File too large"):
        leave_command(tmp_path, "kill")
    assert [entry.name for entry in tmp_path.iterdir()] == ["segment-0"]


def test_a_line_that_does_not_fit_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    add_line(path, Line("first"))
    with full_disk(), pytest.raises(OutputError, match="cannot be written"):
        add_line(path, Line(TEXT))
    assert read_lines(path, Line) == (Line("first"),)
    add_line(path, Line("second"))
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["first", "second"]
