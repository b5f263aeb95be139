"""Candidate samples: values of candidates and labels at sampled rows of the training period, in bounded memory."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.labels import Barrier, Labels, fixed_horizon, triple_barrier, uniqueness
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import column_name
from quaestor.errors import DataError
from quaestor.features.bank import FeatureBank
from quaestor.features.catalog import parse_feature
from quaestor.features.feature import FeatureInstance
from quaestor.ports.progress import Progress
from quaestor.research.selection.ranks import centred_ranks
from quaestor.research.selection.settings import SelectionSettings

#: Rows that are computed at once: bounds the memory of a thousand features.
CHUNK_ROWS = 4_096
#: Most samples that are kept, and fewest that a selection needs.
SAMPLES_MAX = 20_000
SAMPLES_MIN = 200
#: The volatility that barriers are multiples of.
VOLATILITY = "volatility_100"

_MISSING_MAX = 0.2
_RARE = 0.01
_DRIFT_MAX = 0.5
_DRIFT_BLOCKS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Candidates and labels at s rows.

    Attributes:
        names: of the c candidates.
        values: float32 (c, s), NaN where a candidate has no value.
        rows: int64 (s,), ascending; `ends`: int64 (s,), the last row that each label has read.
        up: bool (s,), whether the return of the label is above 0.
        weights: float64 (s,), uniqueness of each label, mean 1.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    rows: NDArray[np.int64]
    ends: NDArray[np.int64]
    up: NDArray[np.bool_]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: NDArray[np.int64]) -> "Sample":
        """Return some of the samples."""
        return Sample(
            names=self.names,
            values=self.values[:, positions],
            rows=self.rows[positions],
            ends=self.ends[positions],
            up=self.up[positions],
            weights=self.weights[positions],
        )


@dataclass(frozen=True, slots=True)
class Dropped:
    """Candidates that were left out before any label was looked at, and why."""

    reason: str
    names: tuple[str, ...]


def training_part(bars: Bars, test_share: float) -> Bars:
    """Return the bars without the last part, as if that had never been recorded.

    Raises:
        DataError: nothing is left.
    """
    kept = len(bars) - int(np.ceil(len(bars) * test_share))
    if kept < 1:
        raise DataError(f"{len(bars)} bars leave none to train on", place=bars.symbol, remedy="give more data")
    return bars.part(0, kept)


def known_columns(bars: Bars) -> list[int]:
    """Return the rows of the market matrix that hold anything."""
    return [row for row, series in enumerate(bars.columns) if np.isfinite(series).any()]


def step_rows(bars: Bars, settings: SelectionSettings) -> int:
    """Return the rows from one sample to the next."""
    return settings.step_rows or max(settings.horizon_rows, -(-len(bars) // SAMPLES_MAX))


def label(bars: Bars, horizon: int | Barrier) -> Labels:
    """Return the labels of every row."""
    if not isinstance(horizon, Barrier):
        return fixed_horizon(bars.columns, horizon)
    volatility = FeatureBank([parse_feature(VOLATILITY)]).advance(bars.ts, bars.columns)
    return triple_barrier(bars.columns, volatility[0], horizon)


def gather(
    bars: Bars, requested: Sequence[FeatureInstance], settings: SelectionSettings, progress: Progress
) -> tuple[Sample, list[Dropped]]:
    """Compute candidates over all bars and keep the sampled rows of those that can be used.

    Args:
        bars: of the training period.
        requested: the candidates.
        settings: see `SelectionSettings`.
        progress: receives a stage before each chunk.

    Raises:
        DataError: too few rows, a label that is always the same, or a candidate that needs what the bars lack.
        ConfigError: a timeframe that the rows cannot build.
    """
    labels = label(bars, settings.horizon)
    rows = np.flatnonzero(labels.known)[:: step_rows(bars, settings)]
    if len(rows) < SAMPLES_MIN:
        raise DataError(
            f"{len(rows)} labelled samples, {SAMPLES_MIN} needed",
            place=bars.symbol,
            remedy="give more data, a shorter horizon or a shorter step",
        )
    up = labels.change[rows] > 0.0
    if up.all() or not up.any():
        raise DataError("every label is the same", place=bars.symbol, remedy="give data that moves both ways")
    ends = labels.end[rows]
    own = uniqueness(rows, ends)
    names = tuple(instance.name for instance in requested)
    values = _values(bars, requested, rows, progress)
    sample = Sample(names, values, rows, ends, up, own / own.mean())
    return _without_useless(sample)


def _values(
    bars: Bars, requested: Sequence[FeatureInstance], rows: NDArray[np.int64], progress: Progress
) -> NDArray[np.float32]:
    bank = FeatureBank(requested, interval_ns=bars.interval_ns)
    lacking = sorted(set(bank.inputs) - set(known_columns(bars)))
    if lacking:
        raise DataError(
            f"candidates need {', '.join(map(column_name, lacking))}, which the data does not hold",
            place=bars.symbol,
            remedy="leave them out, or give data with those columns",
        )
    values = np.empty((len(requested), len(rows)), np.float32)
    for i in range(0, len(bars), CHUNK_ROWS):
        progress.describe("computing candidates")
        n = min(i + CHUNK_ROWS, len(bars))
        chunk = bank.advance(
            bars.ts[i:n], np.ascontiguousarray(bars.columns[:, i:n]), threads=min(4, os.cpu_count() or 1)
        )
        first, last = np.searchsorted(rows, (i, n))
        with np.errstate(over="ignore"):
            values[:, first:last] = chunk[: len(requested), rows[first:last] - i]
    values[~np.isfinite(values)] = np.nan
    return values


def _without_useless(sample: Sample) -> tuple[Sample, list[Dropped]]:
    """Leave out candidates that are often missing, hardly ever differ from their usual value, or give away the date."""
    reasons = np.array([_reason(series) for series in sample.values], dtype="<U60")
    reasons[(reasons == "") & (_drifts(sample.values) > _DRIFT_MAX)] = "level that gives away the date"
    dropped = [
        Dropped(str(reason), tuple(sample.names[k] for k in np.flatnonzero(reasons == reason)))
        for reason in np.unique(reasons[reasons != ""])
    ]
    kept = np.flatnonzero(reasons == "")
    if not len(kept):
        why = "; ".join(f"{len(group.names)} {group.reason}" for group in dropped)
        raise DataError(f"no candidate can be used: {why}", place="candidates", remedy="give more data")
    names = tuple(sample.names[k] for k in kept)
    return replace(sample, names=names, values=sample.values[kept]), dropped


def _reason(series: NDArray[np.float32]) -> str:
    there = series[~np.isnan(series)]
    if len(there) < (1.0 - _MISSING_MAX) * len(series):
        return f"missing in more than {_MISSING_MAX:.0%} of the samples"
    differing = np.count_nonzero(there != np.median(there))
    if differing == 0:
        return "constant"
    return f"differs from its usual value in fewer than {_RARE:.0%}" if differing < _RARE * len(there) else ""


def _drifts(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the share of the variance of each candidate's ranks that lies between blocks of time, in [0, 1].

    A model can read the date off a price level and fit how each month went, which does not hold for the next.
    """
    ranks = centred_ranks(values).astype(np.float64)
    blocks = np.array_split(ranks, _DRIFT_BLOCKS, axis=1)
    between = sum(block.sum(axis=1) ** 2 / block.shape[1] for block in blocks)
    total = np.einsum("cs,cs->c", ranks, ranks)
    share: NDArray[np.float64] = between / np.maximum(total, 1.0)
    return share
