"""Learners: complete declarations, the same model from the same seed in any process, explicit refusals."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils import compute_sample_weight
from tests.unit.research.training.models.prepared import Prepared

from quaestor.adapters import optional as extras
from quaestor.errors import ConfigError, DataError, UnknownNameError
from quaestor.research.training.models.catalog import CATALOG, parse_learner
from quaestor.research.training.models.contract import Exported, balanced_sample

every_learner = pytest.mark.parametrize("name", [learner.name for learner in CATALOG])

QUICK = {"forest": {"trees": "8"}, "xgboost": {"rounds": "20"}, "lightgbm": {"rounds": "20"}}


def planted(samples: int = 600, seed: int = 1) -> Prepared:
    """Return samples whose feature 2 equals the outcome nine times in ten; three outcomes in ten are up."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(samples, 5)).astype(np.float32)
    up = (x[:, 2] > 0.7) ^ (generator.random(samples) < 0.1)
    return Prepared(x, up, 0.5 + generator.random(samples))


def digest(exported: Exported) -> str:
    """Return the SHA-256 of every bit that the decision path reads."""
    return hashlib.sha256(exported.model.tobytes() + exported.nodes.tobytes()).hexdigest()


def trained(name: str, seed: int, sample: Prepared) -> Exported:
    return parse_learner(name, QUICK.get(name, {})).fit(sample.x, sample.up, sample.weights, seed).export()


def digests() -> list[str]:
    """Return the digest of every learner of the catalogue."""
    return [digest(trained(learner.name, 3, planted())) for learner in CATALOG]


def test_two_processes_train_the_same_models_to_the_last_bit() -> None:
    code = "from tests.unit.research.training.models.test_learners import digests; print(*digests())"
    decision_context = [{}, {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "9"}]
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env={**os.environ, **more})
        for more in decision_context
    ]
    printed = [process.communicate(timeout=120)[0].split() for process in running]
    assert printed[0] == printed[1] == digests()


@pytest.mark.parametrize("name", ["forest", "xgboost", "lightgbm"])
def test_another_seed_gives_another_model(name: str) -> None:
    assert digest(trained(name, 3, planted())) != digest(trained(name, 4, planted()))


@every_learner
def test_a_planted_feature_is_found_and_both_outcomes_weigh_the_same(name: str) -> None:
    train, test = planted(2_000), planted(2_000, seed=2)
    model = parse_learner(name, {}).fit(train.x, train.up, train.weights, seed=0)
    given = model.probability(test.x)
    rise, fall = given[test.up].mean(), given[~test.up].mean()
    assert rise > 0.55
    assert fall < 0.45
    assert abs(rise + fall - 1.0) < 0.06  # a third of the outcomes is up: without balance both would be lower


def test_weights_equal_scikit_learns_balanced_ones() -> None:
    sample = planted()
    alike = balanced_sample(sample.x, sample.up, np.full(len(sample.up), 3.0)).weights
    np.testing.assert_allclose(alike, compute_sample_weight("balanced", sample.up), rtol=1e-12)
    given = balanced_sample(sample.x, sample.up, sample.weights).weights
    assert given[sample.up].sum() == pytest.approx(given[~sample.up].sum()) == pytest.approx(len(given) / 2)
    ratio = given / sample.weights
    assert len(np.unique(np.round(ratio, 9))) == 2


@every_learner
def test_sample_weights_change_the_model(name: str) -> None:
    sample = planted()
    contrary = np.arange(len(sample.up)) % 2 == 0
    mixed = replace(sample, up=sample.up ^ contrary, weights=np.where(contrary, 1e-3, 1.0))
    model = parse_learner(name, {}).fit(mixed.x, mixed.up, mixed.weights, seed=0)
    assert np.mean((model.probability(sample.x) > 0.5) == sample.up) > 0.75


@pytest.mark.filterwarnings("ignore:Line search")  # Newton's method starts where it would end
@every_learner
def test_constant_features_give_even_odds(name: str) -> None:
    x = np.zeros((40, 3), np.float32)
    up = np.arange(40) % 4 == 0
    model = parse_learner(name, {}).fit(x, up, np.ones(40), seed=0)
    drawn = 0.05  # what is drawn for a tree is not quite even
    spread = {"logistic": 1e-12, "forest": drawn, "xgboost": drawn, "lightgbm": drawn}[name]
    np.testing.assert_allclose(model.probability(x), 0.5, atol=spread)


@every_learner
def test_the_declaration_is_complete(name: str) -> None:
    learner = next(learner for learner in CATALOG if learner.name == name)
    assert learner.doc.endswith(".")
    assert learner.source
    instance = parse_learner(name, {})
    assert parse_learner(name, instance.settings) == instance


def test_settings_are_checked_by_name_and_range() -> None:
    with pytest.raises(UnknownNameError, match="did you mean forest"):
        parse_learner("forrest", {})
    with pytest.raises(UnknownNameError, match="depth"):
        parse_learner("forest", {"deepth": "3"})
    with pytest.raises(ConfigError, match=r"learner forest: depth = 99 is not allowed — give a whole number from 1"):
        parse_learner("forest", {"depth": "99"})


def test_samples_that_cannot_be_learned_from_are_refused() -> None:
    sample = planted(50)
    learner = parse_learner("logistic", {})
    with pytest.raises(DataError, match="learner logistic: every outcome is the same"):
        learner.fit(sample.x, np.ones(50, np.bool_), sample.weights, 0)
    with pytest.raises(DataError, match="every outcome is the same"):
        learner.fit(sample.x, sample.up, np.where(sample.up, 0.0, 1.0), 0)
    with pytest.raises(DataError, match="not finite"):
        learner.fit(np.where(sample.x > 2.0, np.nan, sample.x).astype(np.float32), sample.up, sample.weights, 0)
    with pytest.raises(DataError, match="negative weight"):
        learner.fit(sample.x, sample.up, -sample.weights, 0)
    with pytest.raises(DataError, match=r"features \(50, 5\), 49 outcomes and 50 weights"):
        learner.fit(sample.x, sample.up[:-1], sample.weights, 0)


@every_learner
def test_a_missing_library_is_one_clear_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(module: str) -> None:
        raise ImportError(f"No module named '{module}'")

    monkeypatch.setattr(extras, "import_module", absent)
    with pytest.raises(ConfigError, match=rf"learner {name}: needs \w+.*pip install 'quaestor\[train\]'"):
        trained(name, 0, planted())
