"""Decisions may not know the future: two years with a crash, a bear market and more than one window of memory."""

from pathlib import Path

import polars as pl
import pytest
from tests.integration.oracles.test_look_ahead import SYMBOL, test_truncating_the_data_changes_no_earlier_decision
from tests.recorded.files import HOURS

__all__ = ["test_truncating_the_data_changes_no_earlier_decision"]

ROWS = 17_600


@pytest.fixture(scope="module")
def hours(shared_data: Path) -> pl.DataFrame:
    return pl.read_parquet(shared_data / HOURS).filter(pl.col("symbol") == SYMBOL).head(ROWS)


@pytest.fixture(scope="module")
def orders_min() -> int:
    return 50
