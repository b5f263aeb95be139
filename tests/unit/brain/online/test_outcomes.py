"""Outcomes while trading: the labels of training bit for bit, also where bars are missing."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.contract.market import random_columns
from tests.slices import BARS, hours_of

from quaestor.analysis.forecasts.labels import Barrier, triple_barrier
from quaestor.brain.online import outcomes as module
from quaestor.brain.online.outcomes import BARRIER, observe, outcomes_dtype, remember
from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Matrix

HORIZON = 40
MULTIPLES = st.sampled_from([0.1, 0.5, 1.0, 2.0, math.inf])


class Settled(NamedTuple):
    """One outcome: the row of the opinion, the row that settled it, and its label."""

    row: int
    end: int
    outcome: int
    change: float
    up: int


def walk(columns: Matrix, volatility: NDArray[np.float64], barrier: Barrier, horizon: int = HORIZON) -> list[Settled]:
    """Outcomes of an opinion at every row; each opinion has the number of its row among its inputs."""
    state = np.zeros(1, outcomes_dtype(horizon, 2, 1))
    packed = np.array([(barrier.profit, barrier.stop, barrier.rows, barrier.cost)], BARRIER)
    root = math.sqrt(barrier.rows)
    found = []
    for k in range(columns.shape[1]):
        settled = observe(state[0], packed[0], columns, k)
        assert settled == state[0]["settled"]
        for slot in state[0]["slots"][:settled]:
            one = state[0]["pending"][slot]
            row = int(one["x"][0])
            assert (one["votes"][0], one["pooled"], one["decided"]) == (row / 1e3, row / 2e3, -1)
            found.append(Settled(row, k, int(one["outcome"]), float(one["change"]), int(one["up"])))
        x, votes = np.array([float(k), 1.0]), np.array([k / 1e3])
        remember(state[0], x, votes, k / 2e3, -1, 0.001, volatility[k] * root)
    return found


def assert_equals_labels(columns: Matrix, volatility: NDArray[np.float64], barrier: Barrier) -> None:
    """Compare outcomes with labels, in the rows in which labels end, but for rows too close to the end."""
    labels = triple_barrier(columns, volatility, barrier)
    found = walk(columns, volatility, barrier)
    assert [(one.end, one.row) for one in found] == sorted((one.end, one.row) for one in found)
    known = {one.row: one for one in found if one.row < columns.shape[1] - barrier.rows}
    assert sorted(known) == np.flatnonzero(labels.known).tolist()
    for row, one in known.items():
        assert one == (row, labels.end[row], labels.label[row], labels.change[row], int(labels.change[row] > 0.0))


@given(st.integers(0, 50), MULTIPLES, MULTIPLES, st.integers(1, HORIZON), st.sampled_from([0.0, 0.001, 0.02]))
def test_outcomes_equal_the_labels_of_random_bars(
    seed: int, profit: float, stop: float, rows: int, cost: float
) -> None:
    columns = random_columns(200, seed)
    columns[:, ::17] *= 1.01  # gaps
    volatility = np.full(200, 0.004)
    volatility[50:60] = np.nan
    volatility[70] = 0.0
    assert_equals_labels(columns, volatility, Barrier(profit, stop, rows, cost))


@pytest.mark.parametrize("barrier", [Barrier(1.0, 1.0, 24, 0.001), Barrier(2.0, 0.5, 7)])
def test_outcomes_equal_the_labels_of_real_bars(barrier: Barrier) -> None:
    columns = np.ascontiguousarray(hours_of("SOLUSDT").head(3_000).select(BARS).to_numpy().T, np.float64)
    steps = np.diff(np.log(columns[Column.CLOSE]), prepend=np.nan)
    volatility = np.sqrt(np.convolve(np.nan_to_num(steps) ** 2, np.ones(48) / 48.0)[: len(steps)])
    assert_equals_labels(columns, volatility, barrier)


def test_the_interpreted_twin_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    columns, barrier = random_columns(200, 5), Barrier(1.0, 0.7, 12, 0.001)
    columns[:, 60:63] = np.nan
    compiled = walk(columns, np.full(200, 0.004), barrier)
    for name in ("_enter", "_settle", "barrier_prices", "touched_barrier", "touch_price"):
        monkeypatch.setattr(module, name, interpreted(getattr(module, name)))
    monkeypatch.setitem(globals(), "observe", interpreted(observe))
    monkeypatch.setitem(globals(), "remember", interpreted(remember))
    assert walk(columns, np.full(200, 0.004), barrier) == compiled


def bars(*rows: tuple[float, float, float, float]) -> Matrix:
    """Open, high, low, close a row."""
    return np.ascontiguousarray(np.array([(*row, 1.0) for row in rows]).T)


def test_outcomes_at_three_barriers_by_hand() -> None:
    # σ√2 = 0.02: barriers at 102 and 98 around an entry at 100, at 98.94 and 95.06 around one at 97
    columns = bars((99, 99, 99, 99), (100, 101, 99, 100), (100, 103, 99, 101), (97, 98, 95, 96), (96, 96, 96, 96))
    found = walk(columns, np.full(5, 0.02 / math.sqrt(2.0)), Barrier(1.0, 1.0, 2))
    assert [one[:3] + one[4:] for one in found] == [(0, 2, 1, 1), (1, 2, 1, 1), (2, 3, -1, 0)]
    assert [one.change for one in found] == pytest.approx([0.02, 0.02, -0.02])
    # a gap over the barrier exits at the open
    columns = bars((100, 100, 100, 100), (100, 100, 100, 100), (110, 112, 90, 95), (1, 1, 1, 1))
    assert walk(columns, np.full(4, 0.01), Barrier(1.0, 1.0, 2))[0] == (0, 2, 1, 110.0 / 100.0 - 1.0, 1)


def test_missing_rows_count_as_time_and_missing_prices_drop_an_outcome() -> None:
    quiet = (100.0, 100.0, 100.0, 100.0)
    gone = (math.nan, math.nan, math.nan, math.nan)
    barrier, sigma = Barrier(1.0, 1.0, 3), np.full(7, 0.01)
    found = walk(bars(quiet, quiet, gone, quiet, quiet, quiet, quiet), sigma, barrier)
    # row 1 has no entry (row 2 is missing); all others are settled by time, in their third row
    assert [(one.row, one.end, one.outcome) for one in found] == [(0, 3, 0), (2, 5, 0), (3, 6, 0)]
    found = walk(bars(quiet, quiet, quiet, gone, quiet, quiet, quiet), sigma, barrier)
    # row 0 has no last close, row 2 no entry
    assert [(one.row, one.end) for one in found] == [(1, 4), (3, 6)]


def test_a_barrier_touched_before_a_missing_close_settles() -> None:
    quiet, up = (100.0, 100.0, 100.0, 100.0), (100.0, 120.0, 100.0, 100.0)
    columns = bars(quiet, quiet, up, (math.nan,) * 4, quiet)
    barrier = Barrier(1.0, 1.0, 3)
    assert (0, 2, 1) in [one[:3] for one in walk(columns, np.full(5, 0.01), barrier)]
    assert not triple_barrier(columns, np.full(5, 0.01), barrier).known[0]


def test_an_opinion_without_a_barrier_width_or_before_the_first_row_is_not_kept() -> None:
    state = np.zeros(1, outcomes_dtype(3, 1, 1))
    one = np.ones(1)
    remember(state[0], one, one, 0.5, 1, 0.0, 0.1)
    assert not state.tobytes().strip(b"\0")
    observe(state[0], np.array([(1.0, 1.0, 3, 0.0)], BARRIER)[0], bars((1, 1, 1, 1)), 0)
    for width in (math.nan, 0.0, -1.0, math.inf):
        remember(state[0], one, one, 0.5, 1, 0.0, width)
        assert not state[0]["pending"]["waiting"].any()


def test_a_time_barrier_shorter_than_the_ring_settles_after_its_own_rows() -> None:
    columns = random_columns(120, 3)
    barrier = Barrier(math.inf, math.inf, 5)
    assert walk(columns, np.full(120, 0.01), barrier, 5) == walk(columns, np.full(120, 0.01), barrier, 17)
    assert {one.end - one.row for one in walk(columns, np.full(120, 0.01), barrier)} == {5}
