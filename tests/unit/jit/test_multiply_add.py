"""Fused multiply-add: compiled and interpreted give the same, singly rounded bits."""

import math
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quaestor.jit.compile import kernel
from quaestor.jit.multiply_add import multiply_add

numbers = st.floats(-1e100, 1e100)


@kernel
def compiled(a: float, b: float, c: float) -> float:
    """The function in machine code."""
    return multiply_add(a, b, c)


@settings(deadline=None)  # the first call compiles
@given(numbers, numbers, numbers)
@example(0.1, 10.0, -1.0)
@example(5e-324, 0.5, 5e-324)
@example(-0.0, 1.0, -0.0)
def test_product_and_sum_are_rounded_once(a: float, b: float, c: float) -> None:
    ours, machine = multiply_add(a, b, c), compiled(a, b, c)
    assert ours == machine == float(Fraction(a) * Fraction(b) + Fraction(c))
    assert math.copysign(1.0, ours) == math.copysign(1.0, machine)


def test_missing_values_pass_through() -> None:
    for arguments in ((math.nan, 1.0, 1.0), (1.0, math.inf, math.nan), (math.inf, 0.0, 1.0)):
        assert math.isnan(multiply_add(*arguments))
        assert math.isnan(compiled(*arguments))
    assert multiply_add(math.inf, 2.0, 1.0) == compiled(math.inf, 2.0, 1.0) == math.inf
