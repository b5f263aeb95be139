"""Rolling windows against the plain formula over the same window, and effects of values that have left it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quaestor.numeric.rolling import (
    moments_dtype,
    push_delay,
    push_max,
    push_min,
    push_moments,
    push_sum,
    ring_capacity,
    window_dtype,
)

values = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60)
lengths = st.integers(1, 20)


@settings(deadline=None)  # the first call compiles
@given(values, lengths)
def test_rolling_extremes_are_exact(series: list[float], length: int) -> None:
    highs, lows = np.zeros(1, window_dtype(length)), np.zeros(1, window_dtype(length))
    for k, x in enumerate(series):
        high, low = push_max(highs, length, x), push_min(lows, length, x)
        if k >= length - 1:
            window = series[k - length + 1 : k + 1]
            assert high == max(window)
            assert low == min(window)


@settings(deadline=None)  # the first call compiles
@given(values, lengths)
def test_rolling_sums_are_as_accurate_as_direct_sums(series: list[float], length: int) -> None:
    state = np.zeros(1, window_dtype(length))
    for k, x in enumerate(series):
        total = push_sum(state, length, x)
        window = series[max(0, k - length + 1) : k + 1]
        scale = sum(abs(y) for y in window)
        assert abs(total - float(sum(map(Fraction, window)))) <= 1e-14 * scale


@settings(deadline=None)  # the first call compiles
@given(values, lengths)
def test_delay_returns_the_value_length_pushes_ago(series: list[float], length: int) -> None:
    state = np.zeros(1, window_dtype(length))
    for k, x in enumerate(series):
        before = push_delay(state, length, x)
        if k >= length:
            assert before == series[k - length]


@settings(deadline=None)  # the first call compiles
@given(values, st.integers(2, 20), st.sampled_from([0.0, 3e4, -1e9]))
def test_rolling_moments_equal_numpy(series: list[float], length: int, level: float) -> None:
    state = np.zeros(1, moments_dtype(length))
    shifted = [x + level for x in series]
    for k, x in enumerate(shifted):
        mean, squares = push_moments(state, length, x)
        if k >= length - 1:
            window = [Fraction(y) for y in shifted[k - length + 1 : k + 1]]
            exact = sum(window) / length
            reach = float(max(window) - min(window))
            assert abs(mean - float(exact)) <= 1e-15 * abs(float(exact)) * length + 1e-14 * reach
            assert abs(squares - float(sum((y - exact) ** 2 for y in window))) <= 1e-12 * reach**2 + 1e-300


def test_rolling_sums_do_not_drift_over_a_million_values() -> None:
    generator = np.random.default_rng(1)
    series = 30_000.0 + np.cumsum(generator.normal(0.0, 5.0, 30_000))
    state = np.zeros(1, moments_dtype(20))
    for x in series:
        mean, squares = push_moments(state, 20, x)
    window = [Fraction(float(x)) for x in series[-20:]]
    exact = sum(window) / 20
    assert mean == pytest.approx(float(exact), rel=1e-15)
    assert squares == pytest.approx(float(sum((y - exact) ** 2 for y in window)), rel=1e-13)


def test_equal_values_have_exactly_zero_deviation_after_any_history() -> None:
    state = np.zeros(1, moments_dtype(20))
    for x in [1e9, -1e9, 3.0] * 10:
        push_moments(state, 20, x)
    results = [push_moments(state, 20, 0.1) for _ in range(60)]
    assert all(result == (0.1, 0.0) for result in results[19:])


def test_huge_value_has_no_effect_after_leaving_the_window() -> None:
    state = np.zeros(1, window_dtype(5))
    push_sum(state, 5, 1e300)
    results = [push_sum(state, 5, 0.1) for _ in range(12)]
    assert results[5:] == pytest.approx([0.5] * 7, rel=1e-15)


def test_ring_capacity_exceeds_length_by_an_eighth_at_most() -> None:
    for length in range(1, 5_000):
        capacity = ring_capacity(length)
        assert length <= capacity <= max(length + 3, length * 9 / 8 + 1)
