"""Allocation: when weights are due, the returns that they are estimated from, and the journal as their source."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.adapters.allocators.closed_form import FixedWeights, InverseVolatility
from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.engine.feed import EventBatch, TradedInstrument
from quaestor.jit.tables import Table
from quaestor.ledger.codes import EventKind
from quaestor.numeric.arithmetic import RATE_ONE
from quaestor.runtime.journal.recorder import INBOUND
from quaestor.runtime.session.allocation import EstimatedWeights, RecordedWeights, WeightSchedule, known_returns

HOUR = 3_600_000_000_000
START = 1_700_006_400_000_000_000
ROWS = 120


def traded(prices: NDArray[np.float64], rows: Sequence[int] | None = None) -> TradedInstrument:
    """Bars at these prices; `rows`: the only ones there are."""
    kept = np.arange(len(prices)) if rows is None else np.array(rows)
    columns = np.tile(prices, (N_COLUMNS, 1))[:, kept].copy()
    bars = Bars("BTCUSDT", HOUR, START + kept * HOUR, columns, np.zeros(len(kept), np.uint32))
    return TradedInstrument(bars, None, load_instruments().find("BTCUSDT", "spot"))


def walk(seed: int, n: int = ROWS) -> NDArray[np.float64]:
    return np.asarray(100.0 * np.cumprod(1.0 + np.random.default_rng(seed).normal(0, 0.01 * (1 + seed), n)))


def closes_at(row: int) -> int:
    return START + (row + 1) * HOUR


def test_known_returns_are_those_of_the_bars_that_closed_before() -> None:
    prices = [walk(k) for k in range(3)]
    returns, ready = known_returns([traded(p) for p in prices], closes_at(50), 20)
    assert ready.all()
    for k, p in enumerate(prices):
        np.testing.assert_allclose(returns[:, k], p[30:50] / p[29:49] - 1.0, rtol=1e-12)


def test_missing_bars_return_zero_and_the_next_bar_the_whole_change() -> None:
    prices = walk(0)
    rows = [row for row in range(ROWS) if row not in (40, 41)]
    returns, ready = known_returns([traded(prices, rows)], closes_at(50), 20)
    assert ready.all()
    assert returns[10, 0] == returns[11, 0] == 0.0
    assert returns[12, 0] == pytest.approx(prices[42] / prices[39] - 1.0)
    assert np.prod(1.0 + returns[:, 0]) == pytest.approx(prices[49] / prices[29])


def test_instruments_that_are_late_sparse_or_still_are_not_estimated() -> None:
    late = traded(walk(1), range(35, ROWS))
    sparse = traded(walk(2), [0, 10, *range(45, ROWS)])
    still = traded(np.full(ROWS, 100.0))
    whole = traded(walk(3))
    _, ready = known_returns([late, sparse, still, whole], closes_at(50), 20)
    assert ready.tolist() == [False, False, False, True]
    _, ready = known_returns([late, sparse, still, whole], closes_at(70), 20)
    assert ready.tolist() == [True, True, False, True]


@given(seed=st.integers(0, 1000), row=st.integers(25, ROWS - 1), lookback=st.integers(10, 24))
def test_weights_do_not_depend_on_later_bars(seed: int, row: int, lookback: int) -> None:
    prices = [walk(seed), walk(seed + 1)]
    before = EstimatedWeights(InverseVolatility(), [traded(p) for p in prices], lookback, fixed=False)
    changed = [np.concatenate((p[:row], 7.0 * p[row:] ** 2)) for p in prices]
    after = EstimatedWeights(InverseVolatility(), [traded(p) for p in changed], lookback, fixed=False)
    assert before.events(0, closes_at(row)).tobytes() == after.events(0, closes_at(row)).tobytes()


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=16).filter(lambda given: sum(given) > 1e-3))
def test_weights_of_events_add_up_to_one_exactly(given: list[float]) -> None:
    several = [traded(walk(k)) for k in range(len(given))]
    events = EstimatedWeights(FixedWeights(given), several, 10, fixed=True).events(0, closes_at(0))
    assert events["amount"].sum() == RATE_ONE
    assert (events["amount"] >= 0).all()
    assert events["instrument"].tolist() == list(range(len(given)))
    assert set(events["kind"]) == {EventKind.ALLOCATION}
    np.testing.assert_allclose(events["amount"] / RATE_ONE, np.array(given) / sum(given), atol=2e-7)


def test_an_instrument_that_cannot_be_estimated_gets_an_equal_share() -> None:
    several = [traded(walk(0)), traded(walk(3)), traded(walk(1), range(100, ROWS))]
    estimated = EstimatedWeights(InverseVolatility(), several, 20, fixed=False)
    assert len(estimated.events(0, closes_at(10))) == 0
    weights = estimated.events(0, closes_at(90))["amount"] / RATE_ONE
    assert weights[2] == pytest.approx(1 / 3, abs=1e-7)
    returns, _ = known_returns(several, closes_at(90), 20)
    assert weights[0] / weights[1] == pytest.approx(returns[:, 1].std() / returns[:, 0].std(), rel=1e-6)


def batch(rows: Sequence[int]) -> EventBatch:
    stamps = np.array([closes_at(row) for row in rows])
    slots = np.arange(len(rows))
    return EventBatch(stamps, np.zeros(len(rows), np.int64), slots, slots, (len(rows),))


class NoSource:
    """A weight source that must not be used."""

    def events(self, bars: int, ts: int) -> Table:
        raise AssertionError(f"used at {bars}, {ts}")


def test_weights_are_due_at_the_first_bar_and_once_a_period() -> None:
    schedule = WeightSchedule(NoSource(), closes_at(0), 10 * HOUR)
    assert list(schedule.cut(batch([0, 0, 1, 9, 10, 10, 11, 35]), None)) == [
        (0, 4, True),
        (4, 7, True),
        (7, 8, True),
    ]
    assert list(schedule.cut(batch([36, 37]), closes_at(35))) == [(0, 2, False)]
    assert list(schedule.cut(batch([39, 40, 41]), closes_at(35))) == [(0, 1, False), (1, 3, True)]
    assert list(schedule.cut(batch([40, 41]), closes_at(39))) == [(0, 2, True)]


@given(rows=st.lists(st.integers(0, 60), min_size=1, max_size=40).map(sorted), cut=st.integers(0, 40))
def test_times_when_weights_are_due_do_not_depend_on_the_batches(rows: list[int], cut: int) -> None:
    schedule = WeightSchedule(NoSource(), closes_at(rows[0]), 7 * HOUR)
    whole = {begin for begin, _, due in schedule.cut(batch(rows), None) if due}
    cut = min(cut, len(rows) - 1)
    parts = {begin for begin, _, due in schedule.cut(batch(rows[:cut]), None) if due} if cut else set()
    last = closes_at(rows[cut - 1]) if cut else None
    parts |= {begin + cut for begin, _, due in schedule.cut(batch(rows[cut:]), last) if due}
    assert parts == whole


def test_recorded_weights_are_taken_at_the_same_bars_then_estimated() -> None:
    rows = np.zeros(4, INBOUND)
    rows["position"] = [0, 0, 9, 9]
    rows["event"]["amount"] = [1, 2, 3, 4]
    recorded = RecordedWeights(rows, None, NoSource())
    assert recorded.events(9, 0)["amount"].tolist() == [3, 4]
    assert len(recorded.events(20, 0)) == 0
    fresh = EstimatedWeights(FixedWeights((1.0, 1.0)), [traded(walk(0)), traded(walk(1))], 10, fixed=True)
    resumed = RecordedWeights(rows, 10, fresh)
    assert resumed.events(9, 0)["amount"].tolist() == [3, 4]
    assert resumed.events(10, closes_at(0))["amount"].tolist() == [RATE_ONE // 2, RATE_ONE // 2]


def test_an_instrument_whose_bars_have_ended_is_not_estimated() -> None:
    ended = traded(walk(1), range(40))
    _, ready = known_returns([ended, replace(traded(walk(2)))], closes_at(100), 20)
    assert ready.tolist() == [False, True]
