"""Quality reports on every instrument of a file."""

from dataclasses import dataclass
from pathlib import Path

from quaestor.adapters.instruments.catalog import InstrumentTable, load_instruments
from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.gate import assess_rows, base_interval
from quaestor.adapters.sources.files.naming import detect_market, require_matching_name, symbols_in_name
from quaestor.adapters.sources.files.raw import list_symbols, read_raw
from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.adapters.sources.files.tables import Table, open_table
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import DataError
from quaestor.market.quality_report import JsonValue, QualityReport


@dataclass(frozen=True, slots=True)
class SymbolCheck:
    """The report on one instrument of a file."""

    symbol: str
    market: str
    report: QualityReport

    @property
    def verdict(self) -> str:
        """See `QualityReport.verdict`; markets with sessions are judged as such."""
        return self.report.verdict(sessions=self.market == "equity")

    def to_dict(self) -> dict[str, JsonValue]:
        """JSON types only: the report with symbol, interval, ISO stamps and verdict."""
        report = self.report
        return {
            "symbol": self.symbol,
            "market": self.market,
            "interval": format_timeframe(report.interval_ns),
            **report.to_dict(),
            "first": format_moment(report.first_ts),
            "last": format_moment(report.last_ts),
            "verdict": self.verdict,
        }


def symbols_of(table: Table, symbol: str | None, instruments: InstrumentTable) -> tuple[str, ...]:
    """The instruments to look at: the one asked for, else all that the file names, else the one its name says.

    Raises:
        DataError: when neither the file nor its name says which instrument it holds, or its name says another.
        UnknownNameError: when the text cannot be a symbol.
    """
    inside = list_symbols(table)
    if symbol is not None:
        wanted = canonical_symbol(symbol)
        if not inside:
            require_matching_name(table.path, wanted, instruments)
        return (wanted,)
    if inside:
        return inside
    named = symbols_in_name(table.path, instruments)
    if len(named) != 1:
        raise DataError(
            "neither the file nor its name says which instrument it holds", place=table.place, remedy="give --symbol"
        )
    return named


def check_file(path: Path, symbol: str | None = None, timeframe: str | None = None) -> tuple[SymbolCheck, ...]:
    """Judge every bar of a file, or of one of its instruments; defects are the result, never an error.

    Raises:
        DataError, UnknownNameError: when the file cannot be read as bars at all.
    """
    table = open_table(path)
    instruments = load_instruments()
    checks = []
    for name in symbols_of(table, symbol, instruments):
        raw = read_raw(table, name)
        assessed = assess_rows(raw, base_interval(raw, table.place, timeframe))
        checks.append(SymbolCheck(name, detect_market(path, name, None, instruments)[0], assessed.report()))
    return tuple(checks)
