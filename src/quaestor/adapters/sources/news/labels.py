"""Labelled headlines, and how well scores agree with the labels."""

import hashlib
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.adapters.sources.news.headlines import read_titles
from quaestor.errors import DataError, UnknownNameError

#: Labels in the order of −1, 0, 1.
LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class LabelledMentions:
    """One row a label: the headline, where in it what is labelled begins (0 where it is not found, or the whole
    headline is meant), and the label −1, 0 or 1."""

    titles: tuple[str, ...]
    places: tuple[int, ...]
    labels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.titles)

    def half(self, *, test: bool) -> "LabelledMentions":
        """The rows of one half of the headlines, by `is_test`."""
        kept = [k for k, title in enumerate(self.titles) if is_test(title) == test]
        return LabelledMentions(
            tuple(self.titles[k] for k in kept), tuple(self.places[k] for k in kept), self.labels[kept]
        )


def is_test(title: str) -> bool:
    """Whether a headline belongs to the half that is reported on only; the other half is for development.

    Decided by the lowest bit of the first byte of the SHA-256 of the title in lower case with single blanks, so that
    the halves need no list and a headline that comes twice is in one of them.

    Example:
        >>> is_test("Gold shines"), is_test("  gold  SHINES ")
        (True, True)
    """
    return bool(hashlib.sha256(" ".join(title.lower().split()).encode()).digest()[0] & 1)


def load_labelled(source: SourceFile, column: str) -> LabelledMentions:
    """Labels of a file with a title column; rows without a title are left out.

    Args:
        source: the file.
        column: holds either negative, neutral or positive, for the whole headline, or a JSON object of such a label
            for each name in it, such as ``{"Gold": "positive", "Silver": "negative"}``.

    Raises:
        UnknownNameError: no such column.
        DataError: the file is damaged, a label is none of the three, or there is none at all.
    """
    if column not in source.names:
        raise UnknownNameError("column", column, source.names, place=source.place)
    titles = read_titles(source)
    cells = source.rows(pl.col(column).cast(pl.String)).frame[column].to_list()
    rows: list[tuple[str, int, int]] = []
    for row, (title, cell) in enumerate(zip(titles, cells, strict=True)):
        labels = _labels_in(cell or "", f"{source.place}, row {row}") if title else {}
        for name, label in labels.items():
            rows.append((title, max(title.lower().find(name.lower()), 0), LABELS.index(label) - 1))
    if not rows:
        raise DataError(f"column '{column}' holds no labels", place=source.place)
    return LabelledMentions(
        tuple(title for title, _, _ in rows),
        tuple(place for _, place, _ in rows),
        np.array([label for _, _, label in rows], dtype=np.int8),
    )


def _labels_in(cell: str, place: str) -> dict[str, str]:
    """Label by name; the empty name stands for the whole headline."""
    labels = {"": cell}
    if cell.startswith("{"):
        try:
            labels = msgspec.json.decode(cell, type=dict[str, str])
        except msgspec.DecodeError as error:
            raise DataError(f"'{cell}' holds no labels: {error}", place=place) from error
    for label in labels.values():
        if label not in LABELS:
            raise DataError(f"'{label}' is no label", place=place, remedy=f"write {', '.join(LABELS)}")
    return labels


@dataclass(frozen=True, slots=True)
class Agreement:
    """How predictions agree with labels: `confusion` int64 (3, 3), rows by label, columns by prediction, −1, 0, 1."""

    confusion: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Labels."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of labels that were predicted."""
        return float(np.trace(self.confusion) / self.n)

    @property
    def f1(self) -> tuple[float, ...]:
        """2 · hits / (labels + predictions) for each class, 0 for one that neither labels nor predictions hold."""
        both = self.confusion.sum(axis=0) + self.confusion.sum(axis=1)
        return tuple((2 * np.diag(self.confusion) / np.maximum(both, 1)).tolist())

    @property
    def macro_f1(self) -> float:
        """Mean of `f1` over the classes."""
        return float(np.mean(self.f1))


def agreement(labels: NDArray[np.int8], predictions: NDArray[np.int8]) -> Agreement:
    """Count how often each label met each prediction; both int8[n] of −1, 0, 1.

    Example:
        >>> agreement(np.array([-1, 0, 1, 1], np.int8), np.array([-1, 1, 1, 1], np.int8)).confusion.tolist()
        [[1, 0, 0], [0, 0, 1], [0, 0, 2]]
    """
    cells = 3 * (labels.astype(np.int64) + 1) + (predictions + 1)
    return Agreement(np.bincount(cells, minlength=9).reshape(3, 3))
