"""The figures of the page on sentiment are those that the real labels give."""

import re
from pathlib import Path

import numpy as np
import pytest
from tests.recorded.files import LABELLED

from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.labels import LABELS, Agreement, LabelledMentions, agreement, load_labelled
from quaestor.adapters.sources.news.scorer import HeadlineScorer, LexiconScorer, VaderScorer, labels_of

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "sentiment.md"


@pytest.fixture(scope="module")
def labelled(shared_data: Path) -> LabelledMentions:
    return load_labelled(open_source(shared_data / LABELLED), "entity_sentiment_json")


@pytest.fixture(scope="module")
def test_half(labelled: LabelledMentions) -> LabelledMentions:
    return labelled.half(test=True)


def cells(name: str) -> list[str]:
    """The row of a table of the page."""
    found = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, name
    return [cell.strip() for cell in found[1].split("|")]


def printed(found: Agreement) -> list[str]:
    return [f"{100 * found.accuracy:.1f} %", f"{found.macro_f1:.3f}", *(f"{f1:.3f}" for f1 in found.f1)]


@pytest.mark.parametrize(
    ("name", "scorer"), [("VADER as it comes", VaderScorer()), ("our lexicon, whole headline", LexiconScorer())]
)
def test_whole_headlines(test_half: LabelledMentions, name: str, scorer: HeadlineScorer) -> None:
    assert printed(agreement(test_half.labels, labels_of(scorer.score(test_half.titles)))) == cells(name)


def test_clauses(test_half: LabelledMentions) -> None:
    found = agreement(test_half.labels, labels_of(score_mentions(LexiconScorer(), test_half.titles, test_half.places)))
    assert printed(found) == cells("our lexicon, clause of the entity")
    for name, row in zip(LABELS, found.confusion, strict=True):
        assert [f"{count:,}" for count in row] == cells(name)


def test_the_halves_are_as_described(labelled: LabelledMentions, test_half: LabelledMentions) -> None:
    assert f"{len(test_half):,} labels" in PAGE.read_text(encoding="utf-8")
    other = labelled.half(test=False)
    assert len(test_half) + len(other) == len(labelled)
    assert not {" ".join(t.lower().split()) for t in test_half.titles} & {
        " ".join(t.lower().split()) for t in other.titles
    }
    shares = np.bincount(test_half.labels + 1) / len(test_half)
    assert f"{100 * shares.max():.1f} %" == cells("majority class (neutral)")[0]
    assert int(shares.argmax()) == LABELS.index("neutral")
