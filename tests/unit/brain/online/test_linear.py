"""Online learners: against scikit-learn one outcome at a time, against formulas in numpy in batches."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import SGDClassifier

from quaestor.brain.online import linear as module
from quaestor.brain.online.linear import (
    BATCH_MAX,
    WEIGHT_MAX,
    LearnerSettings,
    Method,
    learn,
    learner_dtype,
    learning_rate,
    predict,
    predict_rows,
    raise_rate,
)
from quaestor.errors import ConfigError
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Table

FEATURES = 5
TRUE = np.array([1.0, -2.0, 0.5, 0.0, 0.3])


def stream(rows: int, seed: int, offset: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rows of features, and noisy outcomes that are linear in them."""
    generator = np.random.default_rng(seed)
    xs = generator.normal(0.0, 1.0, (rows, FEATURES))
    return xs, xs @ TRUE + offset + generator.logistic(0.0, 1.0, rows) > 0.0


def taught(settings: LearnerSettings, xs: NDArray[np.float64], ups: NDArray[np.bool_]) -> Table:
    """A learner that has seen all outcomes."""
    learner, params = np.zeros(1, learner_dtype(xs.shape[1])), settings.pack()
    for x, up in zip(xs, ups, strict=True):
        learn(learner[0], params[0], x, bool(up))
    return learner


def assert_like_sklearn(learner: Table, oracle: SGDClassifier, xs: NDArray[np.float64], ups: NDArray[np.bool_]) -> None:
    for x, up in zip(xs, ups, strict=True):
        oracle.partial_fit(x[None], [int(up)], classes=[0, 1])
    assert learner["weights"][0] == pytest.approx(oracle.coef_[0], abs=1e-12)
    assert learner["offset"][0] == pytest.approx(oracle.intercept_[0], abs=1e-12)


@pytest.mark.parametrize(("rate", "l2"), [(0.01, 1e-4), (0.3, 0.0), (0.5, 0.1)])
def test_gradient_steps_of_one_outcome_are_those_of_sklearn(rate: float, l2: float) -> None:
    xs, ups = stream(600, 1)
    learner = taught(LearnerSettings(batch=1, rate=rate, decay=0.0, l2=l2, balanced=False), xs, ups)
    penalty = "l2" if l2 > 0.0 else None
    oracle = SGDClassifier(
        loss="log_loss", learning_rate="constant", eta0=rate, alpha=l2, penalty=penalty, shuffle=False
    )
    assert_like_sklearn(learner, oracle, xs, ups)
    expected = oracle.predict_proba(xs[:20])[:, 1]
    assert [predict(learner[0], x) for x in xs[:20]] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("aggressiveness", [0.01, 0.2, 1.0])
@pytest.mark.parametrize("batch", [1, 32])
def test_passive_aggressive_steps_are_those_of_sklearn(aggressiveness: float, batch: int) -> None:
    xs, ups = stream(608, 2)
    xs[40] = 0.0
    settings = LearnerSettings(Method.PASSIVE_AGGRESSIVE, batch=batch, aggressiveness=aggressiveness, balanced=False)
    oracle = SGDClassifier(loss="hinge", learning_rate="pa1", eta0=aggressiveness, penalty=None, shuffle=False)
    assert_like_sklearn(taught(settings, xs, ups), oracle, xs, ups)


@given(st.integers(0, 1000), st.floats(-3.0, 3.0), st.sampled_from([1, 7, 32]))
def test_a_batch_is_one_step_along_its_mean_gradient(seed: int, offset: float, batch: int) -> None:
    xs, ups = stream(4 * batch, seed, offset)
    settings = LearnerSettings(batch=batch, rate=0.2, decay=5.0, l2=0.01)
    weights, free, n = np.zeros(FEATURES), 0.0, np.zeros(2)
    for step in range(4):
        x, y = xs[step * batch : (step + 1) * batch], ups[step * batch : (step + 1) * batch].astype(int)
        n += np.bincount(y, minlength=2)
        rate = 0.2 / (1.0 + 5.0 * step * batch / 1000.0)
        balance = np.minimum(WEIGHT_MAX, n.sum() / (2.0 * np.maximum(n, 1)))[y]
        short = balance * (y - 1.0 / (1.0 + np.exp(-(x @ weights + free))))
        weights = weights * (1.0 - rate * 0.01) + rate * (x * short[:, None]).mean(axis=0)
        free += rate * short.mean()
    learner = taught(settings, xs, ups)
    assert learner["weights"][0] == pytest.approx(weights, abs=1e-12)
    assert learner["offset"][0] == pytest.approx(free, abs=1e-12)
    assert learner["learned"][0] == 4 * batch


@given(st.integers(0, 1000))
def test_a_passive_aggressive_step_never_goes_past_the_margin(seed: int) -> None:
    xs, ups = stream(50, seed, 2.0)
    params = LearnerSettings(Method.PASSIVE_AGGRESSIVE, batch=1, aggressiveness=100.0).pack()
    learner = np.zeros(1, learner_dtype(FEATURES))
    for x, up in zip(xs, ups, strict=True):
        side = 1.0 if up else -1.0
        before = float(learner["weights"][0] @ x + learner["offset"][0])
        learn(learner[0], params[0], x, bool(up))
        moved = float(learner["weights"][0] @ x + learner["offset"][0])
        assert moved == before if side * before >= 1.0 else side * moved >= 1.0 - 1e-9


