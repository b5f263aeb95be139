"""Labelled rows to learn from: features, outcomes, and how much of each outcome is its own."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market import Bars
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan, require_inputs
from quaestor.kernels.chain import Matrix
from quaestor.research.labels import Barrier, triple_barrier, uniqueness
from quaestor.research.training.settings import TrainingSettings

#: The volatility that barriers are multiples of: of one bar, as a fraction.
VOLATILITY = "volatility_100"
#: Fewest samples of each outcome from which anything is learned.
FEWEST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """s labelled rows of f features.

    Attributes:
        rows: int64 (s,), ascending, positions among the bars; `ends`: int64 (s,), the last row each label has seen.
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
        """Features as libraries take them: float32 (s, f)."""
        return np.ascontiguousarray(self.x.T, dtype=np.float32)

    def take(self, positions: NDArray[np.int64] | NDArray[np.bool_]) -> "Dataset":
        """Some of its samples."""
        return Dataset(
            self.rows[positions],
            self.ends[positions],
            np.ascontiguousarray(self.x[:, positions]),
            self.up[positions],
            self.change[positions],
            self.width[positions],
            self.own[positions],
        )


def make_dataset(bars: Bars, settings: TrainingSettings) -> Dataset:
    """Label the bars of a training period, and compute its features.

    Raises:
        DataError: the bars lack what a feature needs, or give too few samples of either outcome.
    """
    plan = make_plan([*settings.features, VOLATILITY], interval_ns=bars.interval_ns)
    require_inputs(plan, bars.columns, bars.symbol)
    values = compute(plan, bars.columns, ts=bars.ts)
    count = len(settings.features)
    dataset = label_rows(bars.columns, values[:count], values[count], settings.barrier)
    step = -(-len(dataset) // settings.samples_max) if len(dataset) else 1
    thinned = dataset.take(np.arange(0, len(dataset), step))
    _require_both_outcomes(thinned, bars.symbol)
    return replace(thinned, own=uniqueness(thinned.rows, thinned.ends))


def label_rows(columns: Matrix, x: Matrix, volatility: NDArray[np.float64], barrier: Barrier) -> Dataset:
    """Every row whose features are all there and whose outcome is known.

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


def _require_both_outcomes(dataset: Dataset, place: str) -> None:
    ups = int(dataset.up.sum())
    if min(ups, len(dataset) - ups) < FEWEST:
        raise DataError(
            f"{ups} labelled bars end higher and {len(dataset) - ups} lower; {FEWEST} of each are needed",
            place=place,
            remedy="give more data, or barriers of fewer rows",
        )
