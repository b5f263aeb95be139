"""Room on the stack."""

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch


@kernel
def reversed_twice(series: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """The same again, by way of two arrays at once."""
    there, back = scratch(), scratch()
    rows = len(series)
    for j in range(rows):
        there[rows - 1 - j] = series[j]
    for j in range(rows):
        back[rows - 1 - j] = there[j]
    for j in range(rows):
        out[j] = back[j]


@pytest.mark.parametrize("function", [reversed_twice, interpreted(reversed_twice)])
def test_arrays_are_apart_and_hold_what_they_say(function: object) -> None:
    assert callable(function)
    series = np.random.default_rng(1).random(SCRATCH_ROWS)
    out = np.zeros_like(series)
    function(series, out)
    assert np.array_equal(out, series)
