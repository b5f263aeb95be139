"""What is laid beside recorded bars: headlines, the index and funding."""

from pathlib import Path

import numpy as np
from tests.recorded.files import FEAR_GREED, FUNDING, HOURS, NEWS, PERP
from tests.unit.adapters.sources.test_side_data import require_last_rate_settled

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, attach_side_data
from quaestor.domain.market_matrix import Column


def test_headlines_and_index(shared_data: Path) -> None:
    ether = load_bars(shared_data / HOURS, "ETHUSDT", start="2022-04-01", end="2022-05-01")
    side = SideData(headlines=shared_data / NEWS, fear_greed=shared_data / FEAR_GREED, benchmark="btc/usdt")
    wide = attach_side_data(ether, side, open_source(shared_data / HOURS))
    assert wide.columns.shape == (Column.HEADLINES + 1, len(ether))
    assert np.all((wide.columns[Column.FEAR_GREED] >= 0) & (wide.columns[Column.FEAR_GREED] <= 100))
    assert np.all(np.abs(wide.columns[Column.SENTIMENT]) < 1)
    assert wide.columns[Column.HEADLINES].max() > 3
    assert wide.notes[-1].startswith("555 headlines about ETH")


def test_real_funding(shared_data: Path) -> None:
    bars = load_bars(shared_data / PERP, "BTCUSDT", start="2023-03-01", end="2023-03-02")
    require_last_rate_settled(bars, shared_data / PERP, shared_data / FUNDING)
