"""Weights of the exponential averages."""

from hypothesis import given
from hypothesis import strategies as st

from quaestor.jit.multiply_add import multiply_add
from quaestor.numeric.averages import ema_weights, wilder_weights

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