def test_weights_change_only_once_the_batch_is_full() -> None:
    xs, ups = stream(BATCH_MAX, 3)
    learner = taught(LearnerSettings(), xs[:-1], ups[:-1])
    assert not learner["weights"].any()
    assert (learner["waiting"][0], learner["learned"][0]) == (31, 0)
    assert predict(learner[0], xs[0]) == 0.5
    learn(learner[0], LearnerSettings().pack()[0], xs[-1], bool(ups[-1]))
    assert learner["weights"].all()
    assert (learner["waiting"][0], learner["learned"][0]) == (0, 32)


def test_the_rate_decays_to_its_floor_and_can_be_raised() -> None:
    learner, params = np.zeros(1, learner_dtype(1)), LearnerSettings().pack()
    rates = []
    for age in (0, 1_000, 10_000, 10**9):
        learner["age"] = age
        rates.append(learning_rate(learner[0], params[0]))
    assert rates == pytest.approx([0.01, 0.01 / 1.1, 0.005, 1e-6])
    raise_rate(learner[0])
    assert learning_rate(learner[0], params[0]) == 0.01


@pytest.mark.parametrize(("method", "nearer"), [(Method.GRADIENT, 0.1), (Method.PASSIVE_AGGRESSIVE, 0.02)])
def test_the_rarer_class_counts_as_much(method: Method, nearer: float) -> None:
    xs, ups = stream(8_000, 4, offset=4.0)  # nine in ten are up
    centre = np.zeros(FEATURES)
    even, plain = (
        predict(taught(LearnerSettings(method, rate=0.1, balanced=balanced), xs, ups)[0], centre)
        for balanced in (True, False)
    )
    assert np.mean(ups) > 0.85
    assert 0.4 < even < plain - nearer


@pytest.mark.parametrize("method", Method)
def test_rows_with_missing_features_are_not_learned_from(method: Method) -> None:
    xs, ups = stream(64, 5)
    settings = LearnerSettings(method)
    whole = taught(settings, xs, ups)
    for bad in (math.nan, math.inf, -math.inf):
        holed, both = np.insert(xs, 10, xs[3], axis=0), np.insert(ups, 10, True)
        holed[10, 2] = bad
        assert taught(settings, holed, both).tobytes() == whole.tobytes()
    assert math.isnan(predict(whole[0], np.full(FEATURES, math.nan)))


def test_predictions_of_many_rows_equal_those_row_by_row() -> None:
    xs, ups = stream(200, 3)
    xs[50, 1] = np.nan
    learners = np.concatenate([taught(LearnerSettings(method), xs[60:], ups[60:]) for method in Method])
    out = np.full((2, 200), 9.0)
    predict_rows(learners, np.ascontiguousarray(xs.T), out, 10, 190)
    expected = np.array([[predict(learner, x) for x in xs[10:190]] for learner in learners])
    assert np.array_equal(out[:, 10:190], expected, equal_nan=True)
    assert np.isnan(out[:, 50]).all()
    assert (out[:, [*range(10), *range(190, 200)]] == 9.0).all()


@pytest.mark.parametrize("method", Method)
def test_predictions_stay_within_zero_and_one(method: Method) -> None:
    xs, ups = stream(320, 6)
    learner = taught(LearnerSettings(method, rate=5.0, l2=10.0), 1e150 * xs, ups)
    far = predict(learner[0], np.full(FEATURES, 1e3))
    assert 0.0 <= far <= 1.0


@pytest.mark.parametrize("method", Method)
def test_the_interpreted_twins_agree(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    xs, ups = stream(200, 7)
    compiled = taught(LearnerSettings(method, rate=0.3), xs, ups)
    probabilities = [predict(compiled[0], x) for x in xs]
    for name in ("logistic", "_margin", "_class_weight", "_step_along_gradient", "_step_passively", "learning_rate"):
        monkeypatch.setattr(module, name, interpreted(getattr(module, name)))
    plain, params = np.zeros(1, learner_dtype(FEATURES)), LearnerSettings(method, rate=0.3).pack()
    for x, up in zip(xs, ups, strict=True):
        interpreted(learn)(plain[0], params[0], x, bool(up))
    assert plain.tobytes() == compiled.tobytes()
    assert [interpreted(predict)(plain[0], x) for x in xs] == probabilities


@pytest.mark.parametrize(
    "change",
    [
        {"batch": 0},
        {"batch": 33},
        {"rate": 0.0},
        {"decay": -1.0},
        {"rate_min": 1.0},
        {"l2": math.nan},
        {"rate": math.inf},
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="online learner"):
        LearnerSettings(**change)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        LearnerSettings(Method.PASSIVE_AGGRESSIVE, aggressiveness=0.0)
