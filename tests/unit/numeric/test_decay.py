"""Decayed mean against its definition."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.jit.compile import interpreted
from quaestor.numeric.decay import DECAYED, advance_decayed_mean
from quaestor.numeric.elementary import half_life_decay

HALF_LIFE = 6 * 3600 * 10**9


def decayed(
    known: NDArray[np.int64], scores: NDArray[np.float64], close: NDArray[np.int64], cuts: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """Return mean and count at every instant, in ranges cut at `cuts`, copying the state through bytes in between."""
    out = np.full((2, len(close)), 7.0)
    state: Any = np.zeros(1, DECAYED)
    edges = [0, *cuts, len(close)]
    for i, n in pairwise(edges):
        state = np.frombuffer(bytearray(state.tobytes()), DECAYED)
        advance_decayed_mean(state, float(HALF_LIFE), known, scores, close, out[0], out[1], i, n)
    return out


def random_events(seed: int, events: int = 60) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    minutes = np.sort(generator.integers(0, 5_000, events))
    scores = np.round(generator.uniform(-1, 1, events), 4)
    order = np.lexsort((scores, minutes))
    return minutes[order] * 60 * 10**9, scores[order]


HOURS = np.arange(1, 100, dtype=np.int64) * 3600 * 10**9


@given(st.floats(0.0, 1000.0), st.floats(1e-3, 1e18))
def test_decay_equals_power_of_two(lives: float, half_life: float) -> None:
    age = lives * half_life
    expected = np.exp2(-np.longdouble(age / half_life))
    assert abs(half_life_decay(age, half_life) - expected) <= 2.3e-16 * 2 * expected


@given(st.integers(0, 1000), st.integers(1, 8 * 10**12))
def test_whole_half_lives_are_exact(lives: int, half_life: int) -> None:
    assert half_life_decay(float(lives * half_life), float(half_life)) == 2.0**-lives


def test_decay_is_zero_beyond_a_thousand_half_lives_and_nan_for_nan() -> None:
    assert half_life_decay(1001.0, 1.0) == 0.0
    assert half_life_decay(np.inf, 1.0) == 0.0
    assert np.isnan(half_life_decay(np.nan, 1.0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_decayed_mean_equals_weighted_mean(seed: int) -> None:
    known, scores = random_events(seed)
    mean, count = decayed(known, scores, HOURS)
    age = np.where(known[None, :] <= HOURS[:, None], HOURS[:, None] - known[None, :], np.inf)
    weight = np.exp2(-age / HALF_LIFE)
    np.testing.assert_allclose(count, weight.sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(mean, weight @ scores / (1.0 + weight.sum(axis=1)), rtol=1e-11, atol=1e-15)


def test_mean_and_count_are_zero_without_scores() -> None:
    assert not decayed(np.array([10**18]), np.array([1.0]), HOURS).any()
    assert not decayed(np.array([], np.int64), np.array([]), HOURS).any()


def test_weight_halves_after_a_half_life() -> None:
    known = np.array([3600 * 10**9])
    mean, count = decayed(known, np.array([0.8]), known[0] + HALF_LIFE * np.arange(4))
    assert count.tolist() == [1.0, 0.5, 0.25, 0.125]
    assert mean.tolist() == [0.8 / 2, 0.4 / 1.5, 0.2 / 1.25, 0.1 / 1.125]


@given(st.sets(st.integers(1, 98), max_size=8), st.integers(0, 20))
def test_any_chunks_give_the_same_bits(cuts: set[int], seed: int) -> None:
    known, scores = random_events(seed)
    whole = decayed(known, scores, HOURS)
    assert decayed(known, scores, HOURS, tuple(sorted(cuts))).tobytes() == whole.tobytes()


def test_further_instants_change_no_bit() -> None:
    known, scores = random_events(5)
    minutes = np.arange(1, 6_000, dtype=np.int64) * 60 * 10**9
    often = decayed(known, scores, minutes)
    assert np.array_equal(often[:, np.isin(minutes, HOURS)], decayed(known, scores, HOURS)[:, : len(minutes) // 60])


@given(st.integers(0, 50), st.integers(0, 98))
def test_later_scores_change_no_earlier_value(seed: int, k: int) -> None:
    known, scores = random_events(seed)
    past = known <= HOURS[k]
    whole = decayed(known, scores, HOURS)[:, : k + 1]
    assert decayed(known[past], scores[past], HOURS)[:, : k + 1].tobytes() == whole.tobytes()


def test_interpreted_kernel_gives_the_same_bits() -> None:
    known, scores = random_events(9)
    compiled = decayed(known, scores, HOURS)
    out = np.zeros_like(compiled)
    twin = interpreted(advance_decayed_mean)
    twin(np.zeros(1, DECAYED), float(HALF_LIFE), known, scores, HOURS, out[0], out[1], 0, len(HOURS))
    assert out.tobytes() == compiled.tobytes()
    for age in (0.1, 1.7, 250.3):
        assert interpreted(half_life_decay)(age, 3.0) == half_life_decay(age, 3.0)
