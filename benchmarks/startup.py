"""From the shell to help, and to the first decision, with a warm and with an empty kernel cache."""

import json
import os
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
    """Seconds of wall clock at the median. A copy of the package is measured, so that its byte code may be written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(Path(quaestor.__file__).parent, folder / "src" / "quaestor")
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "QUAESTOR_CACHE_DIR": str(folder / "cache")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        data = str(write_minutes(folder, _BARS))
        run = ["backtest", "--data", data, "--symbol", SYMBOL, "--strategy", "ema_cross", "--json"]
        cold, report = _timed(run, environment)
        return {
            "first_start_s": round(cold, 2),
            "first_start_compiling_s": round(float(json.loads(report)["compile_seconds"]), 2),
            "cached_start_to_last_of_2000_decisions_s": _median(run, environment),
            "help_s": _median(["--help"], environment),
        }


def _median(arguments: list[str], environment: dict[str, str]) -> float:
    _timed(arguments, environment)
    return round(statistics.median(_timed(arguments, environment)[0] for _ in range(_ROUNDS)), 3)


def _timed(arguments: list[str], environment: dict[str, str]) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "quaestor.cli", *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - started, done.stdout
