"""Rank correlations: against scipy and scikit-learn, with bits that no order of summation changes."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import roc_auc_score
from tests.unit.research.selection.prepared import random_sample

from quaestor.research.selection.ranks import (
    areas_under_curve,
    centred_ranks,
    cluster,
    label_correlations,
    rank_correlations,
)

seeds = st.integers(0, 10_000)


def tied(seed: int) -> np.ndarray:
    """Return values of which many are equal."""
    return np.round(np.random.default_rng(seed).normal(size=(6, 90)), 1).astype(np.float32)


@given(seeds)
def test_ranks_are_twice_scipys_less_the_mean(seed: int) -> None:
    values = tied(seed)
    assert np.array_equal(centred_ranks(values), 2 * rankdata(values, axis=1) - 91)
    values[2, ::3] = np.nan
    there = ~np.isnan(values[2])
    ranks = centred_ranks(values)[2]
    assert np.array_equal(ranks[there], 2 * rankdata(values[2, there]) - 61)
    assert not ranks[~there].any()


@given(seeds)
def test_correlations_equal_spearmans(seed: int) -> None:
    values = tied(seed)
    np.testing.assert_allclose(rank_correlations(centred_ranks(values)), spearmanr(values.T).statistic, atol=1e-12)


def test_no_order_of_summation_changes_a_bit() -> None:
    ranks = centred_ranks(random_sample(40, 9_000).values)
    shuffled = ranks[:, np.random.default_rng(1).permutation(9_000)]
    assert np.array_equal(rank_correlations(ranks), rank_correlations(shuffled))


@given(seeds)
def test_label_correlations_are_those_of_the_ranks(seed: int) -> None:
    values = tied(seed)
    up = np.random.default_rng(seed + 1).random(90) < 0.4
    ranks = centred_ranks(values)
    part = np.arange(20, 80)
    expected = [np.corrcoef(row[part], up[part])[0, 1] for row in ranks]
    np.testing.assert_allclose(label_correlations(ranks[:, part], up[part]), expected, atol=1e-12)


@given(seeds)
def test_areas_equal_scikit_learns(seed: int) -> None:
    values = tied(seed)
    up = np.random.default_rng(seed + 1).permutation(90) < 35
    expected = [roc_auc_score(up, row) for row in values]
    np.testing.assert_allclose(areas_under_curve(centred_ranks(values), up), expected, atol=1e-12)


def test_a_constant_row_has_no_correlation() -> None:
    ranks = centred_ranks(np.ones((2, 50), np.float32))
    up = np.arange(50) < 20
    assert not label_correlations(ranks, up).any()
    assert not label_correlations(centred_ranks(tied(0))[:, :50], np.ones(50, np.bool_)).any()
    assert np.array_equal(rank_correlations(ranks), np.eye(2))


def test_look_alikes_cluster_whatever_their_sign_or_scale() -> None:
    noise = random_sample(5, 800).values
    alike = [noise[0], np.exp(noise[1]), -(noise[0] ** 3), noise[1] + 0.1 * noise[2], noise[3]]
    ranks = centred_ranks(np.array(alike, np.float32))
    assert cluster(ranks, 0.7).tolist() == [0, 1, 0, 1, 2]
    assert cluster(ranks[:1], 0.7).tolist() == [0]


@pytest.mark.parametrize("level", [0.3, 0.6, 0.9])
def test_clusters_are_alike_on_average(level: float) -> None:
    noise = random_sample(30, 400).values
    mixed = np.cumsum(noise, axis=0)
    ranks = centred_ranks(mixed.astype(np.float32))
    numbers = cluster(ranks, level)
    alike = np.abs(rank_correlations(ranks))
    for number in np.unique(numbers):
        members = np.flatnonzero(numbers == number)
        if len(members) == 2:
            assert alike[members[0], members[1]] >= level
    pairs = combinations(range(numbers.max() + 1), 2)
    assert max((alike[np.ix_(numbers == a, numbers == b)].mean() for a, b in pairs), default=0.0) < level
