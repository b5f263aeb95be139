"""Predictions of trained models for rows of features."""

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.models.contract import Family, Link
from quaestor.brain.models.linear import linear_sum
from quaestor.brain.models.trees import tree_sum
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import logistic


@kernel
def predict(model: Row, nodes: Table, x: NDArray[np.float64]) -> float:
    """Return the raw probability of *up* in [0, 1] by a linear model or a sum of trees for one row.

    NaN where a feature is missing or infinite, and for a model of another family, which is evaluated elsewhere.

    Args:
        model: one row of `contract.model_dtype`.
        nodes: the table of `contract.NODE` that it points into.
        x: float64 (F,), scaled and rounded to float32.
    """
    for f in range(len(x)):
        if not abs(x[f]) < np.inf:
            return np.nan
    if model["family"] == Family.TREES:
        total = tree_sum(model, nodes, x)
    elif model["family"] == Family.LINEAR:
        total = linear_sum(model, x)
    else:
        return np.nan
    return logistic(total) if model["link"] == Link.LOGISTIC else min(max(total, 0.0), 1.0)


@kernel
def predict_rows(models: Table, nodes: Table, rows: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write each model's prediction for rows i … n−1, with the same bits as `predict` row by row.

    Args:
        models: (m,), of `contract.model_dtype`.
        nodes: the table of `contract.NODE` that they share.
        rows: float64 (F, N), a row a feature, scaled and rounded to float32.
        out: float64 (m, N), written; see `predict`.
        i: first row.
        n: row after the last.
    """
    for k in range(i, n):
        for j in range(len(models)):
            out[j, k] = predict(models[j], nodes, rows[:, k])
