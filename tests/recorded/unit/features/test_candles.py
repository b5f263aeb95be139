"""Candlestick patterns equal TA-Lib's at every recorded bar."""

from collections import Counter
from pathlib import Path

import polars as pl
from tests.recorded.files import EQUITIES, HOURS, PERP, minutes_of
from tests.slices import SYMBOLS
from tests.unit.features.candle_shapes import PRICES
from tests.unit.features.test_candles import PATTERNS, in_ticks, pattern_counts


def test_all_real_bars(shared_data: Path) -> None:
    """A year of minutes of three coins, 5 minutes of five perpetuals, hours of ten coins, days of six equities."""
    counts: Counter[str] = Counter()
    for symbol in SYMBOLS:
        path = shared_data / minutes_of(symbol)
        counts += pattern_counts(in_ticks(pl.read_parquet(path, columns=list(PRICES)).to_numpy()))
    for name in (PERP, HOURS, EQUITIES):
        for part in pl.read_parquet(shared_data / name).partition_by("symbol"):
            counts += pattern_counts(in_ticks(part.select(PRICES).to_numpy()))
    assert set(PATTERNS) - set(counts) == set()
