"""Parallel features: computes the features of many instruments, stored one after another in one matrix, on threads.

Kernels release the global interpreter lock and touch no row outside their range, so each instrument's rows are
computed in place: neither inputs nor outputs are copied.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from quaestor.features.plan import FeaturePlan
from quaestor.jit.tables import Matrix

#: Progress callback, called from any thread with the number of rows that it has just computed.
OnRows = Callable[[int], None]

_ROWS_AT_A_TIME = 65_536


def compute_side_by_side(
    plan: FeaturePlan,
    ts: NDArray[np.int64],
    columns: Matrix,
    edges: Sequence[int],
    *,
    out: Matrix | None = None,
    threads: int = 1,
    on_rows: OnRows | None = None,
) -> Matrix:
    """Return the features of several instruments, each from a fresh state: float64 (n_outputs, N).

    Args:
        plan: the features to compute.
        ts: time stamps, int64 ns UTC (N,), of all instruments one after another.
        columns: float64 (m, N).
        edges: first row of each instrument, and N at the end.
        out: array to write to; a new one when left out.
        threads: number of worker threads; the values do not depend on it.
        on_rows: progress callback.

    Example:
        >>> from quaestor.features.plan import make_plan
        >>> plan = make_plan(["sma_2"])
        >>> closes = np.tile([[1.0, 2.0, 3.0, 10.0, 20.0]], (5, 1))
        >>> compute_side_by_side(plan, np.arange(5), closes, [0, 3, 5], threads=2)
        array([[ nan,  1.5,  2.5,  nan, 15. ]])
    """
    result = np.empty((plan.n_outputs, columns.shape[1])) if out is None else out
    spans = list(pairwise(edges))

    def work(part: Sequence[tuple[int, int]]) -> None:
        state = plan.new_state()
        fresh = state.copy()
        for start, stop in part:
            state[:] = fresh
            for first in range(start, stop, _ROWS_AT_A_TIME):
                last = min(first + _ROWS_AT_A_TIME, stop)
                plan.advance(state, ts, columns, result, first, last)
                if on_rows is not None:
                    on_rows(last - first)

    if threads <= 1 or len(spans) <= 1:
        work(spans)
        return result
    workers = min(threads, len(spans))
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, [spans[k::workers] for k in range(workers)]):
            pass
    return result
