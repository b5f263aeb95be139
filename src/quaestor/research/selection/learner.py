"""Selection model: small gradient-boosted trees that score candidates, one thread, the same bits for the same seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.research.selection.gather import Sample
from quaestor.research.training.models.lightgbm import booster_probability, train_booster

_ROUNDS = 60
_PERMUTATIONS = 2
_SURE = 1e-6
_PARAMETERS = {
    "learning_rate": 0.05,
    "num_leaves": 7,
    "max_bin": 63,
    "feature_fraction": 0.5,
    "lambda_l2": 1.0,
    "force_col_wise": True,
}

Matrix32 = NDArray[np.float32]


class Model:
    """Trees fitted to some candidates of a sample.

    Args:
        sample: to train on, with its weights.
        columns: positions of the candidates.
        seed: of the trees' choice of candidates.

    Raises:
        ConfigError: LightGBM is not installed.
    """

    def __init__(self, sample: Sample, columns: NDArray[np.int64], seed: int) -> None:
        self._columns = columns
        parameters = _PARAMETERS | {"seed": seed, "min_data_in_leaf": max(20, len(sample) // 40)}
        self._booster: Any = train_booster(
            _table(sample, columns), sample.up, sample.weights, parameters, rounds=_ROUNDS, place="feature selection"
        )

    def gains(self) -> NDArray[np.float64]:
        """Return the share of the fitted loss that splits on each candidate took away: sums to 1, or 0 without a
        split."""
        gains: NDArray[np.float64] = self._booster.feature_importance(importance_type="gain")
        return gains / max(float(gains.sum()), 1e-300)

    def predict(self, sample: Sample) -> NDArray[np.float64]:
        """Return the probability of up at each sample, float64 (s,)."""
        return booster_probability(self._booster, _table(sample, self._columns))

    def permutation_importance(self, sample: Sample, generator: np.random.Generator) -> NDArray[np.float64]:
        """Return how much log-loss rises on a held-out sample when one candidate's values are permuted; 0 for one
        unused."""
        table = _table(sample, self._columns)
        before = log_loss(booster_probability(self._booster, table), sample.up, sample.weights)
        rises = np.zeros(len(self._columns))
        orders = [generator.permutation(len(sample)) for _ in range(_PERMUTATIONS)]
        for column in np.flatnonzero(self._booster.feature_importance(importance_type="split")):
            own = table[:, column].copy()
            for order in orders:
                table[:, column] = own[order]
                rises[column] += log_loss(booster_probability(self._booster, table), sample.up, sample.weights) - before
            table[:, column] = own
        return rises / _PERMUTATIONS


def _table(sample: Sample, columns: NDArray[np.int64]) -> Matrix32:
    return np.ascontiguousarray(sample.values[columns].T)


def log_loss(probabilities: NDArray[np.float64], up: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Return the weighted mean of −ln of the probability given to the outcome; certainty is capped at 1e−6 from 0
    and 1.

    Example:
        >>> round(log_loss(np.array([0.5, 0.25]), np.array([True, False]), np.ones(2)), 6)
        0.490415
    """
    given = np.clip(np.where(up, probabilities, 1.0 - probabilities), _SURE, 1.0 - _SURE)
    return float(-np.sum(weights * np.log(given)) / np.sum(weights))
