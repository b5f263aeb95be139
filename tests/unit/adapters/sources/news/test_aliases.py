"""Names of assets in headlines."""

from pathlib import Path

import numpy as np
import pytest

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.scorer import LexiconScorer
from quaestor.errors import ConfigError


def assets(text: str) -> list[str]:
    return [mention.asset for mention in load_aliases().find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin, BTC, xbt and $btc", ["BTC"] * 4),
        ("Bitcoin's hash rate; bitcoin-backed loans", ["BTC", "BTC"]),
        ("bitcoiners gather", []),
        ("Bitcoin Cash and Ethereum Classic", ["BCH", "ETC"]),
        ("Bitcoin SV", []),
        ("The link between sol and dot, near the ada", []),
        ("LINK, SOL, DOT, NEAR and ADA", ["LINK", "SOL", "DOT", "NEAR", "ADA"]),
        ("Solana and Chainlink", ["SOL", "LINK"]),
        ("Apple sues; an apple a day", ["AAPL"]),
        ("Apple Pay comes to Japan", []),
        ("IBM, Google and Bank  of America", ["IBM", "GOOG", "BAC"]),
        ("S&P 500 falls, Nasdaq too", ["SPY", "QQQ"]),
        ("ETHER and Ethereum rally; together", ["ETH", "ETH"]),
        ("", []),
    ],
)
def test_names_are_found(text: str, expected: list[str]) -> None:
    assert assets(text) == expected


def test_places_are_those_of_the_text() -> None:
    text = "Why ether fell"
    (mention,) = load_aliases().find(text)
    assert text[mention.start : mention.end] == "ether"


def test_every_crypto_and_equity_instrument_that_ships_has_names() -> None:
    instruments = load_instruments().instruments.values()
    assert {instrument.base for instrument in instruments} <= load_aliases().assets


def test_a_user_adds_names(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[BTC]\nany = ["digital gold"]\n[INFY]\nany = ["infosys"]\n[ETH]\nany = ["digital gold"]\n')
    table = load_aliases(own)
    found = [mention.asset for mention in table.find("Infosys buys Digital Gold and bitcoin")]
    assert found == ["INFY", "BTC", "ETH", "BTC"]
    assert "INFY" not in load_aliases().assets


@pytest.mark.parametrize("content", ["[BTC", '[BTC]\nanyy = ["x"]', "BTC = 3"])
def test_a_malformed_table_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"own\.toml"):
        load_aliases(path)


@pytest.mark.parametrize(
    ("title", "asset", "sign"),
    [
        ("Gold shines on seasonal demand; bitcoin dull", "BTC", -1),
        ("Bitcoin, ether rally as Solana falls", "ETH", 1),
        ("Bitcoin, ether rally as Solana falls", "SOL", -1),
        ("Apple jumps but Google slumps", "GOOG", -1),
        ("Price analysis: BTC, ETH", "BTC", 0),
        ("Markets rally: what bitcoin traders watch", "BTC", 1),
    ],
)
def test_the_clause_speaks_for_its_asset(title: str, asset: str, sign: int) -> None:
    place = next(mention.start for mention in load_aliases().find(title) if mention.asset == asset)
    (score,) = score_mentions(LexiconScorer(), [title], [place])
    assert np.sign(score) == sign


def test_no_mention_no_score() -> None:
    assert score_mentions(LexiconScorer(), [], []).shape == (0,)
