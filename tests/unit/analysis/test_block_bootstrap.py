"""Block bootstrap: the error of a sum against draws, by hand and by another library."""

import numpy as np
import pytest
from arch.bootstrap import CircularBlockBootstrap

from quaestor.analysis.block_bootstrap import block_length, sum_error
from quaestor.errors import DataError


@pytest.mark.parametrize("block", [1, 5, 20])
def test_the_error_equals_that_of_another_librarys_draws(block: int) -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0.0, 1.0, 400)
    values = np.convolve(noise, np.ones(4), "same")  # neighbours resemble one another
    drawn = CircularBlockBootstrap(block, values, seed=2).apply(lambda x: np.sum(x), 4000)[:, 0]
    assert sum_error(values, block) == pytest.approx(np.std(drawn), rel=0.05)


def test_blocks_capture_the_dependence_of_neighbours() -> None:
    """The true error of a moving sum of 4 over n is close to 4 √n; single values see half of it."""
    rng = np.random.default_rng(3)
    values = np.convolve(rng.normal(0.0, 1.0, 40_003), np.ones(4), "valid")
    assert sum_error(values, 1) == pytest.approx(2 * 200, rel=0.03)
    assert sum_error(values, block_length(len(values))) == pytest.approx(4 * 200, rel=0.1)


@pytest.mark.parametrize(("rows", "block"), [(1, 1), (5, 6), (5, 0)])
def test_impossible_blocks_are_refused(rows: int, block: int) -> None:
    with pytest.raises(DataError, match="blocks of"):
        sum_error(np.arange(float(rows)), block)
