"""Feature bank: evaluates any number of features chosen at run time, without compiling anything for the choice.

A plan writes its parameters into generated code, which suits the few features of a strategy. The bank calls every
definition's kernel by itself with its parameters as data, over a chunk of rows, on several threads: kernels release
the global interpreter lock and all threads share the arrays. Values are those of a plan to the last bit.

A kernel is compiled for a layout of its state. All evaluations of a definition share the layout of the longest.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import N_COLUMNS
from quaestor.features.catalog import CATALOG
from quaestor.features.evaluation import Evaluation, arrange
from quaestor.features.feature import Feature, FeatureInstance
from quaestor.features.frame import FrameBuilder, check_frame
from quaestor.jit.tables import Matrix, Table

Stamps = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _RunningEvaluation:
    """Evaluation with its parameters and state."""

    evaluation: Evaluation
    params: Table
    state: Table

    def advance(self, ts: Stamps, columns: Matrix, out: Matrix) -> None:
        feature = self.evaluation.instance.feature
        stamps = (ts,) if feature.timed else ()
        parts = (out[source] for source in self.evaluation.sources)
        rows = out[self.evaluation.rows]
        feature.advance(self.state, self.params, *stamps, columns, *parts, rows, 0, len(ts))


class FeatureBank:
    """Features of one instrument, evaluated chunk by chunk.

    Args:
        requested: any number of instances, on any timeframes.
        interval_ns: length of a row; required when an instance has a timeframe.
        catalog: definitions in which parts are looked up.

    Raises:
        ConfigError: the rows cannot build a timeframe.
    """

    def __init__(
        self, requested: Sequence[FeatureInstance], *, interval_ns: int = 0, catalog: Sequence[Feature] = CATALOG
    ) -> None:
        requested = [instance.on_interval(interval_ns) for instance in requested]
        arrangement = arrange(requested, catalog)
        self.names = tuple(arrangement.names)
        self.n_requested = len(requested)
        self._copies = arrangement.copies
        self._waves = _waves(arrangement.evaluations)
        self._frames: list[tuple[list[int], FrameBuilder, FeatureBank]] = []
        for frame_ns in sorted({instance.frame_ns for instance in requested} - {0}):
            rows = [row for row, instance in enumerate(requested) if instance.frame_ns == frame_ns]
            check_frame(frame_ns, interval_ns, place=f"feature {requested[rows[0]].name}")
            inner = FeatureBank([requested[row].on_rows() for row in rows], interval_ns=frame_ns, catalog=catalog)
            arrangement.inputs.update(range(N_COLUMNS), inner.inputs)
            self._frames.append((rows, FrameBuilder(inner.n_columns, len(rows), interval_ns, frame_ns), inner))
        self.inputs: tuple[int, ...] = tuple(sorted(arrangement.inputs))

    @property
    def n_columns(self) -> int:
        """Number of rows that the market matrix must have."""
        return max((N_COLUMNS, *(row + 1 for row in self.inputs)))

    def advance(self, ts: Stamps, columns: Matrix, *, threads: int = 1) -> Matrix:
        """Return the features of the next rows: float64 (n_outputs, n), the requested ones first; NaN during warm-up.

        Args:
            ts: time stamps, int64 ns UTC (n,), later than those of the previous call.
            columns: float64 (m, n), C order.
            threads: number of worker threads; the values do not depend on it.
        """
        with ExitStack() as stack:
            executor = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
            return self._advance(ts, columns, executor)

    def _advance(self, ts: Stamps, columns: Matrix, executor: Executor | None) -> Matrix:
        out = np.empty((len(self.names), len(ts)))

        def work(running: _RunningEvaluation) -> None:
            running.advance(ts, columns, out)

        for wave in self._waves:
            for _ in map(work, wave) if executor is None else executor.map(work, wave):
                pass
        for row, source in self._copies:
            out[row] = out[source]
        for rows, builder, inner in self._frames:
            closed_ts, closed_columns, last = builder.advance(ts, columns)
            out[rows] = builder.hold(inner._advance(closed_ts, closed_columns, executor), last)
        return out


def _waves(evaluations: Sequence[Evaluation]) -> list[list[_RunningEvaluation]]:
    """Return evaluations in groups: those of a group depend only on earlier groups."""
    longest: dict[str, tuple[float, ...]] = {}
    for evaluation in evaluations:
        instance = evaluation.instance
        known = longest.get(instance.feature.name, instance.values)
        longest[instance.feature.name] = tuple(max(pair) for pair in zip(known, instance.values, strict=True))
    waves: list[list[_RunningEvaluation]] = []
    wave_of_row: dict[int, int] = {}
    for evaluation in evaluations:
        instance = evaluation.instance
        wave = max((wave_of_row[source] + 1 for source in evaluation.sources), default=0)
        wave_of_row.update(dict.fromkeys(range(evaluation.rows.start, evaluation.rows.stop), wave))
        state = np.zeros(1, instance.feature.state_dtype(*longest[instance.feature.name]))
        if wave == len(waves):
            waves.append([])
        waves[wave].append(_RunningEvaluation(evaluation, instance.params(), state))
    return waves
