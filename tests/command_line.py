"""The command line called in this process, and what its runs leave behind."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from quaestor.adapters.journals import SegmentReader
from quaestor.cli.app import run
from quaestor.ports.journal import JournalRecord, RecordKind

#: Name of a journal's first segment.
SEGMENT = "segment-000001.qj"
#: The plain cost and risk settings of the oracle runs: every limit off, everything filled at the next open.
PLAIN = ("--capital", "10000", "--fee-bps", "10", "--slippage-bps", "0", "--risk", "permissive", "--size", "1.0")
#: What every summary must hold, and the type of each.
KEYS: dict[str, type | tuple[type, ...]] = {
    "symbol": str,
    "timeframe": str,
    "bars": int,
    "seconds": float,
    "compile_seconds": float,
    "equity_initial": float,
    "equity_final": float,
    "total_return": float,
    "max_drawdown": float,
    "sharpe": (float, type(None)),
    "sortino": (float, type(None)),
    "trades": int,
    "win_rate": (float, type(None)),
    "profit_factor": (float, type(None)),
    "fees": float,
    "funding": float,
    "vetoes": int,
    "shrinks": int,
    "decisions": int,
    "liquidations": int,
}
#: What two runs of the same thing may differ in: time taken, where it was written, which mode it was.
OWN = frozenset({"seconds", "compile_seconds", "mode", "journal", "out", "notes", "state_sha256"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        assert self.out.count("\n") == 1, self.out
        printed = json.loads(self.out)
        assert isinstance(printed, dict)
        return printed


def call(*arguments: object) -> Outcome:
    """Run one command line."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def json_of(*arguments: object) -> dict[str, Any]:
    """Run a command that must succeed and print nothing else; return the JSON object that it printed."""
    outcome = call(*arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    return outcome.json


def refusal(*arguments: object) -> str:
    """The message of a command that was refused: exit code 2, one error on stderr, nothing on stdout."""
    outcome = call(*arguments)
    assert (outcome.code, outcome.out) == (2, ""), outcome
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("error:") == 1
    assert "Traceback" not in outcome.err
    return outcome.err.removeprefix("error: ").rstrip("\n")


def kill_when(command: Sequence[str], journal: Path, size: int, wait_s: float, *, deadline_s: float = 120.0) -> bytes:
    """Start a run in its own process and kill it some time after its journal has grown to a size; what it printed."""
    start = [sys.executable, "-m", "quaestor", *command, "--journal", str(journal)]
    process = subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    segment = journal / SEGMENT
    deadline = time.monotonic() + deadline_s
    while process.poll() is None and not (segment.exists() and segment.stat().st_size >= size):
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, (out, err)
    return out


def same_run(summary: dict[str, Any]) -> dict[str, Any]:
    """The part of a summary in which runs of the same thing agree."""
    return {name: value for name, value in summary.items() if name not in OWN}


def streams(journal: Path, *, recover: bool = False) -> dict[RecordKind, bytes]:
    """The bytes of each stream of a journal, however they were cut into records."""
    joined: dict[RecordKind, bytes] = {}
    for record in SegmentReader(journal, recover=recover):
        joined[record.kind] = joined.get(record.kind, b"") + record.payload
    return joined


def records(journal: Path) -> list[JournalRecord]:
    """Every record of a finished journal."""
    return list(SegmentReader(journal))


def trades_of(out: Path) -> pl.DataFrame:
    """The trades that a run wrote."""
    return pl.read_parquet(out / "trades.parquet")
