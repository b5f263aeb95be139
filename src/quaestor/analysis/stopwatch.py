"""How long calls take: what measures costs on a user's machine, and what benchmarks measure with."""

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for one call: what a busy neighbour does not change."""
    started = time.process_time()
    work()
    return time.process_time() - started


def call_times(call: Callable[[int], object], rows: int, calls: int) -> list[int]:
    """Wall nanoseconds of each of so many calls, ``call(k)`` for rows 0 … rows − 1 again and again, after some that
    warm up."""
    clock = time.perf_counter_ns
    taken = []
    for k in range(-calls // 10, calls):
        row = k % rows
        started = clock()
        call(row)
        taken.append(clock() - started)
    return taken[-calls:]
