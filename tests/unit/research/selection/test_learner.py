"""Selection model: the same bits each time, importance where a candidate predicts the label."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss as sklearn_log_loss
from tests.unit.research.selection.prepared import random_sample

from quaestor.adapters import optional as extras
from quaestor.errors import ConfigError
from quaestor.research.selection.gather import Sample
from quaestor.research.selection.importance import agreement
from quaestor.research.selection.learner import Model, log_loss


def planted(seed: int) -> Sample:
    """Return a sample whose candidate 3 equals the label four times in five."""
    sample = random_sample(8, 1_200, seed)
    luck = np.random.default_rng(seed + 1).random(1_200) < 0.2
    return replace(sample, up=(sample.values[3] > 0) ^ luck)


@given(st.integers(0, 1_000))
def test_log_loss_equals_scikit_learns(seed: int) -> None:
    generator = np.random.default_rng(seed)
    probabilities, weights = generator.random(50), generator.random(50) + 0.1
    up = generator.permutation(50) < 20
    expected = sklearn_log_loss(up, probabilities, sample_weight=weights)
    assert log_loss(probabilities, up, weights) == pytest.approx(expected, rel=1e-9)


def test_only_the_planted_candidate_has_importance() -> None:
    train, test = planted(1), planted(2)
    model = Model(train, np.arange(8), seed=0)
    importance = model.permutation_importance(test, np.random.default_rng(0))
    assert importance[3] > 0.2
    assert np.abs(np.delete(importance, 3)).max() < 0.02
    assert model.gains()[3] > 0.7
    assert model.gains().sum() == pytest.approx(1.0)
    assert np.mean((model.predict(test) > 0.5) == test.up) > 0.75


def test_the_same_seed_gives_the_same_bits() -> None:
    train, test = planted(1), planted(2)
    first, second = (Model(train, np.arange(8), seed=5) for _ in range(2))
    assert first.predict(test).tobytes() == second.predict(test).tobytes()
    importances = [model.permutation_importance(test, np.random.default_rng(1)) for model in (first, second)]
    assert importances[0].tobytes() == importances[1].tobytes()
    assert first.predict(test).tobytes() != Model(train, np.arange(8), seed=6).predict(test).tobytes()


def test_permutation_importance_restores_the_sample() -> None:
    test = planted(2)
    before = test.values.tobytes()
    Model(planted(1), np.arange(8), seed=0).permutation_importance(test, np.random.default_rng(0))
    assert test.values.tobytes() == before


@given(st.integers(0, 500))
def test_agreement_by_its_formula(seed: int) -> None:
    chosen = np.random.default_rng(seed).random((5, 12)) < 0.4
    share = chosen.mean(axis=0)
    spread = np.mean([5 / 4 * p * (1 - p) for p in share])
    assert agreement(chosen) == pytest.approx(1 - spread / (share.mean() * (1 - share.mean())))


def test_agreement_of_random_choices_is_about_0() -> None:
    assert abs(agreement(np.random.default_rng(0).random((50, 4_000)) < 0.2)) < 0.01
    assert agreement(np.ones((3, 4), np.bool_)) == 1.0


def test_a_missing_library_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(extras, "import_module", absent)
    with pytest.raises(ConfigError, match=r"feature selection: needs lightgbm.*pip install 'quaestor\[train\]'"):
        Model(planted(1), np.arange(8), seed=0)
