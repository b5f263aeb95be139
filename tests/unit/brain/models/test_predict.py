"""Prediction kernels on hand-made and random tables, against their definition in plain Python."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.brain.models.contract import NODE, Family, Link, model_dtype
from quaestor.brain.models.predict import predict, predict_rows
from quaestor.brain.models.validation import validate_models
from quaestor.errors import DataError
from quaestor.jit.tables import Table

FEATURES = 3
_float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
#: Values often meet thresholds exactly.
_number = st.one_of(st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0]), _float32)
#: A tree is a leaf, or (feature, threshold, low, high).
_tree: st.SearchStrategy[Any] = st.recursive(
    st.floats(-4.0, 4.0),
    lambda below: st.tuples(st.integers(0, FEATURES - 1), _number, below, below),
    max_leaves=12,
)


def descend(tree: Any, x: NDArray[np.float64]) -> float:
    """The leaf of a nested tree that x reaches."""
    while isinstance(tree, tuple):
        feature, threshold, low, high = tree
        tree = high if x[feature] > threshold else low
    return float(tree)


def tables(trees: list[Any], link: Link, offset: float = 0.0, factor: float = 1.0) -> tuple[Table, Table]:
    """Nested trees as the kernel's tables: each level after the one before it."""
    rows: list[list[float]] = [[] for _ in trees]
    level, depth = list(enumerate(trees)), -1
    while level:
        below = []
        depth += 1
        for place, tree in level:
            if isinstance(tree, tuple):
                feature, threshold, low, high = tree
                rows[place] = [threshold, 0.0, 1.0, feature, len(rows)]
                below += [(len(rows), low), (len(rows) + 1, high)]
                rows += [[], []]
            else:
                rows[place] = [math.inf, tree, 1.0, 0, place]
        level = below
    nodes = np.array([tuple(row) for row in rows], NODE)
    return model(Family.TREES, link, trees=len(trees), depth=depth, offset=offset, factor=factor), nodes


def model(family: Family, link: Link, **fields: Any) -> Table:
    """One model."""
    made = np.zeros(1, model_dtype(FEATURES))
    for name, value in {"family": family, "link": link, **fields}.items():
        made[name] = value
    return made


STUMPS = [(0, 0.0, -1.0, 1.0), 0.25, (1, 0.5, (2, -1.0, 8.0, 16.0), 2.0)]


def test_predictions_of_trees_and_a_linear_model_by_hand() -> None:
    table, nodes = tables(STUMPS, Link.IDENTITY, offset=0.5, factor=0.125)
    validate_models(table, nodes, FEATURES)
    assert (table[0]["trees"], table[0]["depth"], len(nodes)) == (3, 2, 9)
    for x, leaves in (
        ([0.0, 0.6, 0.0], -1.0 + 0.25 + 2.0),
        ([1e-45, 0.6, 0.0], 1.0 + 0.25 + 2.0),
        ([0.0, 0.5, -1.0], -1.0 + 0.25 + 8.0),
        ([0.0, 0.5, -0.9], -1.0 + 0.25 + 16.0),
    ):
        expected = min(max(0.5 + 0.125 * leaves, 0.0), 1.0)
        assert predict(table[0], nodes, np.array(x)) == expected
    linear = model(Family.LINEAR, Link.LOGISTIC, offset=0.5, weights=[1.0, -2.0, 0.25])
    assert predict(linear[0], nodes, np.array([1.0, 0.5, 2.0])) == pytest.approx(1.0 / (1.0 + math.exp(-1.0)))
    assert predict(linear[0], nodes, np.array([-3e38, 0.0, 0.0])) == 0.0


