"""Resampling beside polars over a recorded year."""

from pathlib import Path

import polars as pl
import pytest
from tests.recorded.files import MINUTES
from tests.unit.domain.test_resample import (
    PRICES,
    test_real_minutes_equal_polars,
    test_the_outage_marks_its_hours_incomplete,
)

__all__ = ["test_real_minutes_equal_polars", "test_the_outage_marks_its_hours_incomplete"]


@pytest.fixture(scope="module")
def real_minutes(shared_data: Path) -> pl.DataFrame:
    """A year."""
    return pl.read_parquet(shared_data / MINUTES, columns=["ts", *PRICES, "volume"])
