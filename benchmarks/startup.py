"""From the session to help, and to the first decision, with a warm and with an empty kernel cache."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import quaestor
from benchmarks.data import SYMBOL, write_minutes
from benchmarks.measure import Figures

_ROUNDS = 5
_BARS = 2_000


def measure_startup() -> Figures:
    """Seconds of wall clock at the median, and of CPU time, which other processes lengthen less.

    A copy of the package is measured, so that its byte code may be written.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(Path(quaestor.__file__).parent, folder / "src" / "quaestor")
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "QUAESTOR_CACHE_DIR": str(folder / "cache")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        data = str(write_minutes(folder, _BARS))
        run = ["backtest", "--data", data, "--symbol", SYMBOL, "--strategy", "ema_cross", "--json"]
        cold, cold_cpu, report = _timed(run, environment)
        cached, cached_cpu = _medians(run, environment)
        help_wall, help_cpu = _medians(["--help"], environment)
        return {
            "first_start_s": round(cold, 2),
            "first_start_cpu_s": round(cold_cpu, 2),
            "first_start_compiling_s": round(float(json.loads(report)["compile_seconds"]), 2),
            "cached_start_to_last_of_2000_decisions_s": cached,
            "cached_start_to_last_of_2000_decisions_cpu_s": cached_cpu,
            "help_s": help_wall,
            "help_cpu_s": help_cpu,
        }


def _medians(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Of wall clock and of CPU time."""
    _timed(arguments, environment)
    rounds = [_timed(arguments, environment)[:2] for _ in range(_ROUNDS)]
    wall, cpu = (statistics.median(seconds) for seconds in zip(*rounds, strict=True))
    return round(wall, 3), round(cpu, 3)


def _timed(arguments: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    started, used = time.perf_counter(), _children_cpu_s()
    done = subprocess.run(
        [sys.executable, "-m", "quaestor.cli", *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - started, _children_cpu_s() - used, done.stdout


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
