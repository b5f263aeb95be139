"""Probability of overfitting: noise, skill and a trap, and the definition written out."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from quaestor.analysis.overfitting import overfitting
from quaestor.errors import ConfigError


def written_out(returns: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
    """Follow the steps of the paper, one at a time."""
    logits = []
    parts = np.array_split(returns, blocks)
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[k] for k in chosen])
        outside = np.concatenate([parts[k] for k in range(blocks) if k not in chosen])
        ratios = [part.mean(axis=0) / part.std(axis=0, ddof=1) for part in (inside, outside)]
        rank = int(np.argsort(np.argsort(ratios[1]))[np.argmax(ratios[0])]) + 1
        share = rank / (returns.shape[1] + 1)
        logits.append(np.log(share / (1 - share)))
    return np.array(logits)


@pytest.mark.parametrize(("rows", "trials", "blocks"), [(64, 7, 4), (120, 10, 6), (800, 3, 8)])
def test_the_probability_equals_the_papers_definition(rows: int, trials: int, blocks: int) -> None:
    returns = np.random.default_rng(rows).normal(0.001, 0.01, (rows, trials))
    found = overfitting(returns, blocks)
    np.testing.assert_allclose(found.logits, written_out(returns, blocks), rtol=1e-12)
    assert found.probability == np.mean(found.logits <= 0)


def test_skill_is_not_overfitting() -> None:
    returns = np.random.default_rng(1).normal(0.0, 0.01, (1600, 50))
    returns[:, 7] += 0.004
    found = overfitting(returns)
    assert len(found.logits) == 12870
    assert (found.probability, found.loss_probability) == (0.0, 0.0)


def test_noise_gives_one_half() -> None:
    shares = [
        overfitting(np.random.default_rng(seed).normal(0.0, 0.01, (400, 20)), 8).probability for seed in range(40)
    ]
    assert 0.4 < np.mean(shares) < 0.62


def test_fits_to_one_half_are_overfitting() -> None:
    """Each configuration earns in one block what it loses in the others: the best inside is the worst outside."""
    blocks, rows = 8, 50
    returns = np.random.default_rng(2).normal(0.0, 1e-4, (blocks, rows, blocks))
    for k in range(blocks):
        returns[:, :, k] -= 0.001
        returns[k, :, k] += 0.008
    found = overfitting(returns.reshape(blocks * rows, blocks), blocks)
    assert found.probability == 1.0
    assert found.loss_probability == 1.0


def test_equal_configurations_give_no_preference() -> None:
    assert overfitting(np.zeros((64, 3)), 4).logits.tolist() == [0.0] * 6


@pytest.mark.parametrize(("shape", "blocks"), [((64, 1), 4), ((64, 3), 5), ((64, 3), 22), ((6, 3), 4), ((64, 3), 0)])
def test_impossible_splits_are_refused(shape: tuple[int, int], blocks: int) -> None:
    with pytest.raises(ConfigError, match="blocks of"):
        overfitting(np.ones(shape), blocks)
