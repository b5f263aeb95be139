"""Labels: against a plain walk over the rows, and their properties for any prices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.market import random_columns

from quaestor.analysis.forecasts import labels as module
from quaestor.analysis.forecasts.labels import Barrier, fixed_horizon, triple_barrier, uniqueness
from quaestor.domain.market_matrix import Column
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted

ROWS = 300
MULTIPLES = st.sampled_from([0.1, 0.5, 1.0, 2.0, math.inf])


def walked(columns: np.ndarray, sigma: float, barrier: Barrier, k: int) -> tuple[int, float, int]:
    """Return label, return and end of row k, price by price in the order in which a pessimist takes them."""
    opened, high, low, close = columns[:4].tolist()
    entry = opened[k + 1]
    away = sigma * math.sqrt(barrier.rows)
    upper = entry * (1.0 + barrier.profit * away + barrier.cost)
    lower = entry * (1.0 - barrier.stop * away - barrier.cost)
    for j in range(k + 1, k + barrier.rows + 1):
        for price, is_open in ((opened[j], True), (low[j], False), (high[j], False)):
            if price >= upper:
                return 1, (price if is_open else upper) / entry - 1.0, j
            if price <= lower:
                return -1, (price if is_open else lower) / entry - 1.0, j
    return 0, close[k + barrier.rows] / entry - 1.0, k + barrier.rows


@given(st.integers(0, 50), MULTIPLES, MULTIPLES, st.integers(1, 40), st.sampled_from([0.0, 0.001, 0.02]))
def test_triple_barrier_equals_a_walk_over_the_rows(
    seed: int, profit: float, stop: float, rows: int, cost: float
) -> None:
    columns = random_columns(ROWS, seed)
    columns[:, ::17] *= 1.01  # gaps
    barrier = Barrier(profit, stop, rows, cost)
    found = triple_barrier(columns, np.full(ROWS, 0.004), barrier)
    for k in range(0, ROWS - rows, 7):
        label, change, end = walked(columns, 0.004, barrier, k)
        assert (found.label[k], found.end[k]) == (label, end)
        assert found.change[k] == pytest.approx(change, abs=1e-12)
    assert not found.known[ROWS - rows :].any()


@given(st.integers(0, 50), st.integers(1, 30))
def test_rows_after_its_end_never_touch_a_label(seed: int, rows: int) -> None:
    columns = random_columns(ROWS, seed)
    barrier, sigma = Barrier(0.5, 0.5, rows), np.full(ROWS, 0.004)
    before = triple_barrier(columns, sigma, barrier)
    k = seed
    columns[:, before.end[k] + 1 :] *= 3.0
    after = triple_barrier(columns, sigma, barrier)
    assert (after.label[k], after.change[k], after.end[k]) == (before.label[k], before.change[k], before.end[k])


def test_triple_barrier_without_price_barriers_is_the_fixed_horizon() -> None:
    columns = random_columns(ROWS)
    timed = triple_barrier(columns, np.full(ROWS, 0.01), Barrier(math.inf, math.inf, 9))
    fixed = fixed_horizon(columns, 9)
    assert not timed.label.any()
    assert np.array_equal(timed.end, fixed.end)
    assert np.array_equal(timed.change, fixed.change, equal_nan=True)


def test_the_interpreted_twin_agrees() -> None:
    columns, sigma = random_columns(ROWS), np.full(ROWS, 0.004)
    found = triple_barrier(columns, sigma, Barrier(0.7, 0.5, 12, 0.001))
    label, change, end = np.zeros(ROWS, np.int8), np.full(ROWS, np.nan), np.full(ROWS, -1, np.int64)
    interpreted(module._touch)(columns, sigma, 0.7, 0.5, 12, 0.001, label, change, end)
    assert np.array_equal(label, found.label)
    assert np.array_equal(end, found.end)
    assert np.array_equal(change, found.change, equal_nan=True)


def test_fixed_horizon_by_hand() -> None:
    columns = np.ones((5, 5))
    columns[Column.OPEN] = [9.0, 10.0, 20.0, 40.0, 8.0]
    columns[Column.CLOSE] = [9.0, 10.5, 30.0, 30.0, 8.004]
    found = fixed_horizon(columns, 1, cost=0.001)
    assert found.label.tolist() == [1, 1, -1, 0, 0]
    assert found.end.tolist() == [1, 2, 3, 4, -1]
    assert found.change[:3].tolist() == pytest.approx([0.05, 0.5, -0.25])
    assert found.known.tolist() == [True, True, True, True, False]


@pytest.mark.parametrize("rows", [1, 4, 5, 50])
def test_missing_prices_give_no_label(rows: int) -> None:
    columns = random_columns(40)
    columns[:, 20] = np.nan
    fixed = fixed_horizon(columns, rows)
    barriers = triple_barrier(columns, np.full(40, 0.01), Barrier(math.inf, math.inf, rows))
    unknown = {k for k in range(40) if k + rows >= 40 or k + 1 == 20 or k + rows == 20}
    for found in (fixed, barriers):
        assert set(np.flatnonzero(~found.known)) == unknown
        assert np.isnan(found.change[~found.known]).all()
        assert not found.label[~found.known].any()
    assert not triple_barrier(columns, np.full(40, np.nan), Barrier(1, 1, rows)).known.any()
    assert not triple_barrier(columns, np.zeros(40), Barrier(1, 1, rows)).known.any()


def test_one_row_has_no_label() -> None:
    columns = random_columns(1)
    assert fixed_horizon(columns, 1).end.tolist() == [-1]
    assert triple_barrier(columns, np.ones(1), Barrier(1, 1, 1)).end.tolist() == [-1]


@pytest.mark.parametrize(
    ("profit", "stop", "rows", "cost"),
    [(0.0, 1.0, 5, 0.0), (1.0, -1.0, 5, 0.0), (math.nan, 1.0, 5, 0.0), (1.0, 1.0, 0, 0.0), (1.0, 1.0, 5, math.nan)],
)
def test_barriers_out_of_range_are_refused(profit: float, stop: float, rows: int, cost: float) -> None:
    with pytest.raises(ConfigError):
        Barrier(profit, stop, rows, cost)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=40))
def test_uniqueness_counts_the_labels_of_each_row(spans: list[tuple[int, int]]) -> None:
    rows = np.array(sorted(row for row, _ in spans))
    ends = rows + np.array([length for _, length in spans])
    holders = [sum(r < t <= e for r, e in zip(rows, ends, strict=True)) for t in range(100)]
    for own, row, end in zip(uniqueness(rows, ends), rows, ends, strict=True):
        assert own == pytest.approx(np.mean([1.0 / holders[t] for t in range(row + 1, end + 1)]))
    assert uniqueness(rows[:0], ends[:0]).tolist() == []
