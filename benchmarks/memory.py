"""Peak memory of a whole backtest process as its bars grow."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.data import SYMBOL, write_minutes
from benchmarks.measure import Figures

_FEW = 2_000
SIZES = (250_000, 500_000, 1_000_000)
# VmHWM begins anew with the program; what `getrusage` calls the peak begins with the parent's size at the fork.
_CHILD = """
import pathlib, sys
from quaestor.cli.app import run
code = run(sys.argv[1:])
status = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM:")), file=sys.stderr)
sys.exit(code)
"""


def measure_memory() -> Figures:
    """Peak resident megabytes of 2,000 bars, which is what a process takes by itself, and of three larger sizes; the
    bytes that each further bar costs, without and with a journal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _peak_bytes(write_minutes(folder, SIZES[0]), folder / "first", False)  # compiling takes memory of its own
        start = _peak_bytes(write_minutes(folder, _FEW), folder / "few", False)
        figures: Figures = {"peak_mb_of_2000_bars": round(start / 1e6)}
        for journal in (False, True):
            peaks = {bars: _peak_bytes(write_minutes(folder, bars), folder / f"j{bars}", journal) for bars in SIZES}
            slope = (peaks[SIZES[-1]] - peaks[SIZES[0]]) / (SIZES[-1] - SIZES[0])
            figures["with_journal" if journal else "without_journal"] = {
                "peak_mb": {f"{bars}": round(peak / 1e6) for bars, peak in peaks.items()},
                "bytes_per_bar": round(slope),
            }
    return figures


def _peak_bytes(path: Path, journal: Path, with_journal: bool) -> int:
    options = ["--journal", str(journal)] if with_journal else []
    command = ["backtest", "--data", str(path), "--symbol", SYMBOL, "--strategy", "ema_cross", "--json", *options]
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *command], capture_output=True, text=True, check=True, env={**os.environ}
    )
    return int(done.stderr.split()[-1]) * 1024
