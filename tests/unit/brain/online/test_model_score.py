"""Model score: against scikit-learn's scores over each window."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from quaestor.brain.online import model_score as module
from quaestor.brain.online.model_score import (
    MODEL_SCORE,
    WINDOWS,
    accuracy,
    base_rate,
    brier_score,
    pack_model_score,
    score,
)
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Table
from quaestor.numeric.elementary import natural_log


def scored(probabilities: list[float], ups: list[bool], half_life: float = 50.0) -> Table:
    """A model score of these predictions and outcomes."""
    model_score, params = np.zeros(1, MODEL_SCORE), pack_model_score(half_life)
    for probability, up in zip(probabilities, ups, strict=True):
        score(model_score[0], params[0], probability, up)
    return model_score


def test_scores_over_each_window_are_those_of_sklearn() -> None:
    generator = np.random.default_rng(1)
    probabilities = generator.random(23_456)
    ups = generator.random(23_456) < 0.3 + 0.4 * probabilities
    for rows in (60, 700, 23_456):
        model_score = scored(probabilities[:rows].tolist(), ups[:rows].tolist())
        for w, window in enumerate(WINDOWS):
            p, y = probabilities[:rows][-window:], ups[:rows][-window:]
            assert accuracy(model_score[0], w) == np.mean((p > 0.5) == y)
            assert brier_score(model_score[0], w) == pytest.approx(brier_score_loss(y, p), abs=1e-9)
            assert base_rate(model_score[0], w) == max(np.mean(y), 1.0 - np.mean(y))


def test_outcomes_that_left_a_window_leave_no_trace() -> None:
    generator = np.random.default_rng(2)
    recent = generator.random(WINDOWS[-1]).tolist()
    ups = (generator.random(WINDOWS[-1]) < 0.5).tolist()
    old = generator.random(13_579).tolist()
    short, long = scored(recent, ups), scored(old + recent, [True] * len(old) + ups)
    for name in ("half_hits", "squared_errors", "ups"):
        assert np.array_equal(short[name], long[name])


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=60), st.floats(0.5, 100.0))
def test_log_loss_is_a_weighted_mean(rows: list[tuple[float, bool]], half_life: float) -> None:
    probabilities, ups = [p for p, _ in rows], [up for _, up in rows]
    model_score = scored(probabilities, ups, half_life)
    weights = 2.0 ** (-np.arange(len(rows))[::-1] / half_life)
    given_p = np.where(ups, np.maximum(probabilities, 1e-6), np.minimum(probabilities, 1.0 - 1e-6))
    expected = log_loss(ups, given_p, sample_weight=weights, labels=[False, True])
    assert model_score["log_loss"][0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_prediction_of_one_half_is_half_a_hit_and_a_missing_one_is_not_scored() -> None:
    model_score = scored([0.5, 0.5, 0.9, math.nan, 0.2], [True, False, True, True, True])
    assert model_score["count"][0] == 4
    assert accuracy(model_score[0], 0) == 0.5
    assert brier_score(model_score[0], 0) == pytest.approx((0.25 + 0.25 + 0.01 + 0.64) / 4.0, abs=1e-9)
    empty = np.zeros(1, MODEL_SCORE)
    assert math.isnan(accuracy(empty[0], 0))
    assert math.isnan(brier_score(empty[0], 2))
    assert math.isnan(base_rate(empty[0], 1))


def test_the_interpreted_twin_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    probabilities, ups = generator.random(400).tolist(), (generator.random(400) < 0.5).tolist()
    compiled = scored(probabilities, ups)
    monkeypatch.setattr(module, "natural_log", interpreted(natural_log))
    plain, params = np.zeros(1, MODEL_SCORE), pack_model_score(50.0)
    for probability, up in zip(probabilities, ups, strict=True):
        interpreted(score)(plain[0], params[0], probability, up)
    assert plain.tobytes() == compiled.tobytes()


@pytest.mark.parametrize("half_life", [0.0, -1.0, math.nan, math.inf])
def test_a_half_life_out_of_range_is_refused(half_life: float) -> None:
    with pytest.raises(ConfigError, match="half-life"):
        pack_model_score(half_life)
