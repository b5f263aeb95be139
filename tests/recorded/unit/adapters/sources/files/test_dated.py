"""The recorded index beside recorded bars."""

from pathlib import Path

from tests.recorded.files import FEAR_GREED, HOURS
from tests.unit.adapters.sources.files.test_dated import require_value_of_the_day_before

from quaestor.adapters.sources.files.bars import load_bars


def test_the_real_index_beside_real_bars(shared_data: Path) -> None:
    bars = load_bars(shared_data / HOURS, "BTCUSDT", end="2022-02-01")
    require_value_of_the_day_before(bars, shared_data / FEAR_GREED)
