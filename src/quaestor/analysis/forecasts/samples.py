"""Labelled samples: features, outcomes, and the uniqueness of each outcome."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.labels import Barrier, triple_barrier, uniqueness
from quaestor.jit.tables import Matrix

#: The volatility that barriers are multiples of: of one bar, as a fraction.
VOLATILITY = "volatility_100"


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Samples: s labelled rows of f features.

    Attributes:
        rows: int64 (s,), ascending, positions among the bars; `ends`: int64 (s,), the last row each label has read.
        x: float64 (f, s), features as computed, all finite.
        up: bool (s,), whether the return to the barrier was above 0; `change`: float64 (s,), that return.
        width: float64 (s,), expected move until the time is up: volatility · √rows, as a fraction of the price.
        own: float64 (s,), uniqueness of each label, in (0, 1]: its weight, and their sum the effective number.
    """

    rows: NDArray[np.int64]
    ends: NDArray[np.int64]
    x: Matrix
    up: NDArray[np.bool_]
    change: NDArray[np.float64]
    width: NDArray[np.float64]
    own: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def samples(self) -> NDArray[np.float32]:
        """Return the features as libraries take them: float32 (s, f)."""
        return np.ascontiguousarray(self.x.T, dtype=np.float32)

    def take(self, positions: NDArray[np.int64] | NDArray[np.bool_]) -> "Dataset":
        """Return some of the samples."""
        return Dataset(
            self.rows[positions],
            self.ends[positions],
            np.ascontiguousarray(self.x[:, positions]),
            self.up[positions],
            self.change[positions],
            self.width[positions],
            self.own[positions],
        )


def label_rows(columns: Matrix, x: Matrix, volatility: NDArray[np.float64], barrier: Barrier) -> Dataset:
    """Return every row whose features are all defined and whose outcome is known.

    Args:
        columns: float64 (m, n), the market matrix.
        x: float64 (f, n), the features.
        volatility: float64 (n,), deviation of the return of one row.
        barrier: around the entry.
    """
    labels = triple_barrier(columns, volatility, barrier)
    rows = np.flatnonzero(labels.known & np.isfinite(x).all(axis=0))
    width = volatility[rows] * np.sqrt(float(barrier.rows))
    change, ends = labels.change[rows], labels.end[rows]
    return Dataset(rows, ends, np.ascontiguousarray(x[:, rows]), change > 0.0, change, width, uniqueness(rows, ends))
