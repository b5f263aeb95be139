"""Summaries that every benchmark shares."""

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np

#: A figure, a line about it, or several of them under one name.
Figures = dict[str, "float | int | str | bool | list[float] | Figures"]


def rate(bars: int, seconds: Sequence[float]) -> int:
    """Bars a second at the median."""
    return round(bars / statistics.median(seconds))


def percentiles_us(nanoseconds: Sequence[int]) -> Figures:
    """Median, 99th and 99.9th percentile in microseconds."""
    p50, p99, p999 = np.percentile(np.asarray(nanoseconds), [50, 99, 99.9]) / 1e3
    return {"p50_us": round(float(p50), 2), "p99_us": round(float(p99), 2), "p999_us": round(float(p999), 2)}


def machine() -> Figures:
    """Where this was measured."""
    model = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
    }
