"""Features of trades and order flow over a whole recording, in rows of a second."""

from pathlib import Path

import numpy as np
import pytest
from tests.recorded.files import tape
from tests.unit.features.test_order_flow import (
    Series,
    test_features_equal_their_formulas_on_real_rows,
    test_vpin_is_the_mean_imbalance_of_exactly_split_buckets,
)

from quaestor.adapters.sources.files.tape import load_tape_rows

__all__ = [
    "test_features_equal_their_formulas_on_real_rows",
    "test_vpin_is_the_mean_imbalance_of_exactly_split_buckets",
]


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> Series:
    """The first two seconds left out."""
    trades, quotes = shared_data / tape("spot", "trades"), shared_data / tape("spot", "bookticker")
    return np.ascontiguousarray(load_tape_rows("BTCUSDT", "1s", quotes=quotes, trades=trades).columns[:, 2:])
