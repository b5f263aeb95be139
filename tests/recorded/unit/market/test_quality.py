"""The quality gate on the recorded dirty file."""

from pathlib import Path

from tests.recorded.files import DIRTY
from tests.unit.market.test_quality import report_of_minutes


def test_the_real_dirty_file_is_described_as_measured(shared_data: Path) -> None:
    report = report_of_minutes(shared_data / DIRTY)
    counts = {finding.name: finding.count for finding in report.findings}
    assert (counts["MISALIGNED"], counts["ZERO_VOLUME"], counts["GAP_BEFORE"]) == (6122, 1, 6)
    assert (report.gap_count, report.missing_bars, report.largest_gap_bars) == (6, 2259, 2010)
    assert report.quarantined == 0
    assert report.verdict() == "flagged"
