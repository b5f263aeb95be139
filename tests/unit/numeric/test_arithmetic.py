"""Integer arithmetic against Python's unbounded integers, compiled and interpreted."""

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quaestor.jit.compile import interpreted
from quaestor.numeric.arithmetic import floor_div, muldiv_ceil, muldiv_floor, round_half_even

TOP = 2**63 - 1
#: Any integers, with weight on the edges of 64-bit arithmetic.
WORDS = st.one_of(
    st.integers(-TOP, TOP),
    st.integers(-1000, 1000),
    st.sampled_from([TOP, -TOP, TOP - 1, 2**62, -(2**62), 2**32, 2**32 - 1, 2**31, 0, 1, -1]),
)
#: Divisors around the largest one of the short division.
DIGITS = [2**32 - 1, 2**32, 2**32 + 1]
DIVISORS = st.one_of(st.integers(1, TOP), st.integers(1, 1000), st.sampled_from([TOP, 1, 2**62, *DIGITS, 10**8]))
FLOORS = [muldiv_floor, interpreted(muldiv_floor)]
CEILS = [muldiv_ceil, interpreted(muldiv_ceil)]
Operation = Callable[[int, int, int], int]


def check(operation: Operation, a: int, b: int, c: int, expected: int) -> None:
    if abs(expected) <= TOP:
        assert operation(a, b, c) == expected
    elif expected == -(2**63):
        pass  # the one value on the edge: either answer is right
    else:
        with pytest.raises(OverflowError):
            operation(a, b, c)


@given(WORDS, WORDS, DIVISORS)
@example(TOP, TOP, TOP)
@example(-TOP, TOP, TOP)
@example(-TOP, -TOP, TOP)
@example(TOP, TOP, 1)
@example(TOP, 2, 3)
@example(-TOP, 1, 2)
@example(TOP, 2**31 - 1, 2**32 - 1)
@example(TOP, 2**32 - 1, 2**32 - 1)
@example(TOP, 2**32, 2**32 - 1)
def test_muldiv_is_exact_or_raises(a: int, b: int, c: int) -> None:
    for operation in FLOORS:
        check(operation, a, b, c, a * b // c)
    for operation in CEILS:
        check(operation, a, b, c, -(-a * b // c))


@given(WORDS, WORDS, DIVISORS)
def test_floor_and_ceiling_differ_by_one_exactly_with_a_remainder(a: int, b: int, c: int) -> None:
    if abs(a * b // c) < TOP:
        assert muldiv_ceil(a, b, c) - muldiv_floor(a, b, c) == (1 if a * b % c else 0)


@pytest.mark.parametrize("divisor", [0, -1, -TOP])
def test_non_positive_divisor_raises(divisor: int) -> None:
    """Guard against C semantics, where a division by zero gives 0."""
    for operation in (*FLOORS, *CEILS):
        with pytest.raises(ZeroDivisionError):
            operation(7, 3, divisor)
    for divide in (floor_div, interpreted(floor_div)):
        with pytest.raises(ZeroDivisionError):
            divide(7, divisor)


@given(WORDS, DIVISORS)
def test_floor_div_rounds_toward_minus_infinity(a: int, b: int) -> None:
    assert floor_div(a, b) == a // b


@given(st.floats(-9.1e18, 9.1e18))
def test_round_half_even_equals_python_round(x: float) -> None:
    for operation in (round_half_even, interpreted(round_half_even)):
        assert operation(x) == round(x)


@pytest.mark.parametrize(("x", "expected"), [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (0.49999, 0)])
def test_ties_go_to_even(x: float, expected: int) -> None:
    assert round_half_even(x) == expected


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 9.3e18, -9.3e18, 1e300])
def test_number_beyond_64_bits_raises(x: float) -> None:
    for operation in (round_half_even, interpreted(round_half_even)):
        with pytest.raises(OverflowError):
            operation(x)
