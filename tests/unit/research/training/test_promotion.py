"""Promotion rule: figures by hand, refusals and their error rate."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.analysis.block_bootstrap import sum_error
from quaestor.analysis.forecasts.scores import Scores
from quaestor.analysis.sharpe import deflated_sharpe, measure_sharpe
from quaestor.errors import DataError
from quaestor.research.training.promotion import OutOfSample, PromotionRule, evaluate_challenger

BARS = 2000


def returns(drift: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(drift, 0.01, BARS)


def out_of_sample(drift: float, seed: int = 0, *, trades: int = 100, trials: int = 1) -> OutOfSample:
    return OutOfSample(returns(drift, seed), trades, trials)


def test_every_figure_by_hand() -> None:
    mine, theirs = out_of_sample(0.002, 1, trials=20), out_of_sample(0.0, 2)
    lead = np.log1p(mine.returns) - np.log1p(theirs.returns)
    found = evaluate_challenger(replace(mine, scores=Scores(0.5, 0.6, 0.7, 0.8)), theirs, PromotionRule(block_bars=10))
    assert found.promote
    assert found.net_return == pytest.approx(math.prod(1 + mine.returns) - 1)
    assert found.champion_return == pytest.approx(math.prod(1 + theirs.returns) - 1)
    assert found.advantage == pytest.approx(lead.sum())
    assert found.advantage_error == pytest.approx(sum_error(lead, 10))
    assert found.deflated_probability == deflated_sharpe(measure_sharpe(mine.returns), 20)
    assert found.score == pytest.approx(0.63)
    assert found.champion_score is None
    assert (found.bars, found.trades, found.trials) == (BARS, 100, 20)
    kept = found.judgement("a" * 64)
    assert (kept.promote, kept.reason, kept.against) == (True, found.reason, "a" * 64)
    assert kept.figures["advantage"] == found.advantage
    assert "champion_score" not in kept.figures
    assert "reason" not in kept.figures


@pytest.mark.parametrize(
    ("mine", "theirs", "says"),
    [
        (out_of_sample(0.002, trades=29), None, "trades out of sample: 29, and 30 are needed"),
        (out_of_sample(0.0005), None, "its Sharpe ratio is real with a probability of 0."),
        (out_of_sample(0.001, 1, trials=10**6), None, "with 1,000,000 trials accounted for"),
        (out_of_sample(0.002), out_of_sample(0.002, 1), "against the champion, not more than"),
        (out_of_sample(0.002), out_of_sample(0.002), "it grew by +0.0000 against the champion"),
        (OutOfSample(np.zeros(BARS), 100, 1), None, "a probability of 0.000"),
    ],
)
def test_refusals_name_their_reason(mine: OutOfSample, theirs: OutOfSample | None, says: str) -> None:
    found = evaluate_challenger(mine, theirs)
    assert not found.promote
    assert says in found.reason


def test_accuracy_decides_nothing() -> None:
    seer = replace(out_of_sample(-0.001), scores=Scores(0.9, 0.9, 0.9, 0.9))
    dunce = replace(out_of_sample(0.002, 1), scores=Scores(0.1, 0.1, 0.1, 0.1))
    assert not evaluate_challenger(seer, dunce).promote
    assert evaluate_challenger(dunce, seer).promote


def test_an_equal_challenger_seldom_replaces_the_champion() -> None:
    """Of equals a sixth are ahead by more than one error: the price of a threshold of one."""
    promoted = sum(
        evaluate_challenger(out_of_sample(0.002, seed), out_of_sample(0.002, 1000 + seed)).promote
        for seed in range(200)
    )
    assert 15 <= promoted <= 52
    strict = PromotionRule(advantage_errors_min=3.0)
    promoted = sum(
        evaluate_challenger(out_of_sample(0.002, seed), out_of_sample(0.002, 1000 + seed), strict).promote
        for seed in range(200)
    )
    assert promoted <= 3


@pytest.mark.parametrize(
    "mine", [np.zeros(3), np.full(BARS, np.nan), np.full(BARS, -1.0), np.append(returns(0.0), 0.0)]
)
def test_invalid_returns_are_refused(mine: NDArray[np.float64]) -> None:
    with pytest.raises(DataError):
        evaluate_challenger(OutOfSample(mine, 100, 1), out_of_sample(0.0))
