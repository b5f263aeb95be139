"""Integer rank correlations: the same to the last bit on every machine and number of threads.

Ranks are doubled and centred, which makes them whole numbers with sum 0, ties included. Their products sum to less than
2⁵³ for the samples that a selection keeps, so no order of summation rounds.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra

Ranks = NDArray[np.int32]

_PLACE = "feature selection"
_BLOCK = 256
_BLOCK_SAMPLES = 4_096


def centred_ranks(values: NDArray[np.float32]) -> Ranks:
    """Return twice the rank of each value among those of its row, ties the mean, less the mean: int32 (c, s).

    A missing value gets the middle, 0, which adds nothing to a correlation.

    Example:
        >>> centred_ranks(np.array([[0.1, 0.5, 0.5, np.nan, 0.9]], np.float32)).tolist()
        [[-3, 0, 0, 0, 3]]
    """
    stats = load_extra("scipy.stats", place=_PLACE)
    ranks = np.zeros(values.shape, np.int32)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        missing = np.isnan(block)
        doubled = 2.0 * stats.rankdata(np.where(missing, np.float32(np.inf), block), axis=1)
        there = block.shape[1] - missing.sum(axis=1, keepdims=True)
        ranks[start : start + _BLOCK] = np.where(missing, 0.0, doubled - (there + 1))
    return ranks


def rank_correlations(ranks: Ranks) -> NDArray[np.float64]:
    """Return Spearman's correlation of every pair of rows, float64 (c, c); 0 beside a row of equal values."""
    products = np.zeros((len(ranks), len(ranks)))
    for start in range(0, ranks.shape[1], _BLOCK_SAMPLES):
        block = ranks[:, start : start + _BLOCK_SAMPLES].astype(np.float64)
        products += block @ block.T
    length = np.sqrt(np.diag(products))
    scale = np.where(length > 0.0, length, np.inf)
    correlations: NDArray[np.float64] = products / np.outer(scale, scale)
    np.fill_diagonal(correlations, 1.0)
    return correlations


def label_correlations(ranks: Ranks, up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the correlation of each row's ranks with a label of two kinds, float64 (c,); 0 where one of the two
    never changes."""
    n = len(up)
    signs = np.where(up, 1, -1).astype(np.int64)
    total = ranks.sum(axis=1, dtype=np.int64)
    covariance = n * (ranks @ signs) - total * signs.sum()
    variance = n * np.einsum("cs,cs->c", ranks, ranks, dtype=np.int64) - total**2
    scale = np.sqrt(variance.astype(np.float64) * float(n * n - signs.sum() ** 2))
    return np.where(scale > 0.0, covariance / np.where(scale > 0.0, scale, 1.0), 0.0)


def areas_under_curve(ranks: Ranks, up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return for each row the probability that its value at an up sample is above that at a down sample: float64
    (c,), ½: no skill.

    Args:
        ranks: from all of the samples.
        up: bool (s,), both kinds there.
    """
    n_up = int(np.count_nonzero(up))
    return 0.5 + ranks[:, up].sum(axis=1, dtype=np.int64) / (2.0 * n_up * (len(up) - n_up))


def cluster(ranks: Ranks, correlation_max: float) -> NDArray[np.int64]:
    """Return the number of the cluster of each row, counted from 0 in order of appearance.

    Average-linkage clustering on 1 − |rank correlation|: two clusters are one from `correlation_max` on average.
    """
    correlations = rank_correlations(ranks)
    if len(ranks) < 2:
        return np.zeros(len(ranks), np.int64)
    hierarchy = load_extra("scipy.cluster.hierarchy", place=_PLACE)
    distances = 1.0 - np.abs(correlations[np.triu_indices(len(ranks), 1)])
    tree = hierarchy.linkage(np.maximum(distances, 0.0), method="average")
    found = hierarchy.fcluster(tree, 1.0 - correlation_max, criterion="distance")
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    order: NDArray[np.int64] = np.argsort(np.argsort(first))
    return order[inverse]
