"""Feature costs on this machine: time a row in bulk and one at a time, memory, compilation."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.domain.bars import Bars
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature
from quaestor.features.plan import FeaturePlan, make_plan, require_inputs
from quaestor.jit.compile import entry_point
from quaestor.jit.tables import Matrix

_STREAMED_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class FeatureCost:
    """Medians of one feature, or of several in one call."""

    name: str
    batch_ns: float  # a row, all rows in one call, memory for the result included
    given_ns: float  # a row, all rows in one call, into memory that is there
    stream_us: float  # a row, one call from Python a row
    state_bytes: int
    compile_seconds: float  # until the first result; short when found in the cache


def measure_features(
    names: Sequence[str], bars: Bars, *, catalog: Sequence[Feature] = CATALOG, repeats: int = 9
) -> FeatureCost:
    """Measure what computing some features together costs.

    Args:
        names: canonical names; one plan computes them all.
        bars: what to compute them on.
        catalog: the features that names stand for.
        repeats: runs of which the median is taken.

    Raises:
        UnknownNameError, ConfigError, DataError: see `make_plan`, `require_inputs`.
    """
    started = time.perf_counter()
    plan = make_plan(names, interval_ns=bars.interval_ns, catalog=catalog)
    require_inputs(plan, bars.columns, bars.symbol)
    out = np.empty((plan.n_outputs, len(bars)))
    _run(plan, bars, out)
    compiled = time.perf_counter() - started
    fresh, given, streamed = [], [], []
    for _ in range(repeats):
        fresh.append(_seconds_fresh(plan, bars))
        given.append(_seconds_given(plan, bars, out))
        streamed.append(_seconds_streamed(plan, bars, out))
    rows = len(bars)
    return FeatureCost(
        name=names[0] if len(names) == 1 else f"{len(names)} together",
        batch_ns=statistics.median(fresh) / rows * 1e9,
        given_ns=statistics.median(given) / rows * 1e9,
        stream_us=statistics.median(streamed) / min(rows, _STREAMED_ROWS) * 1e6,
        state_bytes=plan.chain.state_dtype.itemsize,
        compile_seconds=compiled,
    )


def _run(plan: FeaturePlan, bars: Bars, out: Matrix) -> None:
    plan.advance(plan.new_state(), bars.ts, bars.columns, out, 0, len(bars))


def _seconds_fresh(plan: FeaturePlan, bars: Bars) -> float:
    started = time.perf_counter()
    _run(plan, bars, np.empty((plan.n_outputs, len(bars))))
    return time.perf_counter() - started


def _seconds_given(plan: FeaturePlan, bars: Bars, out: Matrix) -> float:
    started = time.perf_counter()
    _run(plan, bars, out)
    return time.perf_counter() - started


def _seconds_streamed(plan: FeaturePlan, bars: Bars, out: Matrix) -> float:
    state = plan.new_state()
    step = entry_point(plan.advance, state, bars.ts, bars.columns, out, 0, 0)
    ts, columns = bars.ts, bars.columns
    rows = min(len(bars), _STREAMED_ROWS)
    started = time.perf_counter()
    for k in range(rows):
        step(state, ts, columns, out, k, k + 1)
    return time.perf_counter() - started
