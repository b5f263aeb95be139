"""Curve: linear between its knots, constant beyond them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.brain.ensemble.curve import CURVE, KNOTS, curve_at, write_curve
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Table


def curve(x: list[float], y: list[float], error: list[float] | None = None) -> Table:
    """A table of one curve."""
    table = np.zeros(1, CURVE)
    write_curve(table[0], x, y, error)
    return table


def test_a_curve_is_linear_between_knots_and_constant_beyond() -> None:
    table = curve([0.0, 1.0, 3.0], [0.0, 10.0, 20.0], [1.0, 2.0, 4.0])
    positions = (-5.0, 0.0, 0.5, 1.0, 2.0, 3.0, 9.0)
    assert [curve_at(table[0], x) for x in positions] == [
        (0.0, 1.0),
        (0.0, 1.0),
        (5.0, 1.5),
        (10.0, 2.0),
        (15.0, 3.0),
        (20.0, 4.0),
        (20.0, 4.0),
    ]
    assert np.isnan(curve_at(table[0], np.nan)).all()


def test_a_single_knot_is_a_constant() -> None:
    table = curve([0.5], [0.7])
    assert [curve_at(table[0], x)[0] for x in (0.0, 0.5, 1.0)] == [0.7, 0.7, 0.7]


positions = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=KNOTS, unique=True)


@given(positions, st.floats(-2e6, 2e6))
def test_a_curve_equals_numpys_interpolation_and_its_interpreted_twin(knots: list[float], x: float) -> None:
    ascending = sorted(knots)
    values = [float(np.sin(k)) for k in ascending]
    table = curve(ascending, values)
    assert curve_at(table[0], x)[0] == pytest.approx(np.interp(x, ascending, values), abs=1e-9)
    assert curve_at(table[0], x) == interpreted(curve_at)(table[0], x)


@pytest.mark.parametrize(
    ("x", "y"),
    [([], []), ([1.0, 1.0], [0.0, 0.0]), ([2.0, 1.0], [0.0, 0.0]), ([0.0], [np.nan]), ([0.0], [1.0, 2.0])],
)
def test_knots_that_make_no_curve_are_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ConfigError, match="make no curve"):
        curve(x, y)
    with pytest.raises(ConfigError, match="make no curve"):
        curve(list(range(KNOTS + 1)), [0.0] * (KNOTS + 1))
