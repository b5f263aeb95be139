"""Purged folds: splits of labelled rows into training and test that share no row of any label.

A sample is a row and the last row that its label has read (`analysis.forecasts.labels`): it holds the rows from the one
to the other. A fold's test block holds everything between its first row and the last end of its labels. *Purging* takes
out of training what holds a row of that span; an *embargo* widens the span on both sides, since features and volatility
depend on earlier rows.

Source: López de Prado (2018), Advances in Financial Machine Learning, ch. 7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fold:
    """Positions of training and test samples, ascending."""

    train: Positions
    test: Positions
    purged: int  # samples that training lost to purging and embargo


def purged_folds(rows: Positions, ends: Positions, count: int, embargo_rows: int = 0) -> list[Fold]:
    """Return folds of which each of `count` blocks in turn is the test, and training what does not touch it, before
    and after.

    Args:
        rows: int64 (s,), ascending: the row of each sample.
        ends: int64 (s,), the last row of its label.
        count: folds, at least 2.
        embargo_rows: rows before and after a test span that training may not touch.

    Raises:
        ConfigError: fewer than 2 folds, or a fold without a sample to train or test on.

    Example:
        >>> rows = np.arange(6)
        >>> [(fold.train.tolist(), fold.test.tolist()) for fold in purged_folds(rows, rows + 1, 3)]
        [([3, 4, 5], [0, 1]), ([0, 5], [2, 3]), ([0, 1, 2], [4, 5])]
    """
    if count < 2:
        raise ConfigError(f"{count} folds", place="folds", remedy="ask for 2 or more")
    everything = np.arange(len(rows))
    blocks = np.array_split(everything, count)
    return [_fold(rows, ends, np.setdiff1d(everything, block), block, embargo_rows) for block in blocks]


def walk_forward(
    rows: Positions, ends: Positions, count: int, embargo_rows: int = 0, *, first_share: float = 0.5
) -> list[Fold]:
    """Return the last part of the samples in `count` blocks; training for each is what lies before it.

    Args:
        rows: int64 (s,), ascending: the row of each sample.
        ends: int64 (s,), the last row of its label.
        count: windows, at least 1.
        embargo_rows: rows before a test span that training may not touch.
        first_share: of the samples that only train.

    Raises:
        ConfigError: no window, a share outside (0, 1), or a window without a sample to train or test on.

    Example:
        >>> rows = np.arange(6)
        >>> [(fold.train.tolist(), fold.test.tolist()) for fold in walk_forward(rows, rows + 1, 3)]
        [([0, 1], [3]), ([0, 1, 2], [4]), ([0, 1, 2, 3], [5])]
    """
    if count < 1 or not 0.0 < first_share < 1.0:
        raise ConfigError(
            f"{count} windows after {first_share:g} of the samples",
            place="walk forward",
            remedy="ask for 1 window or more, after a share between 0 and 1",
        )
    everything = np.arange(len(rows))
    first = round(len(rows) * first_share)
    blocks = np.array_split(everything[first:], count)
    return [
        _fold(rows, ends, everything[: block[0]] if len(block) else everything, block, embargo_rows) for block in blocks
    ]


def _fold(rows: Positions, ends: Positions, train: Positions, test: Positions, embargo_rows: int) -> Fold:
    if len(test):
        first, last = int(rows[test[0]]) - embargo_rows, int(ends[test].max()) + embargo_rows
        kept = train[(ends[train] < first) | (rows[train] > last)]
    if not len(test) or not len(kept):
        raise ConfigError(
            f"{len(rows)} samples leave a fold without one to train or test on",
            place="folds",
            remedy="give more data, fewer folds, a shorter horizon or a shorter embargo",
        )
    return Fold(kept, test, len(train) - len(kept))
