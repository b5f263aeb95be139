"""Candlestick patterns equal TA-Lib's at every bar."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import talib
from numpy.typing import NDArray

from quaestor.features.catalog import CATALOG
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
PATTERNS = [feature.name for feature in CATALOG if feature.family == "candlesticks"]


def load(path: Path, rows: int) -> Series:
    """Open, high, low and close of real minutes, and a row of volume that no pattern reads."""
    frame = pl.read_parquet(path, columns=["open", "high", "low", "close", "volume"]).slice(20_000, rows)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


def drawn() -> Series:
    """Bars on a coarse grid of eighths, whose sums are exact, with gaps between them: every pattern shows up."""
    generator = np.random.default_rng(5)
    rows = 60_000
    middle = 1_000 + np.cumsum(generator.integers(-6, 7, rows)) / 8
    size = generator.choice([0, 1, 2, 4, 8, 12], (2, rows)) / 8
    opened, close = middle - size[0], middle + size[1]
    flip = generator.random(rows) < 0.5
    opened, close = np.where(flip, close, opened), np.where(flip, opened, close)
    shadows = generator.choice([0, 0, 0, 1, 4, 12], (2, rows)) / 8
    high, low = np.maximum(opened, close) + shadows[0], np.minimum(opened, close) - shadows[1]
    return np.ascontiguousarray(np.stack([opened, high, low, close, np.ones(rows)]))


def assert_equal_to_talib(name: str, bars: Series) -> int:
    """Every bar after the warm-up, and TA-Lib's zeros before; how many bars show the pattern."""
    plan = make_plan([name])
    ours = compute(plan, bars)[0]
    theirs = getattr(talib, name.upper().replace("_", ""))(*bars[:4])
    assert not theirs[: plan.warmup].any()
    np.testing.assert_array_equal(ours[plan.warmup :], theirs[plan.warmup :])
    return int(np.count_nonzero(theirs))


@pytest.mark.parametrize("name", PATTERNS)
def test_real_bars_and_drawn_ones(name: str, shared_data: Path) -> None:
    assert_equal_to_talib(name, load(shared_data / "binance_spot_BTCUSDT_1m_20230301_20240229.parquet", 50_000))
    assert assert_equal_to_talib(name, drawn()) > 0
