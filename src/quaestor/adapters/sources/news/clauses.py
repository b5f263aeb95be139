"""Clause scores: what a headline says about one of the assets in it, by the clause that names it.

A headline is cut at semicolons, bars, commas, colons, and at *but*, *while*, *whereas* and *as*. What is said of an
asset is looked for in its own clause, then in those that follow, then in those before, nearest first: the first clause
with a score other than 0 speaks for it, and none leaves it at 0. "Bitcoin, ether rally as gold falls" is good for the
first two and bad for the third.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.news.scorer import HeadlineScorer

_CUT = re.compile(r"\s*[;|,:]\s+|\s+(?:but|while|whereas|as)\s+", re.IGNORECASE)


def score_mentions(scorer: HeadlineScorer, titles: Sequence[str], places: Sequence[int]) -> NDArray[np.float64]:
    """The score of each mention: float64[n], in [−1, 1].

    Args:
        scorer: scores clauses.
        titles: n headlines, repeated where several mentions are in one.
        places: index in its headline at which each mention begins.

    Example:
        >>> from quaestor.adapters.sources.news.scorer import LexiconScorer
        >>> title = "Bitcoin, ether rally as gold falls"
        >>> score_mentions(LexiconScorer(), [title] * 3, [0, 9, 24])
        array([ 0.5423,  0.5423, -0.4588])
    """
    clauses = [list(_nearest_first(title, place)) for title, place in zip(titles, places, strict=True)]
    texts = sorted({text for ordered in clauses for text in ordered})
    scores = dict(zip(texts, scorer.score(texts).tolist(), strict=True))
    spoken = [next((scores[text] for text in ordered if scores[text] != 0.0), 0.0) for ordered in clauses]
    return np.array(spoken, dtype=np.float64)


def _nearest_first(title: str, place: int) -> Iterator[str]:
    cuts = list(_CUT.finditer(title))
    starts = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(title)]
    own = max((k for k, start in enumerate(starts) if start <= place), default=0)
    for k in (*range(own, len(starts)), *range(own - 1, -1, -1)):
        yield title[starts[k] : ends[k]]
