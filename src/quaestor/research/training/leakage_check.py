"""Leakage check: refuses a feature that alone predicts the outcome too well."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.samples import Dataset
from quaestor.analysis.forecasts.skill import area_under_curve, mean_ranks
from quaestor.errors import DataError
from quaestor.jit.tables import Matrix

#: Standard deviations of luck that an area may lie away from ½. On hours of ten symbols, in pieces of two months, 3
#: refuse honest features and 4 none.
_LUCK = 4.0


def areas(x: Matrix, up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the area under the curve of each feature alone, float64 (f,)."""
    return np.array([area_under_curve(series, up) for series in x])


def check_leakage(dataset: Dataset, names: Sequence[str], suspicion: float) -> None:
    """Refuse to train on a feature that alone predicts outcomes better than any honest one can.

    An area under the curve is refused when it is further from ½ than `suspicion` and than luck explains. A feature that
    changes slowly meets few independent outcomes in a short period, and there misses ½ by far without knowing anything.

    Raises:
        DataError: such a feature, by name, with its area under the curve.
    """
    found = areas(dataset.x, dataset.up)
    bounds = np.maximum(suspicion, _LUCK * np.array([luck(series, dataset) for series in dataset.x]))
    excess = np.abs(found - 0.5) - bounds
    worst = int(np.argmax(excess))
    if excess[worst] > 0.0:
        raise DataError(
            f"predicts the outcome alone with an area under the curve of {found[worst]:.2f}; "
            f"on {len(dataset)} samples nothing honest is further than {bounds[worst]:.2f} from 0.5",
            place=f"feature {names[worst]}",
            remedy="look for the future in it with 'quaestor features check', or train with a larger 'suspicion'",
        )


def luck(series: NDArray[np.float64], dataset: Dataset) -> float:
    """Return the standard deviation of the area under the curve of a feature that knows nothing of the outcomes.

    It is found by shifting the outcomes against the feature, around the end, by every number of samples at which no
    outcome overlaps its own: both keep the dependence that each has on its past. Infinite where all outcomes overlap.
    """
    count = len(dataset)
    overlap = int((np.searchsorted(dataset.rows, dataset.ends) - 1 - np.arange(count)).max())
    apart = _shifted_excess(series, dataset.up)[overlap + 1 : count - overlap]
    return float(np.sqrt(np.mean(apart**2))) if len(apart) else float("inf")


def _shifted_excess(series: NDArray[np.float64], up: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far the area under the curve lies above ½ at every shift of the outcomes, float64 (s,)."""
    ranks = mean_ranks(series)
    product = np.conj(np.fft.rfft(ranks - ranks.mean())) * np.fft.rfft(up.astype(np.float64))
    ups = int(up.sum())
    excess: NDArray[np.float64] = np.fft.irfft(product, len(up)) / (ups * (len(up) - ups))
    return excess
