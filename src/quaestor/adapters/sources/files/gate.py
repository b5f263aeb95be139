"""The quality gate applied to the rows of a file: refused at the first defect, or split into kept and set aside."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.files.raw import RawBars
from quaestor.adapters.sources.files.stamps import format_moment
from quaestor.domain.market_matrix import Column
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import DataError
from quaestor.ledger.codes import QUARANTINE, Quality
from quaestor.market.bars.interval import detect_interval
from quaestor.market.quality import assess_quality
from quaestor.market.quality_report import QualityReport, build_report

_PRICE_NAMES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class AssessedBars:
    """Rows with the gate's flags, uint32[n]."""

    raw: RawBars
    interval_ns: int
    flags: NDArray[np.uint32]

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows may be used: bool[n]."""
        return (self.flags & np.uint32(QUARANTINE)) == 0

    def report(self) -> QualityReport:
        """Counts, gaps and examples; its rows count from 0 among these rows."""
        return build_report(self.interval_ns, self.raw.ts, self.flags)


def base_interval(raw: RawBars, place: str, timeframe: str | None = None) -> int:
    """Length of a bar by the stamps of a file; when they show none (a single row), the timeframe given.

    Raises:
        DataError: when neither says.
    """
    interval = detect_interval(raw.ts)
    if interval is None:  # a file in descending order still shows its steps
        interval = detect_interval(np.unique(raw.ts))
    if interval is not None:
        return interval
    if timeframe is None:
        raise DataError(
            f"{len(raw)} rows of {raw.symbol} do not show how long a bar is", place=place, remedy="give --timeframe"
        )
    return parse_timeframe(timeframe)


def assess_rows(raw: RawBars, interval_ns: int) -> AssessedBars:
    """Run the gate over rows in file order."""
    return AssessedBars(raw, interval_ns, assess_quality(raw.ts, raw.columns, interval_ns))


def refuse_first_defect(assessed: AssessedBars, place: str) -> None:
    """Raise when any row must be set aside.

    Raises:
        DataError: naming file, row, stamp, what is wrong and what to do.
    """
    if assessed.kept.all():
        return
    k = int(np.argmin(assessed.kept))
    raw = assessed.raw
    others = len(raw) - int(np.count_nonzero(assessed.kept)) - 1
    more = f" ({others} more defective rows follow)" if others else ""
    raise DataError(
        f"row {raw.rows[k]} ({raw.symbol}, {format_moment(int(raw.ts[k]))}): {describe(assessed, k)}{more}",
        place=place,
        remedy="run `quaestor data check FILE`, or set such rows aside with `quaestor data import FILE --quarantine`",
    )


def describe(assessed: AssessedBars, k: int) -> str:
    """What is wrong with row k, in words."""
    raw, bits = assessed.raw, int(assessed.flags[k])
    values = raw.columns[: len(_PRICE_NAMES), k]
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
