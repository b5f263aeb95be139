"""Scratch arrays: kernels get arrays on the stack."""

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch


@kernel
def reversed_twice(series: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Copy a series through two scratch arrays, reversed and reversed back."""
    there, back = scratch(), scratch()
    rows = len(series)
    for j in range(rows):
        there[rows - 1 - j] = series[j]
    for j in range(rows):
        back[rows - 1 - j] = there[j]
    for j in range(rows):
        out[j] = back[j]


@pytest.mark.parametrize("function", [reversed_twice, interpreted(reversed_twice)])
def test_two_scratch_arrays_do_not_overlap(function: object) -> None:
    assert callable(function)
    series = np.random.default_rng(1).random(SCRATCH_ROWS)
    out = np.zeros_like(series)
    function(series, out)
    assert np.array_equal(out, series)
