"""Decay test: rare false alarms, quick detection."""

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.errors import DataError
from quaestor.research.training.decay import Expectation, assess_live, expect

RNG = np.random.default_rng


def trades(mean: float, count: int, seed: int) -> NDArray[np.float64]:
    """Return net returns with fat tails: 1 % is a large one, a few are five."""
    return np.asarray(mean + RNG(seed).standard_t(3, count) * 0.005)


def test_the_sum_by_hand() -> None:
    expectation = Expectation(0.01, 0.02, 100, 0.25, 2.0, 250, 0.05)
    # shortfalls in deviations, less the allowance: 1.25, −0.75, 0.75, 1.75
    found = assess_live(expectation, np.array([-0.02, 0.02, -0.01, -0.03]))
    assert (found.roll_back, found.at_trade, found.trades) == (True, 4, 4)
    assert found.statistic == pytest.approx(1.25 - 0.75 + 0.75 + 1.75)
    assert found.mean == pytest.approx(-0.01)
    assert "the edge is gone since trade 4" in found.reason
    assert found.figures["threshold"] == 2.0
    held = assess_live(expectation, np.array([-0.02, 0.06, -0.01]))
    assert (held.roll_back, held.at_trade) == (False, 0)
    assert held.statistic == pytest.approx(1.25)
    assert assess_live(expectation, np.zeros(0)).reason.startswith("0 live trades")


def test_the_sum_equals_its_recursion() -> None:
    expectation = expect(trades(0.001, 300, 1))
    live = trades(0.0, 400, 2)
    s, highest = 0.0, 0.0
    for x in live.tolist():
        s = max(0.0, s + (expectation.mean - x) / expectation.deviation - expectation.allowance)
        highest = max(highest, s)
    assert assess_live(expectation, live).statistic == pytest.approx(highest)


def test_false_alarms_have_the_given_probability() -> None:
    """Even with fat tails, drawn from what was measured: 5 % within the horizon."""
    measured = trades(0.001, 400, 3)
    expectation = expect(measured, horizon_trades=200)
    alarms = sum(assess_live(expectation, RNG(seed).choice(measured, 200)).roll_back for seed in range(1000))
    assert 30 <= alarms <= 72


def test_a_lost_edge_raises_an_alarm() -> None:
    expectation = expect(trades(0.003, 400, 4))
    caught = [assess_live(expectation, trades(-0.003, 250, seed)).at_trade for seed in range(100)]
    assert sum(at > 0 for at in caught) >= 98
    assert np.median(caught) < 40


def test_the_same_seed_gives_the_same_threshold() -> None:
    measured = trades(0.001, 100, 5)
    assert expect(measured) == expect(measured)
    assert expect(measured, seed=1).threshold != expect(measured).threshold


@pytest.mark.parametrize("measured", [np.ones(29), np.ones(50), np.full(50, np.nan)])
def test_too_few_or_equal_trades_are_refused(measured: NDArray[np.float64]) -> None:
    with pytest.raises(DataError):
        expect(measured)


def test_live_trades_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="no number"):
        assess_live(expect(trades(0.001, 100, 5)), np.array([np.nan]))
