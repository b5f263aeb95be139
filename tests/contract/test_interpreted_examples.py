"""Examples in docstrings give the same output where kernels run as plain Python."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_examples_hold_for_interpreted_kernels() -> None:
    environment = os.environ | {"QUAESTOR_INTERPRET": "1"}
    command = [sys.executable, "-m", "pytest", "--doctest-modules", "-p", "no:xdist", "src/quaestor"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
