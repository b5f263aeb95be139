"""`data check` of recorded files, clean and dirty."""

from pathlib import Path

from tests.command_line import json_of
from tests.recorded.files import BROKEN, DIRTY, MINUTES


def test_check_reports_the_defects_of_real_files(shared_data: Path) -> None:
    dirty = json_of("data", "check", shared_data / DIRTY, "--json")["symbols"]
    assert [entry["symbol"] for entry in dirty] == ["BTCUSDT"]
    broken = json_of("data", "check", shared_data / BROKEN, "--symbol", "ADAUSDT", "--json")["symbols"][0]
    clean = json_of("data", "check", shared_data / MINUTES, "--json")["symbols"][0]
    assert (clean["rows"], clean["gaps"]["count"], clean["gaps"]["missing_bars"]) == (526_960, 1, 80)
    assert (dirty[0]["rows"], dirty[0]["gaps"]["missing_bars"]) == (84_139, 2259)
    assert dirty[0]["flags"]["MISALIGNED"] == 6122
    assert (broken["rows"], broken["gaps"]["count"]) == (33_000, 164)
    assert broken["coverage"] < 0.3 < 0.9 < dirty[0]["coverage"] < clean["coverage"] <= 1.0
