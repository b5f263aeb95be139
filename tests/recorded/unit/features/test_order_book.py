"""Features of the book over a whole recording, in rows of half a second."""

from pathlib import Path

import numpy as np
import pytest
from tests.recorded.files import tape
from tests.unit.features.test_order_book import (
    Series,
    test_features_equal_their_formulas_on_real_rows,
    test_sweep_cost_is_nan_where_the_levels_do_not_fill_the_order,
)

from quaestor.adapters.sources.files.tape import load_tape_rows

__all__ = [
    "test_features_equal_their_formulas_on_real_rows",
    "test_sweep_cost_is_nan_where_the_levels_do_not_fill_the_order",
]


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> Series:
    """Those at the start in which the book was not known left out."""
    depth = shared_data / tape("usdm", "depth")
    return np.ascontiguousarray(load_tape_rows("BTCUSDT", "500ms", depth=depth).columns[:, 2:])
