"""Source file: one file of market data, opened once, and all that its readers need to know of it."""

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from quaestor.adapters.instruments.assumed import is_plausible_symbol
from quaestor.adapters.instruments.catalog import InstrumentTable, load_instruments
from quaestor.adapters.instruments.parse import MARKET_KINDS
from quaestor.adapters.sources.files.columns import aliases_of, canonical_symbol, find_column
from quaestor.adapters.sources.files.formats import FOREIGN_ERRORS, scan_file, unreadable
from quaestor.adapters.sources.files.rows import FileRows
from quaestor.errors import DataError, UnknownNameError
from quaestor.sample import resolve_sample

_ROW = "__row"
_MARKET_BY_TOKEN = {
    "perp": "perp",
    "perpetual": "perp",
    "futures": "perp",
    "swap": "perp",
    "um": "perp",
    "usdm": "perp",
    "inverse": "inverse",
    "coinm": "inverse",
    "equity": "equity",
    "equities": "equity",
    "stocks": "equity",
    "spot": "spot",
}


@dataclass(frozen=True, eq=False)
class SourceFile:
    """An open file: its columns, and what it and its name say of the instruments in it.

    Rows are read when they are asked for; the digest and the symbols inside are read once.
    """

    path: Path
    frame: pl.LazyFrame
    instruments: InstrumentTable  # known ones
    market: str | None  # as given; detected when None

    @property
    def place(self) -> str:
        """The file, as messages name it."""
        return str(self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(self.frame.collect_schema().names())

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the whole file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Canonical symbols in the symbol column, in file order, and how each is written there; none without one."""
        column = self.find("symbol")
        if column is None:
            return {}
        texts = self.collect(self.frame.select(pl.col(column).cast(pl.String).unique(maintain_order=True))).to_series()
        return {canonical_symbol(text): text for text in texts.drop_nulls()}

    @cached_property
    def symbols_in_name(self) -> tuple[str, ...]:
        """Known symbols that the file name holds, in one part (BTCUSDT) or in two (BTC_USDT)."""
        tokens = [token.upper() for token in _tokens(self.path)]
        joined = [first + second for first, second in itertools.pairwise(tokens)]
        known = set(self.instruments.symbols())
        return tuple(dict.fromkeys(token for token in (*tokens, *joined) if token in known))

    def find(self, meaning: str) -> str | None:
        """The column of a meaning, see `columns.find_column`."""
        return find_column(self.names, meaning)

    def column(self, meaning: str) -> str:
        """As `find`, but a missing column is an error that lists what the file has."""
        found = self.find(meaning)
        if found is None:
            raise DataError(
                f"no column '{meaning}'",
                place=self.place,
                remedy=f"accepted names: {', '.join(aliases_of(meaning))}; found: {', '.join(self.names) or 'none'}",
            )
        return found

    def market_of(self, symbol: str) -> tuple[str, str]:
        """The market and why it is taken: as given, by the file name, by the instrument table, else spot.

        Raises:
            UnknownNameError: when the market given does not exist.
        """
        if self.market is not None:
            if self.market not in MARKET_KINDS:
                raise UnknownNameError("market", self.market, MARKET_KINDS, place="market")
            return self.market, f"market {self.market}: as given"
        for token in _tokens(self.path):
            market = _MARKET_BY_TOKEN.get(token.lower())
            if market is not None:
                return market, f"market {market}: the file name says '{token}'"
        markets = self.instruments.markets_of(symbol)
        if len(markets) == 1:
            return markets[0], f"market {markets[0]}: the only one in which {symbol} is known"
        return "spot", "market spot: nothing says otherwise"

    def refuse_other_name(self, symbol: str) -> None:
        """For a file without symbols inside: accept any plausible symbol that its name does not contradict.

        Raises:
            DataError: when the name holds other known symbols and not this one.
            UnknownNameError: when the text cannot be a symbol.
        """
        if not is_plausible_symbol(symbol):
            raise UnknownNameError("symbol", symbol, self.instruments.symbols(), place=self.place)
        named = self.symbols_in_name
        if named and symbol not in named:
            raise DataError(
                f"asked for {symbol}, but the file name says {' and '.join(named)}",
                place=self.place,
                remedy=f"use --symbol {named[0]}, or rename the file if its name is wrong",
            )

    def rows(self, *columns: str | pl.Expr, only: pl.Expr | None = None) -> FileRows:
        """Columns of all rows, or of those that a condition holds for.

        Raises:
            DataError: when the file turns out to be damaged or holds text where numbers belong.
        """
        query = self.frame.with_row_index(_ROW)
        if only is not None:
            query = query.filter(only)
        frame = self.collect(query.select(_ROW, *columns))
        return FileRows(self.place, frame, frame[_ROW].cast(pl.Int64).to_numpy())

    def rows_of(self, symbol: str, *columns: str | pl.Expr) -> FileRows:
        """Columns of the rows of one instrument, of a file with a symbol column or of one instrument.

        Args:
            symbol: canonical.
            columns: their names, or what is computed of them.

        Raises:
            UnknownNameError: when the file names symbols, and this is none of them; or the text cannot be a symbol.
            DataError: as `rows`; also when the name of a file without symbols says another.
        """
        column = self.find("symbol")
        if column is None:
            self.refuse_other_name(symbol)
            return self.rows(*columns)
        if symbol not in self.spellings:
            raise UnknownNameError("symbol", symbol, self.spellings, place=self.place)
        text = pl.col(column)
        if self.frame.collect_schema()[column].is_numeric():
            text = text.cast(pl.String)
        return self.rows(*columns, only=text == self.spellings[symbol])

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """The rows of a query on `frame`.

        Raises:
            DataError: when the file turns out to be damaged or holds text where numbers belong.
        """
        try:
            return query.collect()
        except FOREIGN_ERRORS as error:
            raise unreadable(self.path, error) from error


def open_source(path: Path, *, market: str | None = None, instruments: InstrumentTable | None = None) -> SourceFile:
    """Open a file of any accepted format, see `formats.scan_file`.

    Args:
        path: Parquet, CSV (.csv, .csv.gz, a Binance archive .zip), Feather/Arrow or freqtrade JSON; or a bundled
            sample, such as ``sample:1h``.
        market: "spot", "perp", "inverse", "equity"; detected for each symbol when None.
        instruments: known symbols; the shipped table when None.

    Raises:
        DataError: when the file is missing, damaged, empty or of no accepted format.
        ConfigError: no such sample.
    """
    known = instruments if instruments is not None else load_instruments()
    file = resolve_sample(path)
    return SourceFile(file, scan_file(file), known, market)


def _tokens(path: Path) -> list[str]:
    """Parts of a file name between _ - and ."""
    return [token for token in re.split(r"[_\-.]+", path.name) if token]
