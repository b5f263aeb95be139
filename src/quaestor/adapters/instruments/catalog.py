"""Instrument table: the shipped table, extended and overridden by the user's file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

from quaestor.adapters.instruments.assumed import assumed_instrument, is_plausible_symbol
from quaestor.adapters.instruments.parse import MARKET_KINDS, read_rows
from quaestor.domain.instrument import Instrument
from quaestor.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class InstrumentTable:
    """Instruments by symbol and market."""

    instruments: Mapping[tuple[str, str], Instrument]

    def find(self, symbol: str, market: str, *, first_price: Decimal | None = None) -> Instrument:
        """Return the instrument or, for an unknown symbol, `assumed_instrument` with its fine fixed grid.

        Args:
            symbol: as in the data, upper case.
            market: "spot", "perp", "inverse" or "equity".
            first_price: price known before the first decision (the first open); it scales only an assumed grid.

        Raises:
            UnknownNameError: when the market does not exist or the text cannot be a symbol.
            ConfigError: when no grid can be assumed (an unknown inverse contract).

        Example:
            >>> load_instruments().find("BTCUSDT", "spot").tick_size
            Decimal('0.01')
            >>> load_instruments().find("SHIBUSDT", "spot", first_price=Decimal("0.000012")).assumed
            True
        """
        if market not in MARKET_KINDS:
            raise UnknownNameError("market", market, MARKET_KINDS)
        known = self.instruments.get((symbol, market))
        if known is not None:
            return known
        if not is_plausible_symbol(symbol):
            raise UnknownNameError("symbol", symbol, self.symbols())
        return assumed_instrument(symbol, market, first_price)

    def symbols(self) -> tuple[str, ...]:
        """Return every known symbol, sorted."""
        return tuple(sorted({symbol for symbol, _ in self.instruments}))

    def markets_of(self, symbol: str) -> tuple[str, ...]:
        """Return the markets in which a symbol is known, in table order."""
        return tuple(market for known, market in self.instruments if known == symbol)


def load_instruments(path: Path | None = None) -> InstrumentTable:
    """Return the shipped table, with the rows of a user's table on top, which add instruments or replace fields.

    Raises:
        ConfigError: when the user's table is missing, malformed or holds an impossible grid.
    """
    shipped = _shipped()
    if path is None:
        return shipped
    return InstrumentTable(MappingProxyType(_merged(path, shipped.instruments)))


@cache
def _shipped() -> InstrumentTable:
    with as_file(files(__package__).joinpath("instruments.toml")) as path:
        return InstrumentTable(MappingProxyType(_merged(path, {})))


def _merged(path: Path, known: Mapping[tuple[str, str], Instrument]) -> dict[tuple[str, str], Instrument]:
    merged = dict(known)
    for row in read_rows(path):
        key = (row.symbol, row.market)
        merged[key] = row.build(merged.get(key))
    return merged
