"""Summaries that every benchmark shares."""

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from llvmlite.binding import get_host_cpu_name
from numba import config

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
    """Where this was measured, and for which processor the compiled code was made: ratios depend on both."""
    info = _cpu_info()
    flags = info.get("flags", "").split()
    return {
        "cpu": info.get("model name") or platform.processor() or platform.machine(),
        "vectors": ", ".join(name for name in ("avx2", "fma", "avx512f", "avx512vl") if name in flags) or "unknown",
        "compiled_for": config.CPU_NAME or get_host_cpu_name(),
        "compiled_with": config.CPU_FEATURES or "all that it has",
        "cores": os.cpu_count() or 1,
        "busy_processes": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _cpu_info() -> dict[str, str]:
    """What Linux says of the first processor; nothing elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
