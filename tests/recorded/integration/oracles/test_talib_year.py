"""TA-Lib features over a whole year of minutes: 526,960 bars with an outage in them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.recorded.files import MINUTES
from tests.slices import BARS
from tests.unit.features import (
    test_talib,
    test_talib_averages,
    test_talib_cycle,
    test_talib_momentum,
    test_talib_price,
    test_talib_statistics,
    test_talib_trend,
)
from tests.unit.features.real_bars import Bars

from quaestor.features.bank import FeatureBank
from quaestor.features.catalog import parse_feature

Series = NDArray[np.float64]

ORACLES: Mapping[str, Callable[..., Series]] = {
    **test_talib.ORACLES,
    **test_talib_averages.ORACLES,
    **test_talib_momentum.ORACLES,
    **test_talib_price.ORACLES,
    **test_talib_statistics.ORACLES,
    **test_talib_trend.ORACLES,
}

#: Where TA-Lib takes the difference of sums of squares of prices of 30,000, or the arc tangent of such a difference.
LOOSER = {"correl_30": 1e-6, "linearreg_angle_14": 1e-8}

#: Share of rows that are equal: in a still market TA-Lib measures the phase of its own rounding errors, and an average
#: that adapts to it remembers that for some hundred rows.
CYCLES_EQUAL = 0.99


@pytest.fixture(scope="module")
def year(shared_data: Path) -> Bars:
    frame = pl.read_parquet(shared_data / MINUTES, columns=list(BARS))
    return Bars(*np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64))


def values_of(names: list[str], year: Bars) -> Series:
    rows = len(year.close)
    return FeatureBank([parse_feature(name) for name in names]).advance(np.arange(rows), year.columns)


def test_every_feature_equals_talib_over_a_year(year: Bars) -> None:
    names = list(ORACLES)
    for name, ours in zip(names, values_of(names, year), strict=False):
        theirs = ORACLES[name](year)
        assert np.array_equal(np.isnan(ours), np.isnan(theirs)), name
        tolerance = LOOSER.get(name, 1e-9) * np.nanmax(np.abs(theirs))
        np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=tolerance, err_msg=name)


def test_cycle_features_equal_talib_where_the_market_moves(year: Bars) -> None:
    names = list(test_talib_cycle.ORACLES)
    for name, ours in zip(names, values_of(names, year), strict=False):
        theirs = test_talib_cycle.ORACLES[name](year)
        assert np.array_equal(np.isnan(ours), np.isnan(theirs)), name
        distance = np.abs(ours - theirs)[~np.isnan(theirs)]
        assert np.mean(distance <= 1e-9 * np.nanmax(np.abs(theirs))) > CYCLES_EQUAL, name
