"""Stopwatch: CPU and wall time of calls, for costs on a user's machine and for benchmarks."""

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of this process for one call, which other processes do not change."""
    started = time.process_time()
    work()
    return time.process_time() - started


def call_times(call: Callable[[int], object], rows: int, calls: int) -> list[int]:
    """Return the wall nanoseconds of each of so many calls, ``call(k)`` for rows 0 … rows − 1 again and again, after
    some that warm up."""
    clock = time.perf_counter_ns
    taken = []
    for k in range(-calls // 10, calls):
        row = k % rows
        started = clock()
        call(row)
        taken.append(clock() - started)
    return taken[-calls:]
