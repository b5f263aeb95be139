"""A feature that tells the future too well is taken for one that sees it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import area_under_curve
from quaestor.errors import DataError
from quaestor.jit.tables import Matrix


def areas(x: Matrix, up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each feature: float64 (f,)."""
    return np.array([area_under_curve(series, up) for series in x])


def check_leakage(dataset: Dataset, names: Sequence[str], suspicion: float) -> None:
    """Refuse to learn from a feature that alone tells outcomes better than markets let anything tell them.

    Raises:
        DataError: naming the feature and how well it tells them.
    """
    found = areas(dataset.x, dataset.up)
    worst = int(np.argmax(np.abs(found - 0.5)))
    if abs(found[worst] - 0.5) > suspicion:
        raise DataError(
            f"tells the outcome alone with an area under the curve of {found[worst]:.2f}; nothing honest does",
            place=f"feature {names[worst]}",
            remedy="look for the future in it with 'quaestor features check', or raise the suspicion",
        )
