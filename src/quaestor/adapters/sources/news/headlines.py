"""Headlines from source files: titles and when they were published."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.errors import DataError


@dataclass(frozen=True, slots=True)
class Headlines:
    """Titles and when they were published, int64 ns UTC, ascending; those of one instant in order of their text."""

    ts: NDArray[np.int64]
    titles: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.titles)


def load_headlines(path: Path) -> Headlines:
    """Headlines of a file with a time and a title column (see `files.columns` for their names), in any order.

    A title that comes twice with the same stamp counts once, and a row without a title says nothing: both are left out.

    Raises:
        DataError: the file is missing, damaged, lacks a column or holds no title; a row has no stamp.
    """
    source = open_source(path)
    time = source.column("ts")
    titles = read_titles(source)
    ts = source.rows(time).stamps(time)
    unique = sorted({(at, title) for at, title in zip(ts.tolist(), titles, strict=True) if title})
    return Headlines(np.array([at for at, _ in unique], dtype=np.int64), tuple(title for _, title in unique))


def read_titles(source: SourceFile) -> list[str]:
    """The title of every row, in file order; an empty text where there is none.

    Raises:
        DataError: there is no column of titles, or no row has one.
    """
    name = source.column("title")
    titles = source.rows(pl.col(name).cast(pl.String).str.strip_chars().fill_null("")).frame[name]
    if (titles == "").all():
        raise DataError(f"column '{name}' holds no headlines", place=source.place)
    return titles.to_list()
