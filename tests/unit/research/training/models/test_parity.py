"""Parity of the decision path's kernels with the libraries that models come from, on real rows and on hostile ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.brain.models import predict as predictions
from quaestor.brain.models import trees
from quaestor.brain.models.contract import Family
from quaestor.brain.models.predict import predict, predict_rows
from quaestor.brain.models.validation import validate_models
from quaestor.jit.compile import interpreted
from quaestor.research.training.models.catalog import CATALOG
from quaestor.research.training.models.contract import Exported, Rows, join

from .prepared import NAMES, every_fitted, fitted, real_samples

#: XGBoost adds and exponentiates in float32; these in float64.
TOLERANCE = {"logistic": 1e-14, "forest": 1e-15, "lightgbm": 1e-14}

every_learner = pytest.mark.parametrize("name", [learner.name for learner in CATALOG])


def ours(exported: Exported, x: Rows) -> NDArray[np.float64]:
    """Return the kernel's probabilities of rows."""
    out = np.full((1, len(x)), -1.0)
    rows = np.ascontiguousarray(x.T.astype(np.float64))
    predict_rows(exported.model, exported.nodes, rows, out, 0, len(x))
    return out[0]


def hostile(exported: Exported, x: Rows) -> Rows:
    """Return real rows with values at, just below and just above every threshold, and huge, tiny and denormal ones."""
    inner = exported.nodes[np.isfinite(exported.nodes["threshold"])]
    near = inner["threshold"].astype(np.float32)
    rows = np.repeat(x[np.arange(len(near)) % len(x)], 3, axis=0)
    feature = np.repeat(inner["feature"], 3)
    beside = [np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))]
    rows[np.arange(len(rows)), feature] = np.stack(beside, axis=1).ravel()
    tiny = np.finfo(np.float32)
    sizes = [0.0, -0.0, tiny.max, tiny.min, tiny.tiny, -tiny.tiny, tiny.smallest_subnormal, -tiny.smallest_subnormal]
    strange = np.array([1e-35, -1e-35, 1e30, -1e30, *sizes], np.float32)
    mixed = np.random.default_rng(3).choice(strange, (500, x.shape[1]))
    return np.ascontiguousarray(np.concatenate([x, rows, mixed, np.repeat(strange[:, None], x.shape[1], axis=1)]))


@every_learner
def test_the_kernel_equals_the_library(name: str) -> None:
    _, test = real_samples()
    model = fitted(name)
    exported = model.export()
    validate_models(exported.model, exported.nodes, len(NAMES))
    x = hostile(exported, test.x)
    with np.errstate(invalid="ignore"):  # scikit-learn adds all values up to see whether one is not finite
        theirs = model.probability(x)
    difference = np.abs(ours(exported, x) - theirs)
    assert difference.max() <= TOLERANCE.get(name, 1e-6)
    assert len(np.unique(ours(exported, test.x))) > len(test.x) // 4


def test_joined_models_equal_single_ones() -> None:
    _, test = real_samples()
    exported = [model.export() for model in every_fitted().values()]
    models, nodes = join([*exported, exported[1]])
    validate_models(models, nodes, len(NAMES))
    assert models["family"].tolist()[:2] == [Family.LINEAR, Family.TREES]
    rows = np.ascontiguousarray(test.x.T.astype(np.float64))
    out = np.zeros((len(models), len(test.x)))
    predict_rows(models, nodes, rows, out, 0, len(test.x))
    for number, each in enumerate([*exported, exported[1]]):
        assert out[number].tobytes() == ours(each, test.x).tobytes()


def test_row_by_row_chunked_at_once_and_interpreted_are_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    _, test = real_samples()
    models, nodes = join([model.export() for model in every_fitted().values()])
    rows = np.ascontiguousarray(test.x[:60].T.astype(np.float64))
    rows[4, 11] = np.nan
    rows[0, 12] = np.inf
    together, apart, alone, plain = (np.zeros((len(models), 60)) for _ in range(4))
    predict_rows(models, nodes, rows, together, 0, 60)
    for i, n in ((0, 7), (7, 8), (8, 60)):
        predict_rows(models, nodes, rows, apart, i, n)
    for k in range(60):
        x = np.ascontiguousarray(rows[:, k])
        for j in range(len(models)):
            alone[j, k] = predict(models[j], nodes, x)
    for place, name in (
        (trees, "_step"),
        (predictions, "tree_sum"),
        (predictions, "linear_sum"),
        (predictions, "predict"),
    ):
        monkeypatch.setattr(place, name, interpreted(getattr(place, name)))
    interpreted(predict_rows)(models, nodes, rows, plain, 0, 60)
    assert np.isnan(together[:, 11:13]).all()
    assert np.isfinite(together[:, 13:]).all()
    for other in (apart, alone, plain):
        assert together.tobytes() == other.tobytes()
