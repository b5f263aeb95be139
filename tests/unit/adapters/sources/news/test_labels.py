"""Labelled headlines, and the figures of agreement."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.adapters.sources.news.labels import agreement, is_test, load_labelled
from quaestor.errors import DataError, UnknownNameError


def write(path: Path, labels: list[str | None], titles: list[str | None] | None = None) -> SourceFile:
    pl.DataFrame({"title": titles or ["Gold shines; Silver dull"] * len(labels), "label": labels}).write_parquet(path)
    return open_source(path)


def test_labels_of_whole_headlines_and_of_names(tmp_path: Path) -> None:
    cells = ["positive", '{"gold": "positive", "Silver": "negative", "Zinc": "neutral"}', "{}"]
    labelled = load_labelled(
        write(tmp_path / "x.parquet", [*cells, "neutral"], ["A", "Gold up, silver down", "B", ""]), "label"
    )
    assert labelled.titles == ("A", *["Gold up, silver down"] * 3)
    assert labelled.places == (0, 0, 9, 0)
    assert labelled.labels.tolist() == [1, 1, -1, 0]


@pytest.mark.parametrize("cell", ["bullish", '{"gold": "up"}', '{"gold": 1}', '{"gold"', None])
def test_what_is_no_label_is_refused(tmp_path: Path, cell: str | None) -> None:
    with pytest.raises(DataError, match="row 1"):
        load_labelled(write(tmp_path / "x.parquet", ["neutral", cell]), "label")


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="label"):
        load_labelled(write(tmp_path / "x.parquet", ["neutral"]), "lable")
    with pytest.raises(DataError, match="no labels"):
        load_labelled(write(tmp_path / "x.parquet", ["{}"]), "label")


def test_agreement_by_hand() -> None:
    labels = np.array([-1, -1, -1, 0, 0, 1, 1, 1, 1, 1], np.int8)
    predictions = np.array([-1, -1, 0, 0, 1, 1, 1, 1, -1, 0], np.int8)
    found = agreement(labels, predictions)
    assert found.confusion.tolist() == [[2, 1, 0], [0, 1, 1], [1, 1, 3]]
    assert found.n == 10
    assert found.accuracy == 0.6
    # precision and recall: negative 2/3, 2/3; neutral 1/3, 1/2; positive 3/4, 3/5
    assert found.f1 == pytest.approx((2 / 3, 2 * (1 / 3) * (1 / 2) / (5 / 6), 2 * 0.75 * 0.6 / 1.35))
    assert found.macro_f1 == pytest.approx(np.mean(found.f1))


def test_a_class_that_never_occurs_counts_as_missed() -> None:
    found = agreement(np.array([1, 1], np.int8), np.array([1, 1], np.int8))
    assert found.f1 == (0.0, 0.0, 1.0)


def test_both_halves_have_headlines_and_spelling_does_not_choose() -> None:
    titles = [f"headline {k}" for k in range(400)]
    share = np.mean([is_test(title) for title in titles])
    assert 0.4 < share < 0.6
    assert all(is_test(title) == is_test(f" {title.upper()}  ") for title in titles)
