"""The compiled trading loop against its interpreted twin, on real bars, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

from .twin import digests

ROWS = 2_000
ROOT = Path(__file__).parents[3]


def test_the_interpreted_twin_makes_the_same_run(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "binance_spot_BTCUSDT_1m_20230301_20240229.parquet"
    program = [sys.executable, "-m", "tests.unit.engine.twin", str(path), str(ROWS)]
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "QUAESTOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
    said = dict(line.split() for line in done.stdout.splitlines())
    assert said.pop("interpreted") == "True"
    assert said == digests(path, ROWS)
    assert int(said["n_trades"]) > 10
    assert int(said["several_n_trades"]) > 10
    assert int(said["several_n_rules"]) > 5
