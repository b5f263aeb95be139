"""Names of assets in headlines: a table of them, matched as whole words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from msgspec import Struct, field

from quaestor.adapters.sources.news.tables import read_toml


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: the asset that it means, and where it stands, ``text[start:end]``."""

    asset: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AliasTable:
    """Names and the assets that they mean."""

    in_any_case: Mapping[str, frozenset[str]]  # lower-case name -> assets; none where a name means no asset
    as_written: Mapping[str, frozenset[str]]
    pattern: re.Pattern[str]

    def find(self, text: str) -> tuple[Mention, ...]:
        """Every mention, in order of place; where names overlap, the first and longest counts.

        Example:
            >>> [m.asset for m in load_aliases().find("Bitcoin Cash follows ETH and LINK; Apple may link bitcoin")]
            ['BCH', 'ETH', 'LINK', 'AAPL', 'BTC']
        """
        found = []
        for match in self.pattern.finditer(text):
            assets = self.as_written.get(match[0], frozenset()) | self.in_any_case.get(_plain(match[0]), frozenset())
            found += [Mention(asset, match.start(), match.end()) for asset in sorted(assets)]
        return tuple(found)

    @property
    def assets(self) -> frozenset[str]:
        """Every asset that the table has a name for."""
        return frozenset().union(*self.in_any_case.values(), *self.as_written.values())


def load_aliases(path: Path | None = None) -> AliasTable:
    """The shipped table, with the names of a user's file added.

    Raises:
        ConfigError: when the user's file is missing or malformed.
    """
    if path is None:
        return _shipped()
    return _table([*_shipped_names().items(), *_read(path).items()])


class _Names(Struct, forbid_unknown_fields=True):
    any: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    other: tuple[str, ...] = field(default=(), name="not")


def _read(path: Path) -> dict[str, _Names]:
    return read_toml(path, dict[str, _Names], "a table of names")


@cache
def _shipped_names() -> dict[str, _Names]:
    with as_file(files(__package__).joinpath("aliases.toml")) as path:
        return _read(path)


@cache
def _shipped() -> AliasTable:
    return _table(_shipped_names().items())


def _table(entries: Iterable[tuple[str, _Names]]) -> AliasTable:
    in_any_case: dict[str, frozenset[str]] = {}
    as_written: dict[str, frozenset[str]] = {}
    for asset, names in entries:
        for name in names.other:
            in_any_case.setdefault(_plain(name), frozenset())
        for name in names.any:
            in_any_case[_plain(name)] = in_any_case.get(_plain(name), frozenset()) | {asset}
        for name in names.exact:
            as_written[name] = as_written.get(name, frozenset()) | {asset}
    return AliasTable(in_any_case, as_written, _pattern(in_any_case, as_written))


def _pattern(in_any_case: Iterable[str], as_written: Iterable[str]) -> re.Pattern[str]:
    sources = [(name, rf"(?i:{_source(name)})") for name in in_any_case]
    sources += [(name, _source(name)) for name in as_written]
    sources.sort(key=lambda source: (-len(source[0]), source))
    return re.compile(rf"(?<!\w)(?:{'|'.join(source for _, source in sources)})(?!\w)")


def _source(name: str) -> str:
    return r"\s+".join(re.escape(word) for word in name.split())


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
