"""Local linear fit: a straight line that approximates a model around one row (LIME).

Rows are drawn around the one that is explained, the model predicts each, and a weighted ridge regression of its
predictions on the rows is the line. Only predictions of the model are used, so it may be of any kind, or many
together. The same row, seed and predictions give the same line, bit for bit.

The line is not the model: R² is the share of the predictions around the row that it accounts for, and its errors are
those of the random draw of rows. Features are drawn one by one, each alone: where they move together in the market,
many of the rows drawn could not happen there, and the predictions of those count like the rest.

Source: Ribeiro, Singh and Guestrin (2016), "Why Should I Trust You?": Explaining the Predictions of Any Classifier;
its own choices of kernel, width and ridge. The errors are White's (1980), for squares that are not even.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.jit.tables import Matrix
from quaestor.research.training.models.contract import Rows

#: Rows that are drawn.
SAMPLES = 5_000
#: Width of the kernel that weighs them, times √(number of features).
_WIDTH = 0.75
_RIDGE = 1.0
_PLACE = "explanation"


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Straight line for each of `t` predictions.

    Attributes:
        base: float64 (t,), the line where every feature is 0: at its training mean.
        slopes: float64 (t, F), by how much it rises with a feature.
        errors: float64 (t, F), standard errors of the slopes, from the rows being drawn at random.
        r2: float64 (t,), share of the variance of the predictions that it accounts for, weighed as it was fitted; NaN
            where all predictions are the same.
        samples: rows that were drawn.
    """

    base: NDArray[np.float64]
    slopes: Matrix
    errors: Matrix
    r2: NDArray[np.float64]
    samples: int


def fit_lines(predict: Callable[[Rows], Matrix], x: NDArray[np.float64], seed: int, *, samples: int = SAMPLES) -> Lines:
    """Return the straight lines that fit a model's predictions around a row.

    Args:
        predict: returns finite predictions, float64 (t, s), of scaled rows, float32 (s, F).
        x: float64 (F,), the row, scaled: rows around it are drawn with the deviation 1 that features had in training.
        seed: of the drawing.
        samples: rows to draw.

    Raises:
        ConfigError: scikit-learn or threadpoolctl is not installed.
    """
    linear = load_extra("sklearn.linear_model", place=_PLACE)
    threads = load_extra("threadpoolctl", place=_PLACE)
    away = np.random.default_rng(seed).standard_normal((samples, len(x)))
    rows = (x + away).astype(np.float32)
    raw_predictions = predict(rows).T
    weights = _kernel(away)
    with threads.threadpool_limits(limits=1):  # sums in one order, so that they have the same bits everywhere
        ridge = linear.Ridge(alpha=_RIDGE, solver="cholesky").fit(rows.astype(np.float64), raw_predictions, weights)
        base, slopes = ridge.intercept_.reshape(-1), ridge.coef_.reshape(-1, len(x))  # fewer axes for one prediction
        left = raw_predictions - (base + rows @ slopes.T)
        errors = _errors(rows - weights @ rows / weights.sum(), left, weights)
        spread = weights @ (raw_predictions - weights @ raw_predictions / weights.sum()) ** 2
        unexplained = weights @ left**2
    varies = np.ptp(raw_predictions, axis=0) > 0.0
    r2 = np.where(varies, 1.0 - unexplained / np.where(varies, spread, 1.0), np.nan)
    return Lines(base, slopes, errors, r2, samples)


def _kernel(away: Matrix) -> NDArray[np.float64]:
    """Return weights of rows by their distance: √exp(−d² / w²)."""
    width = _WIDTH * np.sqrt(away.shape[1])
    weights: NDArray[np.float64] = np.sqrt(np.exp(-np.sum(away**2, axis=1) / width**2))
    return weights


def _errors(centred: Matrix, left: Matrix, weights: NDArray[np.float64]) -> Matrix:
    """Return standard errors, float64 (t, F), from what the lines leave unexplained, float64 (s, t)."""
    pulled = weights[:, None] * centred
    inverse = np.linalg.inv(centred.T @ pulled + _RIDGE * np.eye(centred.shape[1]))
    spreads = ((pulled @ inverse) ** 2).T @ left**2
    errors: Matrix = np.sqrt(spreads).T
    return errors
