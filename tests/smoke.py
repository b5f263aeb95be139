"""Smoke test of an installation: what the base package can do on the bundled sample, with this interpreter.

``python -m tests.smoke`` needs nothing but the base installation, no test tools. Exit status 1 at the first failure.
"""

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from quaestor.sample import sample_path

_HOURS = str(sample_path("1h"))


def quaestor(*arguments: str, code: int = 0) -> str:
    """Run one command in a process of its own; return what it printed on stdout."""
    done = subprocess.run([sys.executable, "-m", "quaestor", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != code:
        sys.exit(f"quaestor {' '.join(arguments)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def json_of(*arguments: str) -> Any:
    """Run a command with ``--json``; return the document."""
    return json.loads(quaestor(*arguments, "--json"))


def main() -> None:
    """Run the journey."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quaestor("doctor")
        run = json_of(
            *("backtest", "--data", _HOURS, "--symbol", "BTCUSDT,ETHUSDT", "--strategy", "ema_cross,breakout"),
            *("--journal", str(folder / "journal"), "--out", str(folder / "out")),
        )
        replayed = json_of("replay", str(folder / "journal"))
        decision = json_of("why", "trade:1", "--journal", str(folder / "journal"))
        paper = json_of(
            *("paper", "--data", _HOURS, "--symbol", "BTCUSDT", "--to", "2023-05-01"),
            *("--strategy", "mean_reversion", "--speed", "max"),
        )
        features = json_of(
            *("features", "compute", "--data", _HOURS, "--symbol", "BTCUSDT", "--features", "rsi_14,atr_14,macd"),
            *("--out", str(folder / "features.parquet")),
        )
    assert run["trades"] > 0, run
    assert replayed["identical"], replayed
    assert decision["orders"], decision
    assert paper["decisions"] > 0, paper
    assert features, features
    sys.stdout.write(f"smoke test passed on Python {platform.python_version()}: {run['trades']} trades, replayed\n")


if __name__ == "__main__":
    main()
