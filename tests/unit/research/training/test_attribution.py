"""Attribution: contributions add up, and equal those that shap finds in the libraries' own models."""

import math
import warnings
from itertools import combinations

import numpy as np
import pytest
import shap
from numpy.typing import NDArray

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.brain.models.predict import predict_rows
from quaestor.errors import ConfigError
from quaestor.research.training.attribution import attribute
from quaestor.research.training.models.catalog import CATALOG, parse_learner
from quaestor.research.training.models.contract import Exported, Rows
from quaestor.research.training.models.forest import FittedForest
from quaestor.research.training.models.lightgbm import FittedLightGBM
from quaestor.research.training.models.logistic import FittedLogistic
from quaestor.research.training.models.tree_export import Tree, export_trees
from quaestor.research.training.models.xgboost import FittedXGBoost

from .models.prepared import NAMES, fitted, real_samples

every_learner = pytest.mark.parametrize("name", [learner.name for learner in CATALOG])


def probability(exported: Exported, x: Rows) -> NDArray[np.float64]:
    """Return the probability by the decision path's kernel."""
    out = np.zeros((1, len(x)))
    predict_rows(exported.model, exported.nodes, np.ascontiguousarray(x.T.astype(np.float64)), out, 0, len(x))
    return out[0]


@every_learner
def test_base_and_contributions_add_up_to_the_kernels_sum(name: str) -> None:
    train, test = real_samples()
    exported = fitted(name).export()
    found = attribute(exported, test.x[:300], train.x.mean(axis=0, dtype=np.float64))
    said = probability(exported, test.x[:300])
    expected = said if found.link == Link.IDENTITY else np.log(said / (1.0 - said))
    np.testing.assert_allclose(found.sums, expected, atol=1e-8)  # XGBoost adds its trees in float32
    assert found.contributions.shape == (300, len(NAMES))
    assert found.importance.tolist() == np.abs(found.contributions).mean(axis=0).tolist()
    assert found.importance.max() > 0.01


@every_learner
def test_the_librarys_own_model_is_explained_the_same(name: str) -> None:
    train, test = real_samples()
    model, x = fitted(name), test.x[:300]
    mean = train.x.mean(axis=0, dtype=np.float64)
    found = attribute(model.export(), x, mean)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shap, about shapes it used to return
        base, contributions = theirs(model, x, mean)
    tolerance = 1e-6 if name == "xgboost" else 1e-10  # XGBoost explains in float32
    np.testing.assert_allclose(found.contributions, contributions, atol=tolerance)
    assert found.base == pytest.approx(base, abs=tolerance)


def theirs(model: object, x: Rows, mean: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return base and contributions by shap on the model of the library."""
    if isinstance(model, FittedLogistic):
        linear = shap.LinearExplainer(model.model, mean[None, :])
        return float(np.squeeze(linear.expected_value)), linear.shap_values(x.astype(np.float64))
    if isinstance(model, FittedForest):
        explainer = shap.TreeExplainer(model.model)
        return float(explainer.expected_value[1]), explainer.shap_values(x)[:, :, 1]
    assert isinstance(model, FittedXGBoost | FittedLightGBM)
    explainer = shap.TreeExplainer(model.booster)
    contributions = explainer.shap_values(x)
    return float(explainer.expected_value), contributions


def test_a_tree_by_the_definition_of_shapley() -> None:
    """Three features, all orders: the value of a set of known features is the tree's mean over the rest by cover."""
    tree = Tree(
        left=np.array([1, 3, -1, -1, 5, -1, -1]),
        right=np.array([2, 4, -1, -1, 6, -1, -1]),
        feature=np.array([0, 1, -1, -1, 2, -1, -1]),
        threshold=np.array([0.5, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0]),
        value=np.array([0.0, 0.0, 3.0, -1.0, 0.0, 0.5, 7.0]),
        cover=np.array([10.0, 6.0, 4.0, 1.0, 5.0, 2.0, 3.0]),
    )
    exported = export_trees([tree, tree], features=3, link=Link.LOGISTIC, offset=0.25, factor=0.5)
    x = np.array([[0.0, 1.0, 0.0], [1.0, -1.0, -2.0]], np.float32)

    def worth(known: frozenset[int], row: NDArray[np.float32], k: int = 0) -> float:
        if tree.left[k] < 0:
            return float(tree.value[k])
        low, high = int(tree.left[k]), int(tree.right[k])
        if tree.feature[k] in known:
            return worth(known, row, high if row[tree.feature[k]] > tree.threshold[k] else low)
        share = tree.cover[low] / tree.cover[k]
        return share * worth(known, row, low) + (1.0 - share) * worth(known, row, high)

    found = attribute(exported, x, np.zeros(3))
    assert found.base == pytest.approx(0.25 + worth(frozenset(), x[0]))
    for row, contributions in zip(x, found.contributions, strict=True):
        for f in range(3):
            expected = 0.0
            for size in range(3):
                weight = math.factorial(size) * math.factorial(2 - size) / 6
                for others in combinations([g for g in range(3) if g != f], size):
                    expected += weight * (worth(frozenset({*others, f}), row) - worth(frozenset(others), row))
            assert contributions[f] == pytest.approx(expected, abs=1e-12)


@pytest.mark.filterwarnings("ignore:Line search")
@every_learner
def test_a_constant_model_has_no_contributions(name: str) -> None:
    x = np.zeros((40, 3), np.float32)
    exported = parse_learner(name, {}).fit(x, np.arange(40) % 4 == 0, np.ones(40), seed=0).export()
    found = attribute(exported, x, np.zeros(3))
    assert not found.contributions.any()
    said = probability(exported, x)[0]
    assert found.base == pytest.approx(said if found.link == Link.IDENTITY else math.log(said / (1.0 - said)))


def test_other_families_are_refused() -> None:
    model = np.zeros(1, model_dtype(3))
    model["family"] = Family.ONLINE
    with pytest.raises(ConfigError, match="a model of family online has no contributions"):
        attribute(Exported(model, np.empty(0, NODE)), np.zeros((1, 3), np.float32), np.zeros(3))
