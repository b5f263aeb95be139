"""A bank: a thousand features and more, chosen at run time, without compiling anything for the choice.

A plan writes its parameters into generated code, which suits the few features of a strategy. Here every definition's
kernel is called by itself with its parameters as data, over a chunk of rows, on several threads: kernels hold no lock
and all threads see the same arrays. Values are those of a plan to the last bit.

A kernel is compiled for a layout of its state. All evaluations of a definition share the one that fits the longest.
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
class _Running:
    """An evaluation and its memory."""

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
    """Features of one instrument, fed chunk by chunk.

    Args:
        wanted: any number of instances, on any timeframes.
        interval_ns: length of the rows; needed when there are timeframes.
        catalog: where parts are looked up.

    Raises:
        ConfigError: a timeframe that the rows cannot build.
    """

    def __init__(
        self, wanted: Sequence[FeatureInstance], *, interval_ns: int = 0, catalog: Sequence[Feature] = CATALOG
    ) -> None:
        wanted = [instance.on_interval(interval_ns) for instance in wanted]
        arrangement = arrange(wanted, catalog)
        self.names = tuple(arrangement.names)
        self.n_requested = len(wanted)
        self._copies = arrangement.copies
        self._waves = _waves(arrangement.evaluations)
        self._frames: list[tuple[list[int], FrameBuilder, FeatureBank]] = []
        for frame_ns in sorted({instance.frame_ns for instance in wanted} - {0}):
            rows = [row for row, instance in enumerate(wanted) if instance.frame_ns == frame_ns]
            check_frame(frame_ns, interval_ns, place=f"feature {wanted[rows[0]].name}")
            inner = FeatureBank([wanted[row].on_rows() for row in rows], interval_ns=frame_ns, catalog=catalog)
            arrangement.inputs.update(range(N_COLUMNS), inner.inputs)
            self._frames.append((rows, FrameBuilder(inner.n_columns, len(rows), interval_ns, frame_ns), inner))
        self.inputs: tuple[int, ...] = tuple(sorted(arrangement.inputs))

    @property
    def n_columns(self) -> int:
        """Rows that the market matrix must have."""
        return max((N_COLUMNS, *(row + 1 for row in self.inputs)))

    def advance(self, ts: Stamps, columns: Matrix, *, threads: int = 1) -> Matrix:
        """The next rows: float64 (n_outputs, n), the requested features first; NaN during warm-up.

        Args:
            ts: stamps, int64 ns UTC (n,), following on those of the call before.
            columns: float64 (m, n), C order.
            threads: how many work at it; the values do not depend on it.
        """
        with ExitStack() as stack:
            executor = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
            return self._advance(ts, columns, executor)

    def _advance(self, ts: Stamps, columns: Matrix, executor: Executor | None) -> Matrix:
        out = np.empty((len(self.names), len(ts)))

        def work(running: _Running) -> None:
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


def _waves(evaluations: Sequence[Evaluation]) -> list[list[_Running]]:
    """Evaluations in groups: those of a group need only what earlier groups have computed."""
    longest: dict[str, tuple[float, ...]] = {}
    for evaluation in evaluations:
        instance = evaluation.instance
        known = longest.get(instance.feature.name, instance.values)
        longest[instance.feature.name] = tuple(max(pair) for pair in zip(known, instance.values, strict=True))
    waves: list[list[_Running]] = []
    wave_of_row: dict[int, int] = {}
    for evaluation in evaluations:
        instance = evaluation.instance
        wave = max((wave_of_row[source] + 1 for source in evaluation.sources), default=0)
        wave_of_row.update(dict.fromkeys(range(evaluation.rows.start, evaluation.rows.stop), wave))
        state = np.zeros(1, instance.feature.state_dtype(*longest[instance.feature.name]))
        if wave == len(waves):
            waves.append([])
        waves[wave].append(_Running(evaluation, instance.params(), state))
    return waves
