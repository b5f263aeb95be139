"""Purged folds: no training label touches a test span, however labels overlap."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.research.training.folds import Fold, purged_folds, walk_forward

Positions = NDArray[np.int64]
Sample = tuple[Positions, Positions]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Return rows a few apart, with labels of very different lengths that overlap."""
    steps = draw(st.lists(st.integers(1, 4), min_size=60, max_size=120))
    rows = np.cumsum(np.array(steps, np.int64))
    lengths = draw(st.lists(st.integers(1, 25), min_size=len(rows), max_size=len(rows)))
    return rows, rows + np.array(lengths)


def held(rows: Positions, ends: Positions, position: int) -> set[int]:
    return set(range(int(rows[position]), int(ends[position]) + 1))


def span_of(rows: Positions, ends: Positions, fold: Fold, embargo: int) -> set[int]:
    last = max(int(ends[k]) for k in fold.test)
    return set(range(int(rows[fold.test[0]]) - embargo, last + embargo + 1))


@given(samples(), st.integers(2, 6), st.integers(0, 10))
def test_training_of_a_purged_fold_is_all_that_does_not_touch_its_test(
    sample: Sample, count: int, embargo: int
) -> None:
    rows, ends = sample
    folds = split(purged_folds, sample, count, embargo)
    for fold in folds:
        span = span_of(rows, ends, fold, embargo)
        outside = [k for k in range(len(rows)) if k not in set(fold.test)]
        assert fold.train.tolist() == [k for k in outside if not span & held(rows, ends, k)]
        assert fold.purged == len(outside) - len(fold.train)
    if folds:
        assert np.concatenate([fold.test for fold in folds]).tolist() == list(range(len(rows)))


@given(samples(), st.integers(1, 5), st.integers(0, 10))
def test_a_window_trains_on_what_ended_before_it(sample: Sample, count: int, embargo: int) -> None:
    rows, ends = sample
    folds = split(walk_forward, sample, count, embargo)
    for fold in folds:
        first = int(rows[fold.test[0]])
        assert fold.train.tolist() == [k for k in range(fold.test[0]) if ends[k] < first - embargo]
    if folds:
        assert np.concatenate([fold.test for fold in folds]).tolist() == list(range(round(len(rows) / 2), len(rows)))


def split(cut: Callable[..., list[Fold]], sample: Sample, count: int, embargo: int) -> list[Fold]:
    """Return the folds, or none where the samples are too few for this embargo; the largest leaves nothing to train
    on."""
    rows, ends = sample
    with pytest.raises(ConfigError, match="without one to train or test on"):
        cut(rows, ends, count, int(ends.max()) + 1)
    try:
        return cut(rows, ends, count, embargo)
    except ConfigError:
        return []


@pytest.mark.parametrize("count", [-1, 0, 1])
def test_fewer_than_two_folds_are_refused(count: int) -> None:
    with pytest.raises(ConfigError, match="2 or more"):
        purged_folds(np.arange(9), np.arange(9), count)


@pytest.mark.parametrize(("count", "share"), [(0, 0.5), (1, 0.0), (1, 1.0), (1, float("nan"))])
def test_no_window_is_refused(count: int, share: float) -> None:
    with pytest.raises(ConfigError, match="walk forward"):
        walk_forward(np.arange(9), np.arange(9), count, first_share=share)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ConfigError, match="give more data"):
        purged_folds(np.arange(3), np.arange(3) + 5, 3)
    with pytest.raises(ConfigError, match="give more data"):
        walk_forward(np.arange(3), np.arange(3), 4)
