"""Parts of an opinion by hand: pool, costs, confidence and signal filter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quaestor.brain.ensemble.confidence import CONFIDENCE, FEWEST, HISTORY, market_factor, percentile
from quaestor.brain.ensemble.costs import COSTS, cost_of
from quaestor.brain.ensemble.pool import live_factor, pool
from quaestor.brain.ensemble.signal_filter import (
    FILTER,
    FRAMES,
    confirmations,
    look_back,
    reason_to_abstain,
    threshold,
)
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Abstention, Regime

HOUR = 3_600_000_000_000


def test_the_pool_is_the_weighted_mean_of_the_models_with_an_opinion() -> None:
    votes, weights = np.array([0.6, 0.3, np.nan]), np.array([3.0, 1.0, 4.0])
    mean, against = pool(votes, weights)
    assert mean == pytest.approx(0.525)
    assert against == pytest.approx(0.25)
    assert weights.tolist() == [0.75, 0.25, 0.0]


def test_a_pool_without_weighted_opinions_has_none() -> None:
    mean, against = pool(np.array([np.nan, 0.4]), np.array([1.0, 0.0]))
    assert np.isnan(mean)
    assert against == 1.0


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.01, 10.0)), min_size=1, max_size=8))
def test_a_pool_lies_within_its_votes(pairs: list[tuple[float, float]]) -> None:
    votes, weights = np.array([p for p, _ in pairs]), np.array([w for _, w in pairs])
    mean, against = pool(votes, weights)
    assert votes.min() - 1e-12 <= mean <= votes.max() + 1e-12
    assert 0.0 <= against <= 1.0
    assert weights.sum() == pytest.approx(1.0)


def test_the_live_factor_is_one_for_the_best_model_and_falls_with_the_loss() -> None:
    assert live_factor(0.69, 0.69, 100.0) == 1.0
    assert live_factor(0.70, 0.69, 100.0) == pytest.approx(np.exp(-1.0))
    assert live_factor(0.60, 0.69, 100.0) == 1.0


def test_the_cost_is_fees_impact_and_paid_funding() -> None:
    costs = np.zeros(1, COSTS)
    costs[0] = (0.0026, 10_000.0, 0.5, 3.0)
    impact = 2 * 0.5 * 0.01 * np.sqrt(10_000 / 1e6)
    assert cost_of(costs[0], 1, 0.01, 1e6, 0.0001) == pytest.approx(0.0026 + impact + 0.0003)
    assert cost_of(costs[0], -1, 0.01, 1e6, 0.0001) == pytest.approx(0.0026 + impact)  # funding would be received
    assert cost_of(costs[0], -1, 0.01, 1e6, -0.0001) == pytest.approx(0.0026 + impact + 0.0003)
    assert cost_of(costs[0], 1, 0.01, 0.0, 0.0) == np.inf
    costs["order_value"] = 0.0
    assert cost_of(costs[0], 1, 0.01, 0.0, 0.0) == pytest.approx(0.0026)


def test_the_percentile_ranks_an_edge_among_past_edges_only() -> None:
    memory = np.zeros(1, CONFIDENCE)
    found = [percentile(memory[0], float(k)) for k in range(FEWEST + 2)]
    assert found[:FEWEST] == [0.0] * FEWEST
    assert found[FEWEST:] == [1.0, 1.0]
    assert percentile(memory[0], 16.5) == pytest.approx(17 / (FEWEST + 2))
    assert percentile(memory[0], 3.0) == pytest.approx(3.5 / (FEWEST + 3))


def test_edges_beyond_the_history_are_dropped() -> None:
    memory = np.zeros(1, CONFIDENCE)
    for _ in range(HISTORY):
        percentile(memory[0], 9.0)
    for _ in range(HISTORY):
        percentile(memory[0], 1.0)
    assert percentile(memory[0], 2.0) == 1.0


def test_market_factors_weigh_3_3_2_2() -> None:
    def factor(volatility: float = 0.01, move: float = 0.01, value: float = 100.0, hour: int = 3) -> float:
        memory = np.zeros(1, CONFIDENCE)
        for k in range(240):
            market_factor(memory[0], k * HOUR, 0.01, 0.01, 0.01, 100.0)
        return market_factor(memory[0], hour * HOUR, volatility, 0.01, move, value)

    assert factor() == pytest.approx(1.0)
    assert factor(volatility=0.02) == pytest.approx(1.0 - 0.3 * 0.5)
    assert factor(move=0.02) == pytest.approx(1.0 - 0.3 * 0.5)
    assert factor(value=200.0) == pytest.approx(1.0)
    assert factor(value=50.0) == pytest.approx(1.0 - 0.3 * 0.5 - 0.2 * 0.5)
    assert factor(move=0.0) == pytest.approx(1.0)


def test_an_hour_of_low_usual_volume_lowers_the_factor() -> None:
    memory = np.zeros(1, CONFIDENCE)
    for k in range(24 * 60):
        market_factor(memory[0], k * HOUR, 0.01, 0.01, 0.01, 10.0 if k % 24 == 4 else 100.0)
    usual = 100.0
    at_noon = market_factor(memory[0], 12 * HOUR, 0.01, 0.01, 0.0, usual)
    at_four = market_factor(memory[0], 28 * HOUR, 0.01, 0.01, 0.0, usual)
    assert at_noon == pytest.approx(1.0)
    assert at_four == pytest.approx(1.0 - 0.2 * 0.9, abs=0.02)


def rules(**changes: float) -> Table:
    """Filter rules with the defaults of the specification."""
    table = np.zeros(1, FILTER)
    table[0] = (0.75, 0.3, 0.8, 0.5, 2, 1.0, 1.0)
    for name, value in changes.items():
        table[name] = value
    return table


def reason(
    *,
    edge: float = 0.01,
    error: float = 0.001,
    cost: float = 0.003,
    confidence: float = 0.9,
    noise: float = 0.1,
    volume: float = 1.0,
    agree: int = 3,
) -> Abstention:
    """Reason to abstain for an opinion that passes, but for what is given."""
    found = reason_to_abstain(rules()[0], Regime.NORMAL, 1.0, edge, error, cost, confidence, noise, volume, agree)
    return Abstention(found)


def test_each_failed_check_gives_its_own_reason() -> None:
    assert reason() == Abstention.NONE
    assert reason(cost=0.0095) == Abstention.EDGE_BELOW_COST
    assert reason(error=0.007) == Abstention.EDGE_BELOW_COST
    assert reason(edge=np.nan) == Abstention.EDGE_BELOW_COST
    assert reason(cost=np.inf) == Abstention.EDGE_BELOW_COST
    assert reason(noise=0.31) == Abstention.MODELS_DISAGREE
    assert reason(agree=1) == Abstention.NOT_CONFIRMED
    assert reason(volume=0.4) == Abstention.THIN_VOLUME
    assert reason(confidence=0.74) == Abstention.LOW_CONFIDENCE
    assert reason(confidence=np.nan) == Abstention.LOW_CONFIDENCE


def test_the_threshold_is_scaled_only_where_the_regime_is_probable_enough() -> None:
    assert threshold(rules()[0], Regime.TRENDING, 0.8) == pytest.approx(0.675)
    assert threshold(rules()[0], Regime.TRENDING, 0.79) == 0.75
    assert threshold(rules()[0], Regime.NORMAL, 1.0) == 0.75
    assert threshold(rules()[0], Regime.CRASH, 1.0) == pytest.approx(0.9)


def test_confirming_means_follow_the_opinion_at_their_half_lives() -> None:
    frames = np.zeros(len(FRAMES))
    for _ in range(40):
        look_back(frames, 0.4)
    assert confirmations(frames, -1) == 3
    look_back(frames, 0.7)
    look_back(frames, 0.7)
    assert confirmations(frames, 1) == 1
    assert confirmations(frames, -1) == 2
    for _ in range(60):
        look_back(frames, 0.7)
    assert confirmations(frames, 1) == 3
    assert frames[0] == pytest.approx(0.2)