@given(
    st.lists(_tree, min_size=1, max_size=19),
    st.lists(st.tuples(_number, _number, _number), min_size=1, max_size=6),
    st.sampled_from(Link),
    st.floats(-2.0, 2.0),
    st.floats(0.01, 2.0),
)
def test_random_trees_equal_their_definition(
    trees: list[Any], xs: list[tuple[float, ...]], link: Link, offset: float, factor: float
) -> None:
    table, nodes = tables(trees, link, offset, factor)
    validate_models(table, nodes, FEATURES)
    rows = np.array(xs).T.copy()
    out = np.zeros((1, len(xs)))
    predict_rows(table, nodes, rows, out, 0, len(xs))
    for k, x in enumerate(np.array(xs)):
        total = 0.0
        for tree in trees:
            total += descend(tree, x)
        total = offset + factor * total
        if link == Link.IDENTITY:
            assert out[0, k] == min(max(total, 0.0), 1.0)
        else:
            assert out[0, k] == pytest.approx(1.0 / (1.0 + math.exp(-total)), rel=1e-14)
        assert predict(table[0], nodes, x) == out[0, k]


@given(st.lists(_float32, min_size=3, max_size=3), st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_linear_models_equal_their_definition(x: list[float], numbers: list[float]) -> None:
    table = model(Family.LINEAR, Link.LOGISTIC, offset=numbers[3], weights=numbers[:3])
    total = numbers[3] + (numbers[0] * x[0] + numbers[1] * x[1] + numbers[2] * x[2])
    expected = 1.0 / (1.0 + math.exp(-total)) if total > -700.0 else 0.0
    assert predict(table[0], np.empty(0, NODE), np.array(x)) == pytest.approx(expected, rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("feature", range(FEATURES))
def test_a_missing_or_infinite_feature_gives_no_prediction(bad: float, feature: int) -> None:
    trees, nodes = tables(STUMPS, Link.LOGISTIC)
    linear = model(Family.LINEAR, Link.LOGISTIC)
    x = np.zeros(FEATURES)
    x[feature] = bad
    assert math.isnan(predict(trees[0], nodes, x))
    assert math.isnan(predict(linear[0], nodes, x))


def test_other_families_give_no_prediction_and_only_the_given_rows_are_written() -> None:
    models = np.concatenate([model(Family.ONLINE, Link.LOGISTIC), model(Family.RULE, Link.IDENTITY)])
    out = np.full((2, 4), -1.0)
    predict_rows(models, np.empty(0, NODE), np.zeros((FEATURES, 4)), out, 1, 3)
    assert np.isnan(out[:, 1:3]).all()
    assert (out[:, [0, 3]] == -1.0).all()


@pytest.mark.parametrize(
    ("field", "at", "value", "message"),
    [
        ("child", 0, 8, "children outside the table"),
        ("child", 0, -2, "children outside the table"),
        ("child", 2, 2, "deeper than 2"),  # a split that is its own child
        ("feature", 2, 3, "a feature that is none of 3"),
        ("feature", 8, -1, "a feature that is none of 3"),
        ("threshold", 0, math.nan, "not finite"),
        ("value", 8, math.inf, "not finite"),
    ],
)
def test_nodes_that_a_walk_could_not_follow_are_refused(field: str, at: int, value: float, message: str) -> None:
    table, nodes = tables(STUMPS, Link.LOGISTIC)
    nodes[field][at] = value
    with pytest.raises(DataError, match=rf"model 0: .*{message}"):
        validate_models(table, nodes, FEATURES)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("depth", 1, "deeper than 1"),
        ("depth", -1, "deeper than -1"),
        ("first", -1, "not among 9 nodes"),
        ("trees", 10, "not among 9 nodes"),
        ("trees", 0, "not among 9 nodes"),
        ("family", 9, "family 9"),
        ("link", 2, "link 2"),
        ("offset", math.nan, "not finite"),
        ("weights", math.inf, "not finite"),
    ],
)
def test_invalid_models_are_refused(field: str, value: float, message: str) -> None:
    table, nodes = tables(STUMPS, Link.LOGISTIC)
    table[field] = value
    with pytest.raises(DataError, match=message):
        validate_models(table, nodes, FEATURES)
    with pytest.raises(DataError, match="not the tables of models of 4 features"):
        validate_models(table, nodes, 4)
