"""The lexicon, the scorer over it, and what they refuse."""

import builtins
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from quaestor.adapters.sources.news.lexicon import Lexicon, load_lexicon
from quaestor.adapters.sources.news.scorer import LexiconScorer, VaderScorer, labels_of
from quaestor.errors import ConfigError


@pytest.fixture(scope="module")
def scorer() -> LexiconScorer:
    return LexiconScorer()


def one(scorer: LexiconScorer, text: str) -> float:
    return float(scorer.score([text])[0])


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin plunges below $40,000",
        "DeFi protocol loses $80M in flash loan attack",
        "Exchange halts withdrawals",
        "Developers pull off another rug pull",
        "SEC sues token issuer",
        "Token delisted by Binance",
        "Infosys misses estimates",
        "Broker cuts target on Tata Steel",
        "Net loss widens to Rs 40 crore",
        "Shares slip on profit-booking",
        "Miner files for bankruptcy",
        "Token fails to hold support",
    ],
)
def test_bad_news(scorer: LexiconScorer, text: str) -> None:
    assert one(scorer, text) <= -0.05


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin soars to all-time high",
        "Ether hits a 3-month high",
        "SEC approves spot bitcoin ETF",
        "Apple beats estimates",
        "Analysts upgrade Microsoft to buy",
        "Net loss narrows",
        "Stocks rebound as worries fade",
        "IBM raises dividend",
    ],
)
def test_good_news(scorer: LexiconScorer, text: str) -> None:
    assert one(scorer, text) >= 0.05


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Company to announce results of the fourth quarter on Friday",
        "Shares of the fund: interest, credit and securities",
        "Put stop loss at 120",
        "What is proof-of-stake?",
        "日本銀行",
    ],
)
def test_no_opinion(scorer: LexiconScorer, text: str) -> None:
    assert one(scorer, text) == 0.0


def test_a_negation_turns_a_word_around(scorer: LexiconScorer) -> None:
    assert one(scorer, "Not bullish") < 0 < one(scorer, "Bullish")
    assert one(scorer, "Exchange was not hacked") > 0 > one(scorer, "Exchange was hacked")


def test_a_phrase_counts_once_and_before_its_words() -> None:
    lexicon = Lexicon({"high": -4.0}, {"all time high": 2.0, "time high": -2.0})
    text_score = 2.0 / np.sqrt(2.0**2 + 15.0)
    for text in ("all-time high", "All Time  High", "an all-time-high"):
        assert one(LexiconScorer(lexicon), text) == pytest.approx(text_score, abs=1e-4)


def test_typeset_marks_are_read_as_plain_ones(scorer: LexiconScorer) -> None:
    plain = one(scorer, "'Bullish' - isn't a crash")
    assert one(scorer, "\x91Bullish\x92 – isn’t a crash") == plain


def test_with_nothing_of_ours_it_is_vader_with_its_strong_words() -> None:
    texts = ["A horrible, terrible day", "Great success!", "VERY happy but sad", "the table"]
    analyser = SentimentIntensityAnalyzer()
    analyser.lexicon = {word: weight for word, weight in analyser.lexicon.items() if abs(weight) >= 2.0}
    expected = [analyser.polarity_scores(text)["compound"] for text in texts]
    assert LexiconScorer(Lexicon({}, {})).score(texts).tolist() == expected


def test_plain_vader_is_vader() -> None:
    texts = ["A horrible day", "Shares rise", ""]
    analyser = SentimentIntensityAnalyzer()
    expected = [analyser.polarity_scores(text)["compound"] for text in texts]
    assert VaderScorer().score(texts).tolist() == expected


def test_scorers_do_not_share_their_words() -> None:
    LexiconScorer(Lexicon({"table": 3.0}, {}))
    assert one(LexiconScorer(Lexicon({}, {})), "the table") == 0.0


def test_every_shipped_term_has_an_effect_or_takes_one_away() -> None:
    lexicon = load_lexicon()
    scorer = LexiconScorer(lexicon)
    terms = {**lexicon.words, **lexicon.phrases}
    scores = scorer.score([f"x {term} x" for term in terms])
    assert np.array_equal(np.sign(scores), np.sign(list(terms.values())))


def test_labels() -> None:
    assert labels_of(np.array([-1.0, -0.05, -0.049, 0.0, 0.049, 0.05, 1.0])).tolist() == [-1, -1, 0, 0, 0, 1, 1]


def test_a_user_adds_and_overrides_terms(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[group]]\nmeaning = "mine"\nweight = 2\nwords = "Crash wagmi"\nphrases = ["To  The Floor"]\n')
    lexicon = load_lexicon(own)
    assert (lexicon.words["crash"], lexicon.words["wagmi"], lexicon.phrases["to the floor"]) == (2.0, 2.0, 2.0)
    assert lexicon.words["plunges"] == load_lexicon().words["plunges"]
    assert one(LexiconScorer(lexicon), "wagmi") > 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[group]", "TOML"),
        ('[[group]]\nmeaning = "m"\nweight = 9\nwords = "a"', "weight"),
        ('[[group]]\nweight = 1\nwords = "a"', "meaning"),
        ('[[group]]\nmeaning = "m"\nweight = 1\nwrods = "a"', "wrods"),
        ('[[group]]\nmeaning="m"\nweight=1\nwords="a"\n[[group]]\nmeaning="n"\nweight=2\nwords="a"', "weighs 1 and 2"),
    ],
)
def test_a_malformed_lexicon_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        load_lexicon(path)


def test_a_missing_lexicon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read as a lexicon"):
        load_lexicon(tmp_path / "none.toml")


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = importlib.import_module

    def absent(name: str, *rest: Any) -> Any:
        if name.startswith("vaderSentiment"):
            raise builtins.ModuleNotFoundError(name)
        return genuine(name, *rest)

    monkeypatch.setattr("quaestor.adapters.optional.import_module", absent)
    with pytest.raises(ConfigError, match=r"pip install 'quaestor\[text\]'"):
        LexiconScorer()
