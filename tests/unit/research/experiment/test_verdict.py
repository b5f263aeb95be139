"""Experiment verdict: findings and sentences from figures."""

from dataclasses import replace

import pytest

from quaestor.analysis.sharpe_band import Band
from quaestor.research.experiment.money import Comparison, Money
from quaestor.research.experiment.verdict import Evidence, Finding, conclude

NOTHING = Money(
    "learned", 0.0, None, None, None, None, 0.0, 0.0, 0, None, None, 0.0, 0.0, 0.0, 0.0
)  # fmt: skip
WIN = replace(
    NOTHING, total_return=0.3, sharpe=3.0, sharpe_band=Band(1.2, 4.8), probability=0.999, deflated=0.99, trades=200
)
LOSS = replace(WIN, total_return=-0.2, sharpe=-2.5, sharpe_band=Band(-4.0, -1.0), probability=0.001, deflated=0.001)
MEH = replace(WIN, total_return=0.03, sharpe=0.9, sharpe_band=Band(-0.9, 2.4), probability=0.88, deflated=0.8)
AHEAD = Comparison("holding", 0.1, 1.0, Band(0.2, 1.8))
BEHIND = Comparison("ema_cross", -0.1, -1.0, Band(-1.8, -0.2))


def evidence(money: Money, **changes: object) -> Evidence:
    plain = Evidence(money, money, (), (AHEAD, BEHIND), 0.55, 0.51, 0.02, "edge_below_cost", 3)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_clear_gain_is_evidence_of_an_edge() -> None:
    verdict = conclude(evidence(WIN))
    assert verdict.finding is Finding.EDGE
    assert verdict.sentence.startswith(
        "Evidence of an edge after costs: in the walk-forward test the trained strategy "
    )
    assert "gained 30.00% in 200 trades" in verdict.sentence
    assert "3.00 (95 %: 1.20 to 4.80), above 0 with a probability of 0.99 after 3 trials" in verdict.sentence
    assert "above that of 1 of 2 alternatives, clearly only above holding, clearly below ema_cross" in verdict.sentence
    assert "right 55.0% of the time, better than always naming the more frequent outcome (51.0%)" in verdict.sentence
    assert "On the hold-out it gained 30.00% in 200 trades." in verdict.sentence
    assert verdict.sentence.endswith("it does not predict the next.")


def test_a_band_below_0_is_a_loss() -> None:
    verdict = conclude(evidence(LOSS, accuracy=0.5))
    assert verdict.finding is Finding.LOSS
    assert verdict.sentence.startswith("It loses money after costs: ")
    assert "lost 20.00%" in verdict.sentence
    assert "no better than always naming" in verdict.sentence


def test_a_band_around_0_is_no_evidence() -> None:
    verdict = conclude(evidence(MEH, trials=1, versus=(BEHIND,)))
    assert verdict.finding is Finding.NO_EVIDENCE
    assert verdict.sentence.startswith("No evidence of an edge after costs: ")
    assert "after 1 trial." in verdict.sentence
    assert "0 of 1 alternatives, clearly above none, clearly below ema_cross." in verdict.sentence


@pytest.mark.parametrize(
    "changed",
    [
        {"learned": replace(WIN, deflated=0.94)},  # too many were tried
        {"learned": replace(WIN, sharpe_band=Band(-0.1, 5.0))},
        {"learned": replace(WIN, total_return=-0.01)},
        {"holdout": replace(WIN, total_return=-0.01)},  # it did not last
        {"holdout": replace(WIN, total_return=0.0, trades=0)},
    ],
)
def test_each_condition_of_an_edge_is_necessary(changed: dict[str, object]) -> None:
    assert conclude(evidence(WIN, **changed)).finding is Finding.NO_EVIDENCE


def test_a_closed_hold_out_is_named_and_decides_nothing() -> None:
    verdict = conclude(evidence(WIN, holdout=None))
    assert verdict.finding is Finding.EDGE
    assert "The hold-out was not opened." in verdict.sentence


def test_a_strategy_without_trades_names_its_most_frequent_reason() -> None:
    verdict = conclude(evidence(NOTHING, versus=(), accuracy=float("nan")))
    assert verdict.sentence == (
        "No evidence of an edge after costs: the trained strategy made no trade in the walk-forward test (most often: "
        "edge below cost). On the hold-out it made no trade."
    )
