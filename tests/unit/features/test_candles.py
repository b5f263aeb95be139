"""Candlestick patterns equal TA-Lib's at every bar.

Prices are whole ticks here. TA-Lib carries its sums along and so their rounding errors, which decide where a size
equals its average to the last bit; sums of whole numbers are exact.
"""

from collections import Counter

import numpy as np
import polars as pl
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from talib import abstract
from tests.slices import HOURS, JANUARY
from tests.unit.features.candle_shapes import PRICES, bars_with_every_pattern

from quaestor.features.catalog import CATALOG
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]
PATTERNS = [feature.name for feature in CATALOG if feature.family == "candlesticks"]
PLAN = make_plan(PATTERNS)


def in_ticks(prices: NDArray[np.float64]) -> Series:
    """Return open, high, low and close, (rows, 4) without missing values, as multiples of the smallest decimal."""
    there = prices[np.isfinite(prices).all(axis=1)]
    for decimals in range(10):
        ticks = np.round(there * 10.0**decimals)
        if np.allclose(ticks / 10.0**decimals, there, rtol=0.0, atol=1e-12 * there.max()):
            return np.ascontiguousarray(ticks.T)
    raise AssertionError("prices have no smallest decimal")


def pattern_counts(prices: Series) -> Counter[str]:
    """Return the number of bars with each pattern, asserting that all equal TA-Lib's."""
    rows = prices.shape[1]
    ours = compute(PLAN, np.vstack([prices, np.ones(rows)]))
    counts: Counter[str] = Counter()
    for name, values, instance in zip(PATTERNS, ours, PLAN.requested, strict=True):
        theirs = getattr(talib, name.upper().replace("_", ""))(*prices)
        assert np.isnan(values[: instance.warmup]).all()
        assert not theirs[: instance.warmup].any()
        wrong = np.flatnonzero(values[instance.warmup :] != theirs[instance.warmup :]) + instance.warmup
        assert not len(wrong), f"{name}: {values[wrong[:5]]}, not {theirs[wrong[:5]]}, at rows {wrong[:5]}"
        counts[name] = int(np.count_nonzero(theirs))
    return counts


def test_catalogue_has_every_pattern_of_talib() -> None:
    theirs = [name.replace("CDL", "CDL_").lower() for name in talib.get_function_groups()["Pattern Recognition"]]
    assert sorted(PATTERNS) == sorted(theirs)
    warmups = {name: getattr(abstract, name.upper().replace("_", "")).lookback for name in PATTERNS}
    assert {name: i.warmup for name, i in zip(PATTERNS, PLAN.requested, strict=True)} == warmups


def test_patterns_equal_talib_on_bars_that_show_each_of_them() -> None:
    bars = bars_with_every_pattern(60_000, seed=5)
    counts = pattern_counts(bars)
    assert {name for name in PATTERNS if counts[name] < 5} == set()
    assert set(np.unique(talib.CDLHIKKAKE(*bars))) == {-200, -100, 0, 100, 200}
    assert set(np.unique(talib.CDLENGULFING(*bars))) == {-100, -80, 0, 80, 100}


def test_patterns_equal_talib_on_real_bars() -> None:
    """A month of minutes and a year of hours of three coins."""
    counts: Counter[str] = Counter()
    for path in (JANUARY, HOURS):
        for part in pl.read_parquet(path).partition_by("symbol"):
            counts += pattern_counts(in_ticks(part.select(PRICES).to_numpy()))
    assert len(counts) > 0.8 * len(PATTERNS)


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-9, 9), st.sampled_from((0, 0, 1, 6)), st.sampled_from((0, 0, 1, 6))),
        min_size=1,
        max_size=60,
    )
)
def test_patterns_equal_talib_on_random_bars_of_a_coarse_grid(moves: list[tuple[int, int, int, int]]) -> None:
    gap, body, upper, lower = np.array(moves, dtype=np.float64).T
    close = 1_000.0 + np.cumsum(gap + body)
    opened = close - body
    pattern_counts(np.stack([opened, np.maximum(opened, close) + upper, np.minimum(opened, close) - lower, close]))


@pytest.mark.parametrize("penetration", [0.1, 0.7])
@pytest.mark.parametrize("name", [f.name for f in CATALOG if f.family == "candlesticks" and f.parameters])
def test_penetration_parameter_equals_talib(name: str, penetration: float) -> None:
    bars = bars_with_every_pattern(60_000, seed=6)
    plan = make_plan([f"{name}_{penetration:g}"])
    ours = compute(plan, np.vstack([bars, np.ones(bars.shape[1])]))[0]
    theirs = getattr(talib, name.upper().replace("_", ""))(*bars, penetration=penetration)
    np.testing.assert_array_equal(ours[plan.warmup :], theirs[plan.warmup :])
    assert theirs.any()
