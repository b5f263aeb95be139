"""Elementary functions against the C library."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from quaestor.kernels.compile import interpreted
from quaestor.kernels.elementary import any_missing, natural_log, same_within_rounding


@settings(deadline=None)  # the first call compiles
@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_log_is_within_two_units_in_the_last_place(x: float) -> None:
    expected = math.log(x)
    assert abs(natural_log(x) - expected) <= 2 * math.ulp(expected)


@settings(deadline=None)  # the first call compiles
@given(st.floats(0.99, 1.01))
def test_log_keeps_its_digits_near_one(x: float) -> None:
    expected = math.log(x)
    assert abs(natural_log(x) - expected) <= 2 * math.ulp(expected)


@settings(deadline=None)  # the first call compiles
@given(st.floats(min_value=0.0))
def test_log_compiled_and_interpreted_agree(x: float) -> None:
    assert natural_log(x) == interpreted(natural_log)(x)


def test_log_at_the_edges() -> None:
    assert natural_log(0.0) == -math.inf
    assert natural_log(math.inf) == math.inf
    assert math.isnan(natural_log(-1.0))
    assert math.isnan(natural_log(math.nan))


@settings(deadline=None)  # the first call compiles
@given(st.floats(), st.floats(), st.floats())
def test_missing_is_not_finite(a: float, b: float, c: float) -> None:
    assert any_missing(a, b, c) == (not all(math.isfinite(x) for x in (a, b, c)))


def test_same_within_rounding() -> None:
    assert same_within_rounding(0.0, 0.0)
    assert same_within_rounding(100.0, 100.0 + 1e-12)
    assert not same_within_rounding(100.0, 100.0 + 1e-11)
    assert not same_within_rounding(math.nan, math.nan)
