"""Memory bound: twice the bars cost little more than the bars themselves."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from tests.command_line import PLAIN
from tests.recorded.files import MINUTES

PROBE = """
import resource, sys
from quaestor.cli.app import run
code = run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
sys.exit(code)
"""
STRATEGY = ("--strategy", "ema_cross", "--set", "fast=50", "--set", "slow=200", "--set", "side=both")


def peak_bytes(*arguments: object) -> int:
    """Return the largest resident size of a command in its own process."""
    command = [sys.executable, "-c", PROBE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("command", [("backtest",), ("paper", "--speed", "max")])
def test_peak_memory_grows_by_less_than_200_bytes_a_bar(
    command: tuple[str, ...], shared_data: Path, tmp_path: Path
) -> None:
    rows = pl.read_parquet(shared_data / MINUTES)
    peaks = {}
    for bars in (1_000, 200_000, 400_000):  # the first so that nothing is compiled while memory is watched
        file = tmp_path / f"binance_spot_BTCUSDT_{bars}_1m.parquet"
        rows.head(bars).write_parquet(file)
        given = ("--data", file, "--symbol", "BTCUSDT", *STRATEGY, *PLAIN, "--json")
        written = ("--journal", tmp_path / f"j{bars}", "--out", tmp_path / f"o{bars}")
        peaks[bars] = peak_bytes(*command, *given, *written)
    assert (peaks[400_000] - peaks[200_000]) / 200_000 < 200.0
