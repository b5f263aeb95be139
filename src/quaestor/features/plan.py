"""Feature plan: a chosen set of features fused into one compiled call, for all rows at once or one at a time."""

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
_ROWS_NAMED = 8  # most names of rows in a message


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """Compiled set of features.

    Output rows are the requested features in their order, then the outputs computed unrequested (a feature with three
    outputs is computed whole, and so are the parts that it is built on). A feature needed more than once, by name,
    through several of its outputs or as a part, is computed once.
    """

    requested: tuple[FeatureInstance, ...]
    instances: tuple[FeatureInstance, ...]  # one for each evaluation, in the order in which they run
    names: tuple[str, ...]  # canonical name of each output row
    inputs: tuple[int, ...]  # rows of the market matrix that are read, ascending
    warmup: int  # rows before every feature has a value; an upper bound with timeframes, provided no bar is missing
    chain: Chain
    #: ``advance(state, ts, columns, out, i, n)``: rows i … n−1 of `columns` (m, N), stamped `ts` (int64 ns UTC, N),
    #: into `out` (n_outputs, N), one call.
    advance: Callable[[Table, Stamps, Matrix, Matrix, int, int], None]

    @property
    def n_outputs(self) -> int:
        """Number of rows that `out` must have."""
        return len(self.names)

    @property
    def interpreted(self) -> tuple[str, ...]:
        """Evaluations that run as plain Python after the compiled call; `advance` is then no kernel."""
        return tuple(instance.stem for instance in self.instances if instance.feature.interpreted)

    @property
    def n_requested(self) -> int:
        """Number of leading rows of `out` that hold the requested features."""
        return len(self.requested)

    @property
    def needs_time(self) -> bool:
        """Whether values depend on the time stamps of the rows."""
        return any(instance.frame_ns or instance.feature.timed for instance in self.instances)

    @property
    def n_columns(self) -> int:
        """Number of rows that the market matrix must have."""
        return max(N_COLUMNS, *(row + 1 for row in self.inputs), 0)

    def new_state(self) -> Table:
        """Return a fresh state: one element, whose bytes are all that a restart needs."""
        return self.chain.new_state()


def make_plan(
    requested: Sequence[str | FeatureInstance], *, interval_ns: int = 0, catalog: Sequence[Feature] = CATALOG
) -> FeaturePlan:
    """Return the compiled plan of some features, given by canonical name or instance.

    Args:
        requested: such as ``rsi_14``, ``macd_12_26_9.hist``, ``atr_14@1h``, ``atr_14@4x``.
        interval_ns: length of a row; required by features with a timeframe.
        catalog: definitions in which names are looked up.

    Raises:
        UnknownNameError: as `feature.parse_instance`.
        ConfigError: as `feature.parse_instance`, or the rows cannot build a timeframe.

    Example:
        >>> plan = make_plan(["macd_12_26_9.hist", "ema_20", "macd_12_26_9"])
        >>> plan.names
        ('macd_12_26_9.hist', 'ema_20', 'macd_12_26_9', 'macd_12_26_9', 'macd_12_26_9.signal', 'macd_12_26_9.hist')
        >>> [instance.stem for instance in plan.instances], plan.n_requested
        (['macd_12_26_9', 'ema_20'], 3)
    """
    named = [parse_instance(item, catalog) if isinstance(item, str) else item for item in requested]
    resolved = tuple(instance.on_interval(interval_ns) for instance in named)
    arrangement = arrange(resolved, catalog)
    compiled = [each for each in arrangement.evaluations if not each.instance.feature.interpreted]
    plain = [each for each in arrangement.evaluations if each.instance.feature.interpreted]
    require_compiled(compiled, plain)
    links = [_link(evaluation) for evaluation in compiled]
    instances = [evaluation.instance for evaluation in arrangement.evaluations]
    warmups = [instance.warmup for instance in instances]
    for frame_ns in sorted({instance.frame_ns for instance in resolved} - {0}):
        rows = [row for row, instance in enumerate(resolved) if instance.frame_ns == frame_ns]
        check_frame(frame_ns, interval_ns, place=f"feature {resolved[rows[0]].name}")
        inner = make_plan([resolved[row].on_rows() for row in rows], interval_ns=frame_ns, catalog=catalog)
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
    return FeaturePlan(resolved, tuple(instances), names, inputs, max(warmups, default=0), chain, chain.advance)


def _link(evaluation: Evaluation) -> Link:
    instance, rows = evaluation.instance, evaluation.rows
    stamps = ["ts"] if instance.feature.timed else []
    parts = [f"out[{source}]" for source in evaluation.sources]
    arguments = (*stamps, "columns", *parts, f"out[{rows.start}:{rows.stop}]", "i", "n")
    return Link(instance.feature.advance, arguments, instance.state_dtype, instance.params())


def require_inputs(plan: FeaturePlan, columns: Matrix, place: str) -> None:
    """Refuse data without the rows of the market matrix that a plan reads.

    Raises:
        DataError: naming a feature and the rows that it lacks.
    """
    missing = [row for row in plan.inputs if row >= len(columns) or (columns.shape[1] and not _known(columns[row]))]
    if missing:
        first = next(instance for instance in plan.instances if missing[0] in _rows_read(instance))
        missing_names = [column_name(row) for row in missing if row in _rows_read(first)]
        more = f" and {len(missing_names) - _ROWS_NAMED} more" if len(missing_names) > _ROWS_NAMED else ""
        raise DataError(
            f"{first.name} needs {', '.join(missing_names[:_ROWS_NAMED])}{more}, which the data does not hold",
            place=place,
            remedy="leave the feature out, or give data with those columns",
        )


def _rows_read(instance: FeatureInstance) -> tuple[int, ...]:
    """Return the rows of the market matrix that its values depend on: bars of a timeframe need complete bars."""
    return (*range(N_COLUMNS), *instance.inputs) if instance.frame_ns else instance.inputs


def _known(series: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(series[:1]).any() or np.isfinite(series).any())


def compute(plan: FeaturePlan, columns: Matrix, out: Matrix | None = None, *, ts: Stamps | None = None) -> Matrix:
    """Return the features of all rows: float64 (n_outputs, N), NaN during warm-up; written to `out` when given.

    Args:
        plan: the features to compute.
        columns: float64 (m, N), rows by `domain.market_matrix.Column`.
        out: float64 (n_outputs, N).
        ts: time stamps of the rows, int64 ns UTC (N,); may be left out when no feature depends on time.

    Raises:
        ConfigError: time stamps are missing for a plan that needs them.
    """
    if ts is None and plan.needs_time:
        raise ConfigError("features that depend on time were given no stamps", place="features", remedy="pass ts")
    n = columns.shape[1]
    result = np.empty((plan.n_outputs, n)) if out is None else out
    stamps = np.arange(n, dtype=np.int64) if ts is None else ts
    plan.advance(plan.new_state(), stamps, columns, result, 0, n)
    return result
