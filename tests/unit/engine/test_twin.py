"""The compiled trading loop against its interpreted twin, on real bars, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

from tests.slices import MINUTES

from .twin import digests

ROWS = 2_000
ROOT = Path(__file__).parents[3]


def test_the_interpreted_twin_makes_the_same_run(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.unit.engine.twin", str(MINUTES), str(ROWS)]
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "QUAESTOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
    said = dict(line.split() for line in done.stdout.splitlines())
    assert said.pop("interpreted") == "True"
    assert said == digests(MINUTES, ROWS)
    assert int(said["n_trades"]) > 10
    assert int(said["several_n_trades"]) > 10
    assert int(said["several_n_rules"]) > 5
