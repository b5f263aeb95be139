"""Fused plans: a chosen set of features in one compiled call, the same for all rows at once and for one at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import N_COLUMNS, column_name
from quaestor.errors import ConfigError, DataError
from quaestor.features.catalog import CATALOG
from quaestor.features.evaluation import Evaluation, arrange
from quaestor.features.feature import Feature, FeatureInstance, parse_instance
from quaestor.features.frame import check_frame, frame_link, rows_until_first
from quaestor.features.interpreted import append_interpreted, require_compiled, split_copies
from quaestor.jit.chain import Chain, Link, chain_kernels, copy_series
from quaestor.jit.tables import Matrix, Table

Stamps = NDArray[np.int64]

_SIGNATURE = ("ts", "columns", "out", "i", "n")
_ROWS_NAMED = 8  # in a message


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """A compiled set of features.

    Rows of the output are the requested features in their order, then the outputs that came along unrequested (a
    feature with three outputs is computed whole, and so are the parts that it is built on). What is needed twice, by
    name, through several of its outputs or as a part, is computed once.
    """

    requested: tuple[FeatureInstance, ...]
    instances: tuple[FeatureInstance, ...]  # one for each evaluation, in the order in which they run
    names: tuple[str, ...]  # canonical name of each output row
    inputs: tuple[int, ...]  # rows of the market matrix that are read, ascending
    warmup: int  # rows until every feature is defined; with a timeframe, at most so many when no bar is missing
    chain: Chain
    #: ``advance(state, ts, columns, out, i, n)``: rows i … n−1 of `columns` (m, N), stamped `ts` (int64 ns UTC, N),
    #: into `out` (n_outputs, N), one call.
    advance: Callable[[Table, Stamps, Matrix, Matrix, int, int], None]

    @property
    def n_outputs(self) -> int:
        """Rows that `out` must have."""
        return len(self.names)

    @property
    def interpreted(self) -> tuple[str, ...]:
        """Evaluations that run as plain Python after the compiled call, which then is no kernel."""
        return tuple(instance.stem for instance in self.instances if instance.feature.interpreted)

    @property
    def n_requested(self) -> int:
        """Leading rows of `out` that were asked for."""
        return len(self.requested)

    @property
    def needs_time(self) -> bool:
        """Whether values depend on the stamps of the rows."""
        return any(instance.frame_ns or instance.feature.timed for instance in self.instances)

    @property
    def n_columns(self) -> int:
        """Rows that the market matrix must have."""
        return max(N_COLUMNS, *(row + 1 for row in self.inputs), 0)

    def new_state(self) -> Table:
        """A fresh state: one element; its bytes are all that a restart needs."""
        return self.chain.new_state()


def make_plan(
    requested: Sequence[str | FeatureInstance], *, interval_ns: int = 0, catalog: Sequence[Feature] = CATALOG
) -> FeaturePlan:
    """The plan of some features, by canonical name or instance.

    Args:
        requested: such as ``rsi_14``, ``macd_12_26_9.hist``, ``atr_14@1h``, ``atr_14@4x``.
        interval_ns: length of the rows; needed by features with a timeframe.
        catalog: the features that names stand for.

    Raises:
        UnknownNameError, ConfigError: see `feature.parse_instance`; a timeframe that the rows cannot build.

    Example:
        >>> plan = make_plan(["macd_12_26_9.hist", "ema_20", "macd_12_26_9"])
        >>> plan.names
        ('macd_12_26_9.hist', 'ema_20', 'macd_12_26_9', 'macd_12_26_9', 'macd_12_26_9.signal', 'macd_12_26_9.hist')
        >>> [instance.stem for instance in plan.instances], plan.n_requested
        (['macd_12_26_9', 'ema_20'], 3)
    """
    named = [parse_instance(item, catalog) if isinstance(item, str) else item for item in requested]
    wanted = tuple(instance.on_interval(interval_ns) for instance in named)
    arrangement = arrange(wanted, catalog)
    compiled = [each for each in arrangement.evaluations if not each.instance.feature.interpreted]
    plain = [each for each in arrangement.evaluations if each.instance.feature.interpreted]
    require_compiled(compiled, plain)
    links = [_link(evaluation) for evaluation in compiled]
    instances = [evaluation.instance for evaluation in arrangement.evaluations]
    warmups = [instance.warmup for instance in instances]
    for frame_ns in sorted({instance.frame_ns for instance in wanted} - {0}):
        rows = [row for row, instance in enumerate(wanted) if instance.frame_ns == frame_ns]
        check_frame(frame_ns, interval_ns, place=f"feature {wanted[rows[0]].name}")
        inner = make_plan([wanted[row].on_rows() for row in rows], interval_ns=frame_ns, catalog=catalog)
        if inner.interpreted:
            raise ConfigError(
                "runs interpreted, and so only on the rows as they come",
                place=f"feature {inner.interpreted[0]}",
                remedy="leave out the part from @",
            )
        links.append(frame_link(inner.chain, inner.n_outputs, inner.n_columns, interval_ns, frame_ns, rows))
        arrangement.inputs.update(range(N_COLUMNS), inner.inputs)
        instances += [replace(instance, frame_ns=frame_ns) for instance in inner.instances]
        warmups.append(rows_until_first(inner.warmup, interval_ns, frame_ns))
    early, late = split_copies(arrangement.copies, plain)
    links += [Link(copy_series, ("out", str(row), "out", str(source), "i", "n")) for row, source in early]
    inputs = tuple(sorted(arrangement.inputs))
    needed = [("columns", max(inputs) + 1)] if inputs else []
    chain = chain_kernels("features", links, _SIGNATURE, [*needed, ("out", len(arrangement.names))])
    if plain:
        chain = append_interpreted(chain, plain, late)
    names = tuple(arrangement.names)
    return FeaturePlan(wanted, tuple(instances), names, inputs, max(warmups, default=0), chain, chain.advance)


def _link(evaluation: Evaluation) -> Link:
    instance, rows = evaluation.instance, evaluation.rows
    stamps = ["ts"] if instance.feature.timed else []
    parts = [f"out[{source}]" for source in evaluation.sources]
    arguments = (*stamps, "columns", *parts, f"out[{rows.start}:{rows.stop}]", "i", "n")
    return Link(instance.feature.advance, arguments, instance.state_dtype, instance.params())


def require_inputs(plan: FeaturePlan, columns: Matrix, place: str) -> None:
    """Refuse data that lacks what a plan reads.

    Raises:
        DataError: naming a feature, and the rows that it lacks.
    """
    missing = [row for row in plan.inputs if row >= len(columns) or (columns.shape[1] and not _known(columns[row]))]
    if missing:
        first = next(instance for instance in plan.instances if missing[0] in _rows_read(instance))
        lacking = [column_name(row) for row in missing if row in _rows_read(first)]
        more = f" and {len(lacking) - _ROWS_NAMED} more" if len(lacking) > _ROWS_NAMED else ""
        raise DataError(
            f"{first.name} needs {', '.join(lacking[:_ROWS_NAMED])}{more}, which the data does not hold",
            place=place,
            remedy="leave the feature out, or give data with those columns",
        )


def _rows_read(instance: FeatureInstance) -> tuple[int, ...]:
    """Rows that its values depend on: bars of a timeframe are built of whole bars."""
    return (*range(N_COLUMNS), *instance.inputs) if instance.frame_ns else instance.inputs


def _known(series: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(series[:1]).any() or np.isfinite(series).any())


def compute(plan: FeaturePlan, columns: Matrix, out: Matrix | None = None, *, ts: Stamps | None = None) -> Matrix:
    """All rows at once: float64 (n_outputs, N), NaN during warm-up; into `out` when it is given.

    Args:
        plan: what to compute.
        columns: float64 (m, N), rows by `domain.market_matrix.Column`.
        out: float64 (n_outputs, N).
        ts: stamps of the rows, int64 ns UTC (N,); may be left out when nothing depends on time.

    Raises:
        ConfigError: no stamps for a plan that needs them.
    """
    if ts is None and plan.needs_time:
        raise ConfigError("features that depend on time were given no stamps", place="features", remedy="pass ts")
    n = columns.shape[1]
    result = np.empty((plan.n_outputs, n)) if out is None else out
    stamps = np.arange(n, dtype=np.int64) if ts is None else ts
    plan.advance(plan.new_state(), stamps, columns, result, 0, n)
    return result
