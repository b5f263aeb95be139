"""Headline scorers: a score in [−1, 1] of what a headline says about its asset, and the label that stands for it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.adapters.sources.news.lexicon import Lexicon, load_lexicon

#: A score this far from 0 is an opinion: the threshold that VADER's authors use.
OPINION_FROM = 0.05

# Of VADER's own list the words that are strong anywhere are kept. The weaker ones are opinions in a message to friends,
# not in a headline about a market, and cost three points of accuracy on the development half.
_OWN_WORDS_FROM = 2.0

# Quotation marks and dashes of typesetting, also as left by a Windows code page read as Latin-1.
_PLAIN = str.maketrans(
    dict.fromkeys("’‘`\x91\x92", "'") | dict.fromkeys("“”\x93\x94", '"') | dict.fromkeys("–—…\x96\x97\x85", " ")
)
_GAP = re.compile(r"[\s-]+")


class HeadlineScorer(Protocol):
    """Anything that scores headlines; a model from elsewhere joins by this one method."""

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """A score in [−1, 1] for each text: float64[n]; each depends on its own text alone. 0 for no opinion."""
        ...


class LexiconScorer:
    """VADER's rules (negation, intensifiers, "but", capitals, exclamation marks) over a lexicon of market language.

    A phrase is found before its words are, the longest first, and counts as one word. The score is VADER's *compound*:
    s / √(s² + 15) of the sum s of the weights after the rules, to four decimals.

    Hutto and Gilbert (2014), VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text.

    Args:
        lexicon: the terms; the shipped ones when None.

    Raises:
        ConfigError: when vaderSentiment is not installed.

    Example:
        >>> LexiconScorer().score(["Bitcoin plunges after exchange hack", "Shares rise", "Analysts meet", "Not a scam"])
        array([-0.7906,  0.4588,  0.    ,  0.431 ])
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        chosen = load_lexicon() if lexicon is None else lexicon
        self._vader = new_vader()
        self._vader.lexicon = _weights(self._vader.lexicon, chosen)
        self._phrases = _pattern(tuple(chosen.phrases))

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """A score in [−1, 1] for each text: float64[n]."""
        joined = (
            self._phrases.sub(lambda match: f" {_as_one_word(match[0])} ", text.translate(_PLAIN)) for text in texts
        )
        return np.array([self._vader.polarity_scores(text)["compound"] for text in joined], dtype=np.float64)


class VaderScorer:
    """VADER as it comes, without market language: what the lexicon is measured against."""

    def __init__(self) -> None:
        self._vader = new_vader()

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """A score in [−1, 1] for each text: float64[n]."""
        return np.array([self._vader.polarity_scores(text)["compound"] for text in texts], dtype=np.float64)


def labels_of(scores: NDArray[np.float64]) -> NDArray[np.int8]:
    """−1 negative, 0 neutral, 1 positive for each score.

    Example:
        >>> labels_of(np.array([-0.3, 0.04, 0.05]))
        array([-1,  0,  1], dtype=int8)
    """
    return (scores >= OPINION_FROM).astype(np.int8) - (scores <= -OPINION_FROM).astype(np.int8)


def new_vader() -> Any:
    """An analyser with its own word list.

    Raises:
        ConfigError: when vaderSentiment is not installed.
    """
    library = load_extra("vaderSentiment.vaderSentiment", place="headlines", extra="text")
    return library.SentimentIntensityAnalyzer()


def _weights(own: dict[str, float], lexicon: Lexicon) -> dict[str, float]:
    """One word list: what is strong in VADER's own, and the lexicon on top; words of weight 0 are left out, since
    VADER lets a listed word stop the intensifiers before it."""
    kept = {word: weight for word, weight in own.items() if abs(weight) >= _OWN_WORDS_FROM}
    phrases = {_as_one_word(phrase): weight for phrase, weight in lexicon.phrases.items()}
    return {word: weight for word, weight in {**kept, **lexicon.words, **phrases}.items() if weight != 0.0}


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    alternatives = (_GAP.pattern.join(re.escape(word) for word in _GAP.split(text)) for text in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives) or '(?!)'})(?![\w-])", re.IGNORECASE)


def _as_one_word(phrase: str) -> str:
    return _GAP.sub("_", phrase.lower())
