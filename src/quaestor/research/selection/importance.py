"""Candidate importance on held-out rows, and its stability over folds.

In a fold's training part candidates are screened by their rank correlation with the label, and a model is fitted to the
best candidate of each of the best clusters; in the held-out part the importance of each is measured. Clusters are
ranked, since the order of two candidates alike is luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.ports.progress import Progress
from quaestor.research.selection.gather import Sample
from quaestor.research.selection.learner import Model
from quaestor.research.selection.ranks import Ranks, centred_ranks, cluster, label_correlations
from quaestor.research.selection.settings import SelectionSettings
from quaestor.research.training.folds import Fold, purged_folds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FoldImportance:
    """Importance in one fold, of c candidates in k clusters.

    `scores`: (c,), absolute rank correlation with the label in training; of each cluster: `gains` and `permutation` of
    its best candidate, 0 where it was screened out, and `ranks` from 1.
    """

    scores: Floats
    gains: Floats
    permutation: Floats
    ranks: Floats


@dataclass(frozen=True, slots=True)
class Ranking:
    """Clusters in order of their mean rank over the folds.

    Attributes:
        clusters: (c,), the cluster of each candidate.
        order: (k,), clusters, the most important first.
        best: (k,), the candidate that stands for each cluster: the best mean score over the folds.
        importance, importance_std, gain, rank, stability: (k,), of each cluster: mean and sample deviation over the
            folds of the rise of log-loss, mean share of gain, mean rank, share of folds with the cluster among the
            first `count`.
        agreement: how much the folds' choices agree beyond chance, see `agreement`.
        folds: the splits.
    """

    clusters: NDArray[np.int64]
    order: NDArray[np.int64]
    best: NDArray[np.int64]
    importance: Floats
    importance_std: Floats
    gain: Floats
    rank: Floats
    stability: Floats
    agreement: float
    folds: tuple[Fold, ...]

    def chosen(self, count: int) -> NDArray[np.int64]:
        """Return the candidates that stand for the first clusters."""
        return self.best[self.order[:count]]


def rank_candidates(sample: Sample, settings: SelectionSettings, embargo_rows: int, progress: Progress) -> Ranking:
    """Rank candidates over purged folds of a sample.

    Raises:
        ConfigError: too few samples for the folds, or a library is missing.
    """
    folds = purged_folds(sample.rows, sample.ends, settings.folds, embargo_rows)
    ranks = centred_ranks(sample.values)
    clusters = cluster(ranks, settings.correlation_max)
    found = []
    for number, fold in enumerate(folds):
        progress.describe(f"fold {number + 1} of {len(folds)}")
        found.append(_measure(sample, ranks, clusters, fold, settings, number))
    return _ranking(clusters, found, tuple(folds), settings.count)


def _measure(
    sample: Sample, ranks: Ranks, clusters: NDArray[np.int64], fold: Fold, settings: SelectionSettings, number: int
) -> FoldImportance:
    train, test = sample.take(fold.train), sample.take(fold.test)
    scores = np.abs(label_correlations(ranks[:, fold.train], train.up))
    best = best_of_each(scores, clusters)
    survivors = np.sort(np.argsort(-scores[best], kind="stable")[: settings.survivors])
    model = Model(train, best[survivors], settings.seed)
    generator = np.random.default_rng((settings.seed, number))
    gains, permutation = np.zeros(len(best)), np.zeros(len(best))
    gains[survivors] = model.gains()
    permutation[survivors] = model.permutation_importance(test, generator)
    return FoldImportance(scores, gains, permutation, _ranks(permutation, gains, survivors))


def best_of_each(scores: Floats, clusters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the candidate with the highest score of each cluster, the first of equals.

    Example:
        >>> best_of_each(np.array([0.1, 0.3, 0.3, 0.2]), np.array([0, 1, 1, 0])).tolist()
        [3, 1]
    """
    order = np.lexsort((np.arange(len(scores)), -scores, clusters))
    _, first = np.unique(clusters[order], return_index=True)
    best: NDArray[np.int64] = order[first]
    return best


def _ranks(permutation: Floats, gains: Floats, survivors: NDArray[np.int64]) -> Floats:
    """Return the mean of the ranks by both measures among the survivors; all others share what is left."""
    rankdata = load_extra("scipy.stats", place="feature selection").rankdata
    mean = (rankdata(-permutation[survivors]) + rankdata(-gains[survivors])) / 2.0
    ranks = np.full(len(gains), (len(survivors) + 1 + len(gains)) / 2.0)
    ranks[survivors] = mean
    return ranks


def _ranking(
    clusters: NDArray[np.int64], found: Sequence[FoldImportance], folds: tuple[Fold, ...], count: int
) -> Ranking:
    ranks = np.stack([fold.ranks for fold in found])
    scores = np.mean([fold.scores for fold in found], axis=0)
    permutation = np.stack([fold.permutation for fold in found])
    best = best_of_each(scores, clusters)
    rank = ranks.mean(axis=0)
    top = np.zeros(ranks.shape, np.bool_)
    for row, fold in enumerate(found):
        top[row, np.lexsort((-fold.scores[best], fold.ranks))[:count]] = True
    return Ranking(
        clusters=clusters,
        order=np.lexsort((-scores[best], rank)),
        best=best,
        importance=permutation.mean(axis=0),
        importance_std=permutation.std(axis=0, ddof=1),
        gain=np.mean([fold.gains for fold in found], axis=0),
        rank=rank,
        stability=top.mean(axis=0),
        agreement=agreement(top),
        folds=folds,
    )


def agreement(chosen: NDArray[np.bool_]) -> float:
    """Return the agreement of choices beyond chance: 1 when all are the same, about 0 for choices at random; 1 for
    no choice.

    1 − mean of s² / (p (1 − p)): s² the sample variance of each item's being chosen, p the mean share chosen.

    Args:
        chosen: bool (choices, items), at least 2 choices.

    Source: Nogueira, Sechidis and Brown (2018), On the stability of feature selection algorithms.

    Example:
        >>> agreement(np.array([[True, False], [True, False]])), agreement(np.array([[True, False], [False, True]]))
        (1.0, -1.0)
    """
    share = float(chosen.mean())
    if share in (0.0, 1.0):
        return 1.0
    return 1.0 - float(chosen.var(axis=0, ddof=1).mean()) / (share * (1.0 - share))
