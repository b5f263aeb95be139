"""From an empty and from a filled kernel cache to the first feature, in processes of their own."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import quaestor
from benchmarks.measure import Figures

_ROUNDS = 5
_SCRIPT = """
import json, sys, time
started = time.process_time()
from quaestor.features.catalog import CATALOG
imported = time.process_time()
import numpy as np
from quaestor.features.bank import FeatureBank
from quaestor.features.plan import compute, make_plan
began = time.process_time()
ts = np.arange(2)
if sys.argv[1] == "catalogue":
    bank = FeatureBank([feature.instance() for feature in CATALOG])
    bank.advance(ts, np.ones((bank.n_columns, 2)))
else:
    compute(make_plan(["rsi_14", "macd_12_26_9"]), np.ones((5, 2)))
ended = time.process_time()
print(json.dumps({"definitions": len(CATALOG), "import": imported - started, "call": ended - began}))
"""


def measure_start() -> Figures:
    """CPU seconds. A copy of the package is measured, so that its byte code may be written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(Path(quaestor.__file__).parent, folder / "src" / "quaestor")
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "QUAESTOR_CACHE_DIR": str(folder / "cache")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        cold = _run("catalogue", environment)
        _run("two", environment)
        warm = [_run("two", environment) for _ in range(_ROUNDS)]
        whole = _run("catalogue", environment)
    return {
        "import_of_the_catalogue_cpu_s": _median(warm, "import"),
        "first_call_of_two_features_cached_cpu_s": _median(warm, "call"),
        "first_call_of_the_catalogue_cached_cpu_s": round(whole["call"], 3),
        "first_call_of_the_catalogue_compiling_cpu_s": round(cold["call"], 1),
        "definitions": int(cold["definitions"]),
    }


def _median(runs: list[dict[str, float]], what: str) -> float:
    return round(statistics.median(run[what] for run in runs), 3)


def _run(what: str, environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, what], env=environment, capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
