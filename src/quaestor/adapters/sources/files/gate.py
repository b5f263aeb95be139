"""Quality gate of a source file: the verdict on every row, rows refused at the first defect or set aside."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.files.bar_rows import BarRows, choose_symbols, read_bar_rows
from quaestor.adapters.sources.files.source_file import SourceFile
from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import DataError
from quaestor.ledger.codes import QUARANTINE, Quality
from quaestor.market.quality import assess_quality
from quaestor.market.quality_report import JsonValue, QualityReport, build_report

_REMEDY = "run `quaestor data check FILE`, or set such rows aside with `quaestor data import FILE --quarantine`"
_PRICE_NAMES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class AssessedRows:
    """Rows in file order with the gate's flags, uint32[n]."""

    rows: BarRows
    interval_ns: int
    flags: NDArray[np.uint32]

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows may be used: bool[n]."""
        return (self.flags & np.uint32(QUARANTINE)) == 0

    def report(self) -> QualityReport:
        """Counts, gaps and examples; its rows count from 0 among these rows."""
        return build_report(self.interval_ns, self.rows.ts, self.flags)

    def bars(self, market: str, note: str) -> Bars:
        """The rows that may be used."""
        kept = self.rows.where(self.kept)
        flags = self.flags if kept is self.rows else self.flags[self.kept]
        return Bars(kept.symbol, self.interval_ns, kept.ts, kept.columns, flags, market=market, notes=(note,))

    def refuse_first_defect(self) -> None:
        """Raise when any row must be set aside.

        Raises:
            DataError: naming file, row, stamp, what is wrong and what to do.
        """
        kept = self.kept
        if kept.all():
            return
        k = int(np.argmin(kept))
        rows = self.rows
        others = len(rows) - int(np.count_nonzero(kept)) - 1
        more = f" ({others} more defective rows follow)" if others else ""
        raise DataError(
            f"row {rows.numbers[k]} ({rows.symbol}, {format_moment(int(rows.ts[k]))}): {_describe(self, k)}{more}",
            place=rows.place,
            remedy=_REMEDY,
        )


@dataclass(frozen=True, slots=True)
class SymbolCheck:
    """The report on one instrument of a file."""

    symbol: str
    market: str
    report: QualityReport

    @property
    def verdict(self) -> str:
        """See `QualityReport.verdict`; markets with sessions are assessed as such."""
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


def check_file(source: SourceFile, symbol: str | None = None, timeframe: str | None = None) -> tuple[SymbolCheck, ...]:
    """Assess every bar of a file, or of one of its instruments; defects are the result, never an error.

    Raises:
        DataError, UnknownNameError: when the file cannot be read as bars at all.
    """
    checks = []
    for name in choose_symbols(source, symbol):
        rows = read_bar_rows(source, name)
        assessed = assess_rows(rows, rows.interval_ns(timeframe))
        checks.append(SymbolCheck(name, source.market_of(name)[0], assessed.report()))
    return tuple(checks)


def assess_rows(rows: BarRows, interval_ns: int) -> AssessedRows:
    """Run the gate over rows in file order."""
    return AssessedRows(rows, interval_ns, assess_quality(rows.ts, rows.columns, interval_ns))


def _describe(assessed: AssessedRows, k: int) -> str:
    """What is wrong with row k, in words."""
    bits = int(assessed.flags[k])
    values = assessed.rows.columns[: len(_PRICE_NAMES), k]
    if bits & Quality.NOT_FINITE:
        which = int(np.argmin(np.isfinite(values)))
        return f"{_PRICE_NAMES[which]} is {values[which]}, not a finite number"
    if bits & Quality.NOT_POSITIVE:
        which = int(np.argmax(values[:4] <= 0))
        return f"{_PRICE_NAMES[which]} is {values[which]}, a price must be positive"
    if bits & Quality.IMPOSSIBLE_OHLC:
        shown = ", ".join(f"{name} {value}" for name, value in zip(_PRICE_NAMES[:4], values[:4], strict=True))
        return f"prices contradict each other ({shown})"
    if bits & Quality.NEGATIVE_VOLUME:
        return f"volume is {values[Column.VOLUME]}, negative"
    if bits & Quality.DUPLICATE:
        return "the stamp of the row before comes again (duplicate)"
    if bits & Quality.OUT_OF_ORDER:
        return "the stamp is earlier than the row before (unsorted)"
    return "fine"


def reasons(bits: int) -> str:
    """Names of the quarantining bits of a flag set, joined by +.

    Example:
        >>> reasons(int(Quality.NOT_FINITE | Quality.DUPLICATE | Quality.JUMP))
        'NOT_FINITE+DUPLICATE'
    """
    return "+".join(str(bit.name) for bit in Quality if bit & bits & QUARANTINE)
