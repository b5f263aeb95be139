"""Recorded files of every market load as they are."""

from pathlib import Path

import numpy as np
import pytest
from tests.recorded.files import BROKEN, DIRTY, EQUITIES, EQUITY_MINUTES, FUNDING, HOURS, MARK, MINUTES, PERP
from tests.unit.adapters.sources.files.frames import HOUR

from quaestor.adapters.sources.files.bars import load_bars, read_bars
from quaestor.adapters.sources.files.funding import with_funding
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.domain.market_matrix import Column


@pytest.mark.parametrize(
    ("name", "symbol", "rows", "interval", "market"),
    [
        (EQUITIES, "SPY", 5849, 24 * HOUR, "equity"),
        (EQUITY_MINUTES, "IBM", 2566, HOUR // 60, "equity"),
        (PERP, "1000PEPEUSDT", 107_991, HOUR // 12, "perp"),
        (HOURS, "DOTUSDT", 26_303, HOUR, "spot"),
        (MINUTES, "BTCUSDT", 526_960, HOUR // 60, "spot"),
        (DIRTY, "BTCUSDT", 84_139, HOUR // 60, "spot"),
        (BROKEN, "ADAUSDT", 33_000, HOUR // 60, "perp"),
    ],
)
def test_real_files_load_as_they_are(
    shared_data: Path, name: str, symbol: str, rows: int, interval: int, market: str
) -> None:
    bars = load_bars(shared_data / name, symbol)
    assert (len(bars), bars.interval_ns, bars.market) == (rows, interval, market)


def test_funding_and_marks_of_a_real_perpetual(shared_data: Path) -> None:
    source, funding, mark = (open_source(shared_data / name) for name in (PERP, FUNDING, MARK))
    bars = with_funding(read_bars(source, "BTCUSDT", start="2023-06-01", end="2023-07-01"), source, funding, mark)
    assert bars.funding is not None
    assert len(bars.funding.ts) == 90
    settled = bars.funding.ts // HOUR * HOUR
    closes = bars.columns[Column.OPEN, np.searchsorted(bars.ts, settled)]
    assert np.abs(bars.funding.mark / closes - 1).max() < 0.002
    assert any("90 funding settlements" in note for note in bars.notes)
