"""Quality report: counts, examples and gaps that the quality gate found in a series, serialisable to JSON."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.ledger.codes import QUARANTINE, Quality

JsonValue = int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

#: Share of the bars between first and last stamp below which a round-the-clock series is sparse.
COVERAGE_MIN = 0.9
_GAPS_LISTED = 20
_ROWS_LISTED = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing bars: the accepted bars on either side of the gap and the number of whole bars missing between them."""

    after_ts: int
    before_ts: int
    missing_bars: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One quality flag of a series: name in `Quality`, number of bars, whether it quarantines, first few rows."""

    name: str
    count: int
    quarantines: bool
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Findings on one series; rows are counted from 0 in the given series, stamps are int64 ns UTC, 0 without bars.

    `gaps` lists the first few of `gap_count` gaps, `missing_bars` counts all missing bars; `coverage` is the share of
    the bars between the first and the last accepted stamp that are present.
    """

    interval_ns: int
    rows: int
    quarantined: int
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    gap_count: int
    missing_bars: int
    largest_gap_bars: int
    first_ts: int
    last_ts: int
    coverage: float

    def verdict(self, *, sessions: bool = False) -> str:
        """Return one word: empty, quarantine (some bars are impossible), sparse (too many are missing), flagged, clean.

        With `sessions` (a market that closes at night) missing bars are expected and never make a series sparse.
        """
        if self.rows == 0:
            return "empty"
        if self.quarantined:
            return "quarantine"
        if self.coverage < COVERAGE_MIN and not sessions:
            return "sparse"
        return "flagged" if self.findings else "clean"

    def to_dict(self) -> dict[str, JsonValue]:
        """Return the report in JSON types only."""
        return {
            "interval_ns": self.interval_ns,
            "rows": self.rows,
            "quarantined": self.quarantined,
            "flags": {finding.name: finding.count for finding in self.findings},
            "examples": {finding.name: list(finding.rows) for finding in self.findings},
            "gaps": {
                "count": self.gap_count,
                "missing_bars": self.missing_bars,
                "largest": self.largest_gap_bars,
                "listed": [
                    {"after_ts": gap.after_ts, "before_ts": gap.before_ts, "missing_bars": gap.missing_bars}
                    for gap in self.gaps
                ],
            },
            "first_ts": self.first_ts,
            "last_ts": self.last_ts,
            "coverage": self.coverage,
        }


def build_report(interval_ns: int, ts: NDArray[np.int64], flags: NDArray[np.uint32]) -> QualityReport:
    """Return a summary of the quality flags of a series.

    Args:
        interval_ns: length of a bar.
        ts: int64[n] stamps in arrival order.
        flags: uint32[n] as `quality_advance` wrote them.
    """
    findings = tuple(_finding(bit, flags) for bit in Quality if np.any(flags & np.uint32(bit)))
    accepted = ts[(flags & np.uint32(QUARANTINE)) == 0]
    missing = np.maximum(np.diff(accepted) // interval_ns - 1, 0)
    holes = np.flatnonzero(missing)
    gaps = tuple(Gap(int(accepted[k]), int(accepted[k + 1]), int(missing[k])) for k in holes[:_GAPS_LISTED])
    total = int(missing.sum())
    return QualityReport(
        interval_ns=interval_ns,
        rows=len(ts),
        quarantined=len(ts) - len(accepted),
        findings=findings,
        gaps=gaps,
        gap_count=len(holes),
        missing_bars=total,
        largest_gap_bars=int(missing.max()) if len(missing) else 0,
        first_ts=int(accepted[0]) if len(accepted) else 0,
        last_ts=int(accepted[-1]) if len(accepted) else 0,
        coverage=len(accepted) / (len(accepted) + total) if len(accepted) else 0.0,
    )


def _finding(bit: Quality, flags: NDArray[np.uint32]) -> Finding:
    rows = np.flatnonzero(flags & np.uint32(bit))
    return Finding(str(bit.name), len(rows), bool(bit & QUARANTINE), tuple(int(row) for row in rows[:_ROWS_LISTED]))
