"""Instrument tables in TOML: parses groups of shared rules and the rows that override them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from quaestor.domain.instrument import Instrument
from quaestor.errors import ConfigError
from quaestor.ledger.codes import ContractKind

#: Kind of contract of each market, by the market's name.
MARKET_KINDS = {
    "spot": ContractKind.SPOT,
    "perp": ContractKind.LINEAR,
    "inverse": ContractKind.INVERSE,
    "equity": ContractKind.EQUITY,
}

_TEXTS = frozenset({"base", "quote"})
_OPTIONAL = frozenset({"maintenance_margin", "shortable", "contract_value"})
_IMPLIED = frozenset({"symbol", "market", "kind", "assumed"})
_FIELDS = frozenset(field.name for field in fields(Instrument)) - _IMPLIED


@dataclass(frozen=True, slots=True)
class Row:
    """Instrument as written in a table: its group's fields, overridden by its own."""

    symbol: str
    market: str
    values: Mapping[str, Any]
    place: str

    def build(self, known: Instrument | None) -> Instrument:
        """Return the instrument; fields that are not written are taken from `known`, if given.

        Raises:
            ConfigError: naming every mistake in the row.
        """
        mistakes: list[str] = []
        chosen = {name: _convert(name, value, mistakes) for name, value in self.values.items()}
        if known is None:
            missing = sorted(_FIELDS - _OPTIONAL - chosen.keys())
            if missing:
                mistakes.append(f"missing {', '.join(missing)}")
        if mistakes:
            raise ConfigError("; ".join(mistakes), place=self.place, remedy=f"fields: {', '.join(sorted(_FIELDS))}")
        if known is not None:
            return replace(known, **chosen)
        return Instrument(symbol=self.symbol, market=self.market, kind=MARKET_KINDS[self.market], **chosen)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield every row of a table, in file order.

    Raises:
        ConfigError: when the file is missing, is not TOML or has not the form of a table of instruments.
    """
    try:
        with path.open("rb") as file:
            tree = tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        raise ConfigError(f"cannot read the instrument table: {error.strerror}", place=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the instrument table is no TOML: {error}", place=str(path)) from error
    groups = tree.pop("group", None)
    if not isinstance(groups, list) or tree:
        raise ConfigError(
            "an instrument table holds [[group]] entries and nothing else",
            place=str(path),
            remedy="see the shipped instruments.toml for the form",
        )
    for number, group in enumerate(groups, start=1):
        yield from _rows_of_group(group, f"{path}, group {number}")


def _rows_of_group(group: Mapping[str, Any], place: str) -> Iterator[Row]:
    market = group.get("market")
    if market not in MARKET_KINDS:
        raise ConfigError(f"market is {market!r}", place=place, remedy=f"choose one of {', '.join(MARKET_KINDS)}")
    rows = group.get("instruments")
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise ConfigError("no table [group.instruments] of symbols", place=place)
    shared = {name: value for name, value in group.items() if name not in ("market", "instruments")}
    for symbol, row in rows.items():
        yield Row(symbol, str(market), {**shared, **row}, f"{place}, {symbol}")


def _convert(name: str, value: Any, mistakes: list[str]) -> Any:
    """Return the value in the type of the field; append a description to `mistakes` when it has none."""
    if name not in _FIELDS:
        mistakes.append(f"unknown field {name}")
        return None
    if name == "shortable" or name in _TEXTS:
        expected = bool if name == "shortable" else str
        if not isinstance(value, expected):
            mistakes.append(f"{name} must be {'true or false' if expected is bool else 'a text'}, not {value!r}")
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite():
        mistakes.append(f"{name} must be a number, not {value!r}")
    return number
