"""Swings against scipy's peaks by prominence, and their definition on real bars."""

import numpy as np
import pytest
from scipy.signal import find_peaks
from tests.unit.features.chart_paths import Series, values
from tests.unit.features.chart_reference import Pivot, pivots_of
from tests.unit.features.real_bars import load_bars

from quaestor.domain.market_matrix import N_COLUMNS, Column


def reported(columns: Series, threshold: float) -> list[Pivot]:
    """Return the pivots reported by the feature, where its side changes."""
    out = values(columns, f"swings_{threshold:g}")
    side = np.nan_to_num(out["side"])
    turns = np.flatnonzero(np.diff(side, prepend=0.0))
    return [Pivot(int(k - out["age"][k]), out["price"][k], bool(side[k] == 1), int(k), out["volume"][k]) for k in turns]


def walk(rows: int, seed: int) -> Series:
    """Return a walk of steps below 1 with bars from 1 above to 1 below, so that every true range is 2."""
    generator = np.random.default_rng(seed)
    close = 500.0 + np.cumsum(generator.uniform(-1.0, 1.0, rows))
    columns = np.empty((N_COLUMNS, rows))
    columns[Column.OPEN] = columns[Column.CLOSE] = close
    columns[Column.HIGH] = close + 1.0
    columns[Column.LOW] = close - 1.0
    columns[Column.VOLUME] = generator.random(rows)
    return columns


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("threshold", [2.0, 3.0, 5.0])
def test_pivots_equal_peaks_of_the_threshold_prominence(threshold: float, seed: int) -> None:
    columns = walk(3_000, seed)
    ours = reported(columns, threshold)[1:]
    first, last = ours[0].row, ours[-1].row
    assert len(ours) > 8
    for top, series in ((True, columns[Column.CLOSE]), (False, -columns[Column.CLOSE])):
        peaks, _ = find_peaks(series, prominence=2.0 * threshold - 2.0)  # less the reach of both bars
        assert [p.row for p in ours[1:-1] if p.top == top] == [k for k in peaks if first < k < last]


def test_pivots_equal_their_definition_on_real_bars() -> None:
    columns = load_bars(6_000).columns
    for threshold in (2.0, 3.0, 6.0):
        ours, theirs = reported(columns, threshold), pivots_of(columns, threshold)
        assert [(p.row, p.price, p.top, p.known) for p in ours] == [(p.row, p.price, p.top, p.known) for p in theirs]
        np.testing.assert_allclose([p.volume for p in ours], [p.volume for p in theirs], rtol=1e-9)


def test_pivot_is_reported_only_after_the_price_moved_by_the_threshold() -> None:
    columns = walk(400, 4)
    rise, fall = np.arange(1.0, 51.0), 50.0 - np.arange(1.0, 51.0)
    columns[:4, 300:] += (columns[Column.CLOSE, 299] - columns[Column.CLOSE, 300:]) + np.concatenate([rise, fall])
    out = values(columns, "swings_3")
    top = 349
    assert np.all(out["side"][top : top + 4] == -1.0)  # the low is 5 below the high of the top 3 rows later, 6 after 4
    assert np.all(out["side"][top + 4 : 400] == 1.0)
    assert out["price"][top + 4] == columns[Column.HIGH, top]
    assert out["age"][top + 4] == 4.0


def test_row_with_a_new_extreme_confirms_no_pivot() -> None:
    columns = walk(60, 5)
    columns[:4, 40:] += (columns[Column.CLOSE, 39] - columns[Column.CLOSE, 40:]) + np.arange(1.0, 21.0)
    wide = 50
    columns[Column.HIGH, wide] += 30.0
    columns[Column.LOW, wide] -= 30.0
    side = values(columns, "swings_2")["side"]
    assert side[wide] == side[wide - 1] == -1.0
