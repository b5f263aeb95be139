"""Online learning as a whole: it predicts before it learns, and learns what the data holds and nothing else."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.contract.market import random_columns
from tests.slices import BARS, hours_of
from tests.unit.brain.online.online_stage import MODELS, STAGE_STATE, inputs_of, make_params, walk

from quaestor.brain.online.linear import LearnerSettings, Method, learn, learner_dtype, predict
from quaestor.brain.online.model_score import MODEL_SCORE, accuracy, base_rate, brier_score, pack_model_score, score
from quaestor.domain.market_matrix import Column
from quaestor.jit.tables import Matrix, Table

ROWS = 6_000


@pytest.fixture(scope="module")
def hours() -> Matrix:
    """Hours of ETHUSDT, float64 (5, ROWS)."""
    return np.ascontiguousarray(hours_of("ETHUSDT").head(ROWS).select(BARS).to_numpy().T, np.float64)


def walked(columns: Matrix, state: Table | None = None, i: int = 0, n: int | None = None) -> tuple[Table, Matrix]:
    """State and probabilities after rows i … n−1."""
    after = np.zeros(1, STAGE_STATE) if state is None else state
    features, widths = inputs_of(columns)
    out = np.full((MODELS, columns.shape[1]), np.nan)
    walk(after, make_params(), columns, features, widths, out, i, columns.shape[1] if n is None else n)
    return after, out


@settings(max_examples=25)
@given(st.integers(0, ROWS))
def test_state_restored_at_any_row_goes_on_with_the_same_bits(hours: Matrix, cut: int) -> None:
    whole, expected = walked(hours)
    state, first = walked(hours, n=cut)
    restored = np.frombuffer(state.tobytes(), STAGE_STATE).copy()
    state[:] = np.zeros(1, STAGE_STATE)
    after, second = walked(hours, restored, cut)
    assert after.tobytes() == whole.tobytes()
    assert np.array_equal(np.concatenate([first[:, :cut], second[:, cut:]], axis=1), expected)
    assert whole["learners"]["learned"].min() > 5_000
    assert len(np.unique(expected)) > ROWS


_PLAIN = """
import hashlib
from tests.contract.market import random_columns
from tests.unit.brain.online.test_learning import walked
state, out = walked(random_columns(700))
print(hashlib.sha256(state.tobytes() + out.tobytes()).hexdigest())
"""


def test_compiled_and_interpreted_stages_give_the_same_bits() -> None:
    state, out = walked(random_columns(700))
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run([sys.executable, "-c", _PLAIN], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(state.tobytes() + out.tobytes()).hexdigest()


def test_accuracy_on_real_hours_is_plausible(hours: Matrix) -> None:
    state, out = walked(hours)
    assert np.isfinite(out).all()
    model_scores = state["model_scores"][0]
    assert model_scores["count"].min() > 5_900
    for model_score in model_scores:
        assert 0.45 < accuracy(model_score, 2) < 0.58  # more would be a leak
        assert 0.2 < brier_score(model_score, 2) < 0.3


@given(st.integers(0, 200), st.integers(40, 290))
def test_later_bars_change_no_earlier_prediction(seed: int, k: int) -> None:
    columns = random_columns(300, seed)
    _, before = walked(columns)
    columns[: Column.VOLUME, k + 1 :] *= np.random.default_rng(seed).uniform(0.9, 1.1, 299 - k)
    _, after = walked(columns)
    assert np.array_equal(after[:, : k + 1], before[:, : k + 1])


def planted(rows: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], float]:
    """Features, outcomes that a line in them decides up to noise, and how often the best forecast would be right."""
    generator = np.random.default_rng(seed)
    xs = generator.normal(0.0, 1.0, (rows, 4))
    probability = 1.0 / (1.0 + np.exp(-(xs @ np.array([1.5, -1.0, 0.5, 0.0]) + 0.5)))
    return xs, generator.random(rows) < probability, float(np.mean(np.maximum(probability, 1.0 - probability)))


def prequential(method: Method, xs: NDArray[np.float64], ups: NDArray[np.bool_]) -> tuple[list[float], Table]:
    """Predictions made before each outcome, and their score."""
    learner, model_score = np.zeros(1, learner_dtype(xs.shape[1])), np.zeros(1, MODEL_SCORE)
    params, fading = LearnerSettings(method, rate=0.1).pack(), pack_model_score(500.0)
    predictions = []
    for x, up in zip(xs, ups, strict=True):
        predictions.append(predict(learner[0], x))
        score(model_score[0], fading[0], predictions[-1], bool(up))
        learn(learner[0], params[0], x, bool(up))
    return predictions, model_score


@pytest.mark.parametrize("method", Method)
def test_a_planted_line_is_learned(method: Method) -> None:
    xs, ups, best = planted(12_000, 1)
    _, model_score = prequential(method, xs, ups)
    assert best > 0.75
    assert accuracy(model_score[0], 1) > best - 0.04
    assert accuracy(model_score[0], 1) > base_rate(model_score[0], 1) + 0.1
    assert brier_score(model_score[0], 1) < 0.2


@pytest.mark.parametrize("method", Method)
def test_nothing_is_learned_from_shuffled_outcomes(method: Method) -> None:
    xs, ups, _ = planted(12_000, 2)
    _, model_score = prequential(method, xs, np.random.default_rng(3).permutation(ups))
    assert 0.45 < accuracy(model_score[0], 2) <= base_rate(model_score[0], 2) + 0.02
    assert brier_score(model_score[0], 2) > 0.24


@pytest.mark.parametrize("method", Method)
@given(st.integers(0, 299))
def test_an_outcome_changes_later_predictions_only(method: Method, k: int) -> None:
    xs, ups, _ = planted(400, 4)
    before, _ = prequential(method, xs, ups)
    flipped = ups.copy()
    flipped[k] = not flipped[k]
    after, _ = prequential(method, xs, flipped)
    assert after[: k + 1] == before[: k + 1]
    assert after != before
