"""Weights of the exponential averages."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quaestor.jit.compile import interpreted
from quaestor.jit.multiply_add import multiply_add
from quaestor.numeric.averages import ema_weights, mean_of, wilder_weights

prices = st.floats(1e-6, 1e6)


@given(prices, st.integers(3, 10_000))
def test_average_of_equal_values_is_constant(price: float, length: int) -> None:
    for keep, weight in (ema_weights(length), wilder_weights(length)):
        assert keep + weight == 1.0
        assert multiply_add(price, keep, price * weight) == price


@given(st.integers(1, 10_000))
def test_weights_equal_the_formula(length: int) -> None:
    assert abs(ema_weights(length)[1] * (length + 1) - 2.0) < 1e-12
    assert abs(wilder_weights(length)[1] * length - 1.0) < 1e-12


@given(
    st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda x: abs(x) > 1e-200 or x == 0.0), st.integers(1, 2**30)
)
def test_the_mean_is_the_correctly_rounded_quotient(total: float, count: int) -> None:
    assert mean_of(total, float(count)) == interpreted(mean_of)(total, float(count)) == total / count


def test_the_mean_of_sums_next_to_ties_is_the_quotient() -> None:
    draws = np.random.default_rng(3)
    for count in range(1, 2_000):
        quotients = draws.uniform(1.0, 2.0, 5)
        for total in (*(quotients * count), *np.nextafter(quotients * count, 0.0)):
            assert mean_of(total, float(count)) == total / count
