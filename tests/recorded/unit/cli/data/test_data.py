"""`quaestor data check` of recorded files: what was measured in each."""

from pathlib import Path

import pytest
from tests.recorded.files import BROKEN, DIRTY, EQUITIES, minutes_of
from tests.unit.cli.data.test_data import Found, answer, require_report


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (DIRTY, Found("BTCUSDT", 84_139, 6, 2_259, 1, 6_122, "flagged")),
        (BROKEN, Found("ADAUSDT", 33_000, 164, 131_364, 34, 0, "sparse")),
        (minutes_of("BTCUSDT"), Found("BTCUSDT", 526_960, 1, 80, 72, 0, "flagged")),
        (minutes_of("SOLUSDT"), Found("SOLUSDT", 526_960, 1, 80, 234, 0, "flagged")),
    ],
)
def test_recorded_files_are_reported_as_measured(
    shared_data: Path, capsys: pytest.CaptureFixture[str], name: str, found: Found
) -> None:
    require_report(capsys, shared_data / name, found)


def test_a_long_file_has_a_report_for_each_symbol(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data / EQUITIES
    report = answer(capsys, "check", str(path))
    found = {entry["symbol"]: entry for entry in report["symbols"]}
    assert list(found) == ["SPY", "AAPL", "IBM", "BAC", "GOOG", "QQQ"]
    assert {entry["interval"] for entry in found.values()} == {"1d"}
    assert {entry["verdict"] for entry in found.values()} == {"flagged"}
    assert found["AAPL"]["flags"]["JUMP"] >= 3  # its splits are jumps in raw prices
    one = answer(capsys, "check", str(path), "--symbol", "qqq")
    assert [entry["rows"] for entry in one["symbols"]] == [3_964]
