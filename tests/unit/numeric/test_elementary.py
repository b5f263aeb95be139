"""Elementary functions against the C library."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quaestor.jit.compile import interpreted
from quaestor.numeric.elementary import any_missing, cosine, exponential, natural_log, same_within_rounding, sine


@settings(deadline=None)  # the first call compiles
@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_log_is_within_two_units_in_the_last_place(x: float) -> None:
    expected = math.log(x)
    assert abs(natural_log(x) - expected) <= 2 * math.ulp(expected)


@settings(deadline=None)  # the first call compiles
@given(st.floats(0.99, 1.01))
def test_log_is_accurate_near_one(x: float) -> None:
    expected = math.log(x)
    assert abs(natural_log(x) - expected) <= 2 * math.ulp(expected)


@settings(deadline=None)  # the first call compiles
@given(st.floats(min_value=0.0))
def test_log_compiled_and_interpreted_agree(x: float) -> None:
    assert natural_log(x) == interpreted(natural_log)(x)


def test_log_of_zero_negative_and_infinite_numbers() -> None:
    assert natural_log(0.0) == -math.inf
    assert natural_log(math.inf) == math.inf
    assert math.isnan(natural_log(-1.0))
    assert math.isnan(natural_log(math.nan))


@settings(deadline=None)  # the first call compiles
@given(st.floats(), st.floats(), st.floats())
def test_missing_means_not_finite(a: float, b: float, c: float) -> None:
    assert any_missing(a, b, c) == (not all(math.isfinite(x) for x in (a, b, c)))


def test_same_within_rounding_compares_relative_to_magnitude() -> None:
    assert same_within_rounding(0.0, 0.0)
    assert same_within_rounding(100.0, 100.0 + 1e-12)
    assert not same_within_rounding(100.0, 100.0 + 1e-11)
    assert not same_within_rounding(math.nan, math.nan)


@pytest.mark.parametrize("reach", [0.8, 10.0, 2.0**20])
def test_sine_and_cosine_are_within_two_units_in_the_last_place(reach: float) -> None:
    quarters = np.arange(0.0, reach, max(1.0, reach / 5_000)) * (math.pi / 2) if reach > 1.0 else np.empty(0)
    angles = np.concatenate([np.linspace(-reach, reach, 20_001), quarters[quarters <= reach]])
    for x in angles.tolist():
        assert abs(sine(x) - math.sin(x)) <= 2 * math.ulp(math.sin(x))
        assert abs(cosine(x) - math.cos(x)) <= 2 * math.ulp(math.cos(x))


@settings(deadline=None)  # the first call compiles
@given(st.floats(2.0**20, 1e300))
def test_sine_and_cosine_of_huge_angles_are_those_of_a_neighbour(x: float) -> None:
    assert abs(sine(x)) <= 1.0
    assert abs(cosine(-x)) <= 1.0
    assert abs(sine(x) - math.sin(x)) <= 2.3e-16 * x
    assert abs(cosine(x) - math.cos(x)) <= 2.3e-16 * x


@settings(deadline=None)  # the first call compiles
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_sine_and_cosine_compiled_and_interpreted_agree(x: float) -> None:
    assert sine(x) == interpreted(sine)(x)
    assert cosine(x) == interpreted(cosine)(x)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_sine_and_cosine_of_non_finite_angles_are_nan(x: float) -> None:
    assert math.isnan(sine(x))
    assert math.isnan(cosine(x))


@settings(deadline=None)  # the first call compiles
@given(st.floats(-708.0, 709.7))
def test_exponential_is_within_two_units_in_the_last_place(x: float) -> None:
    expected = math.exp(x)
    assert abs(exponential(x) - expected) <= 2 * math.ulp(expected)


@settings(deadline=None)  # the first call compiles
@given(st.floats(allow_nan=False))
def test_exponential_compiled_and_interpreted_agree(x: float) -> None:
    assert exponential(x) == interpreted(exponential)(x)


def test_exponential_underflows_to_zero_and_overflows_to_infinity() -> None:
    assert exponential(-math.inf) == exponential(-746.0) == 0.0
    assert exponential(-745.0) == 5e-324
    assert math.isfinite(exponential(709.782712893384))
    assert exponential(709.7827128933841) == exponential(math.inf) == math.inf
    assert math.isnan(exponential(math.nan))
