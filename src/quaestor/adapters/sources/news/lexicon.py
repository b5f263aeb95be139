"""Words and phrases of market headlines with a weight each: those shipped, and a user's file laid over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta, Struct

from quaestor.adapters.sources.news.tables import read_toml
from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weights in [−4, 4] by lower-case word and by phrase (words parted by one blank); 0 takes an opinion away."""

    words: Mapping[str, float]
    phrases: Mapping[str, float]


def load_lexicon(path: Path | None = None) -> Lexicon:
    """The shipped lexicon, with the terms of a user's file on top.

    Raises:
        ConfigError: when the user's file is missing or malformed, or gives one term two weights.

    Example:
        >>> lexicon = load_lexicon()
        >>> lexicon.words["plunges"], lexicon.phrases["rug pull"], lexicon.words["shares"]
        (-2.5, -3.0, 0.0)
    """
    shipped = _shipped()
    if path is None:
        return shipped
    own = _read(path)
    return _lexicon({**shipped.words, **own.words}, {**shipped.phrases, **own.phrases})


class _Group(Struct, forbid_unknown_fields=True):
    meaning: str
    weight: Annotated[float, Meta(ge=-4.0, le=4.0)]
    words: str = ""
    phrases: tuple[str, ...] = ()


class _File(Struct, forbid_unknown_fields=True):
    group: tuple[_Group, ...]


@cache
def _shipped() -> Lexicon:
    with as_file(files(__package__).joinpath("lexicon.toml")) as path:
        return _read(path)


def _read(path: Path) -> Lexicon:
    words: dict[str, float] = {}
    phrases: dict[str, float] = {}
    for group in read_toml(path, _File, "a lexicon").group:
        _add(words, group.words.lower().split(), group.weight, path)
        _add(phrases, (" ".join(phrase.lower().split()) for phrase in group.phrases), group.weight, path)
    return _lexicon(words, phrases)


def _add(known: dict[str, float], terms: Iterable[str], weight: float, path: Path) -> None:
    for term in terms:
        if known.setdefault(term, weight) != weight:
            raise ConfigError(
                f"'{term}' weighs {known[term]:g} and {weight:g}", place=str(path), remedy="keep one of the two"
            )


def _lexicon(words: dict[str, float], phrases: dict[str, float]) -> Lexicon:
    return Lexicon(MappingProxyType(words), MappingProxyType(phrases))
