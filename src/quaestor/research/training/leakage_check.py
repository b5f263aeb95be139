"""Leakage check: refuses a feature that alone predicts the outcome too well."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import area_under_curve
from quaestor.errors import DataError
from quaestor.jit.tables import Matrix


def areas(x: Matrix, up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the area under the curve of each feature alone, float64 (f,)."""
    return np.array([area_under_curve(series, up) for series in x])


def check_leakage(dataset: Dataset, names: Sequence[str], suspicion: float) -> None:
    """Refuse to train on a feature that alone predicts outcomes better than any honest one can.

    Raises:
        DataError: such a feature, by name, with its area under the curve.
    """
    found = areas(dataset.x, dataset.up)
    worst = int(np.argmax(np.abs(found - 0.5)))
    if abs(found[worst] - 0.5) > suspicion:
        raise DataError(
            f"predicts the outcome alone with an area under the curve of {found[worst]:.2f}; nothing honest does",
            place=f"feature {names[worst]}",
            remedy="look for the future in it with 'quaestor features check', or raise the suspicion",
        )
