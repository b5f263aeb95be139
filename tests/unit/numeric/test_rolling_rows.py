"""Row-wise windows: the same bits as single pushes, for any split of the rows and alternating with single pushes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.jit.scratch import SCRATCH_ROWS
from quaestor.numeric.rolling import (
    moments_dtype,
    push_delay,
    push_max,
    push_min,
    push_moments,
    push_sum,
    window_dtype,
)
from quaestor.numeric.rolling_rows import (
    delay_rows,
    moments_rows,
    present_bars,
    present_rows,
    range_rows,
    shift_rows,
    sum_rows,
)

Series = NDArray[np.float64]

runs = st.lists(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), max_size=40), min_size=1, max_size=8)
lengths = st.integers(1, 20)


def parts(cut: list[list[float]]) -> list[Series]:
    """Return the lists as arrays."""
    return [np.array(part, dtype=np.float64) for part in cut]


@settings(deadline=None)  # the first call compiles
@given(runs, lengths)
def test_row_sums_equal_single_pushes(cut: list[list[float]], length: int) -> None:
    alone, together = np.zeros(1, window_dtype(length)), np.zeros(1, window_dtype(length))
    for part in parts(cut):
        expected = [push_sum(alone, length, x) for x in part]
        sum_rows(together, length, part, part)
        assert part.tolist() == expected
        assert push_sum(alone, length, 0.1) == push_sum(together, length, 0.1)


@settings(deadline=None)  # the first call compiles
@given(runs, lengths)
def test_row_extremes_equal_single_pushes(cut: list[list[float]], length: int) -> None:
    states = [np.zeros(1, window_dtype(length)) for _ in range(4)]
    for part in parts(cut):
        low = part - 1.0
        tops, bottoms = np.empty_like(part), np.empty_like(part)
        range_rows(states[2], states[3], length, part, low, tops, bottoms)
        assert tops.tolist() == [push_max(states[0], length, x) for x in part]
        assert bottoms.tolist() == [push_min(states[1], length, x) for x in low]
        assert push_max(states[0], length, 0.1) == push_max(states[2], length, 0.1)
        assert push_min(states[1], length, 0.1) == push_min(states[3], length, 0.1)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 14, 20, 100, 170, 250, 300])
def test_whole_blocks_of_long_runs_are_the_same_bits(length: int) -> None:
    alone, together = np.zeros(1, window_dtype(length)), np.zeros(1, window_dtype(length))
    states = [np.zeros(1, window_dtype(length)) for _ in range(4)]
    draws = np.random.default_rng(length)
    for rows in (SCRATCH_ROWS, 7, SCRATCH_ROWS, 2 * length, 1, SCRATCH_ROWS - 3):
        part = draws.normal(1e4, 50.0, min(rows, SCRATCH_ROWS))
        low, tops, bottoms = part - 1.0, np.empty_like(part), np.empty_like(part)
        range_rows(states[2], states[3], length, part, low, tops, bottoms)
        assert tops.tolist() == [push_max(states[0], length, x) for x in part]
        assert bottoms.tolist() == [push_min(states[1], length, x) for x in low]
        expected = [push_sum(alone, length, x) for x in part]
        sum_rows(together, length, part, part)
        assert part.tolist() == expected


@settings(deadline=None)  # the first call compiles
@given(runs, lengths)
def test_row_delays_equal_single_pushes(cut: list[list[float]], length: int) -> None:
    alone, together = np.zeros(1, window_dtype(length)), np.zeros(1, window_dtype(length))
    for part in parts(cut):
        before = np.empty_like(part)
        delay_rows(together, length, part, before)
        assert before.tolist() == [push_delay(alone, length, x) for x in part]
        assert push_delay(alone, length, 0.1) == push_delay(together, length, 0.1)


@settings(deadline=None)  # the first call compiles
@given(runs, st.integers(2, 20), st.sampled_from([0.0, 3e4, -1e9]))
def test_row_moments_equal_single_pushes(cut: list[list[float]], length: int, level: float) -> None:
    alone, together = np.zeros(1, moments_dtype(length)), np.zeros(1, moments_dtype(length))
    for part in parts(cut):
        part += level
        means, squares = np.empty_like(part), np.empty_like(part)
        moments_rows(together, length, part, means, squares)
        assert list(zip(means, squares, strict=True)) == [push_moments(alone, length, x) for x in part]
        assert push_moments(alone, length, 0.1) == push_moments(together, length, 0.1)


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 5, 99, 100])
def test_present_rows_end_at_the_first_missing_value(missing: float, at: int) -> None:
    series = np.append(np.arange(100.0), [missing, 1.0, missing])[100 - at :]
    there = np.zeros_like(series)
    assert present_rows(series) == at
    for columns in ([series, there, there], [there, series, there], [there, there, series]):
        assert present_bars(*columns) == at
    assert present_rows(series[:at]) == at


def test_shift_rows_returns_the_previous_values() -> None:
    before = np.full(4, 9.0)
    shift_rows(7.0, np.array([1.0, 2.0, 3.0]), before)
    assert before.tolist() == [7.0, 1.0, 2.0, 9.0]
    shift_rows(5.0, np.empty(0), before)
    assert before.tolist() == [7.0, 1.0, 2.0, 9.0]
