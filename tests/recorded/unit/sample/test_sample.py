"""The bundled sample equals the recorded files that it was cut from."""

from pathlib import Path

import numpy as np
import pytest
from tests.recorded.files import minutes_of
from tests.slices import SYMBOLS

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.sample import sample_path


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_sample_equals_its_source(shared_data: Path, symbol: str) -> None:
    source = shared_data / minutes_of(symbol)
    month = load_bars(source, symbol, start="2024-01-01", end="2024-02-01")
    year = load_bars(source, symbol, timeframe="1h")
    for name, expected in (("1m", month), ("1h", year)):
        sample = load_bars(sample_path(name), symbol)
        assert sample.interval_ns == expected.interval_ns
        assert np.array_equal(sample.ts, expected.ts)
        assert np.array_equal(sample.columns, expected.columns[:N_COLUMNS])
