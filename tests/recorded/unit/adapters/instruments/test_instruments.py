"""Every recorded price lies on its instrument's grid."""

from pathlib import Path

import pytest
from tests.recorded.files import BROKEN, DIRTY, EQUITIES, EQUITY_MINUTES, HOURS, PERP, minutes_of
from tests.unit.adapters.instruments.test_instruments import require_on_grid

FILES = (
    (PERP, "perp"),
    (HOURS, "spot"),
    (DIRTY, "spot"),
    (minutes_of("BTCUSDT"), "spot"),
    (minutes_of("ETHUSDT"), "spot"),
    (minutes_of("SOLUSDT"), "spot"),
    (BROKEN, "perp"),
    (EQUITIES, "equity"),
    (EQUITY_MINUTES, "equity"),
)


@pytest.mark.parametrize(("name", "market"), FILES)
def test_every_recorded_price_is_a_whole_number_of_ticks(shared_data: Path, name: str, market: str) -> None:
    require_on_grid(shared_data / name, market)
