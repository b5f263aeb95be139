"""Bars a CPU-second: the whole backtest path, and the same path one event at a time, beside NautilusTrader.

Both paths run everything: features, strategy, the risk officer, matching, ledger, and a full journal kept in memory.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.data import PEER_BARS, configuration, minutes, write_minutes
from benchmarks.measure import Figures, rate
from benchmarks.nautilus_peer import NautilusPeer
from quaestor.adapters.clocks import FreeRunningClock
from quaestor.adapters.commands import NoCommands
from quaestor.adapters.journals.memory import MemoryJournal
from quaestor.analysis.stopwatch import cpu_seconds
from quaestor.ports.progress import NO_PROGRESS
from quaestor.runtime.assembly.assemble import assemble
from quaestor.runtime.journal.recorder import JournalRecorder
from quaestor.runtime.session.backtest import run_backtest
from quaestor.runtime.session.finished import Finished
from quaestor.runtime.session.paper import run_paper

PROFILES = ("default", "permissive")
_ROUNDS = 7
_ROUNDS_WHOLE_FILE = 3


class Runs:
    """Our two paths over one file, ready to be repeated."""

    def __init__(self, path: Path, profile: str) -> None:
        config = configuration(path, profile=profile)
        self._inside = assemble(config, venue_inside=True)
        self._outside = assemble(config, venue_inside=False)
        self.bars = self._inside.n_bars
        self.backtest()
        self.outcome = _outcome(self.paper())

    def backtest(self) -> Finished:
        """Features, strategy, officer, matching, ledger, full journal in memory."""
        return run_backtest(self._inside, JournalRecorder(MemoryJournal()), (), NO_PROGRESS)

    def paper(self) -> Finished:
        """The same, bar by bar, the venue behind its port."""
        recorder = JournalRecorder(MemoryJournal())
        return run_paper(self._outside, recorder, (), NO_PROGRESS, FreeRunningClock(), NoCommands())


def measure_speed() -> Figures:
    """Both paths and NautilusTrader on the same bars, in one process, round by round."""
    with tempfile.TemporaryDirectory() as name:
        path = write_minutes(Path(name), PEER_BARS)
        figures = _beside_nautilus({profile: Runs(path, profile) for profile in PROFILES}, path)
        figures["whole_file"] = _alone(Runs(write_minutes(Path(name), len(minutes())), "default"))
    return figures


def _beside_nautilus(runs: dict[str, Runs], path: Path) -> Figures:
    peer = NautilusPeer(pl.read_parquet(path))
    seconds = _rounds(runs, peer)
    lean, shipped = seconds["lean"], seconds["shipped"]
    figures: Figures = {
        "bars": PEER_BARS,
        "nautilus": {
            "lean_bars_per_cpu_s": rate(PEER_BARS, lean),
            "shipped_strategy_bars_per_cpu_s": rate(PEER_BARS, shipped),
            "lean_orders": peer.orders,
        },
    }
    for profile, run in runs.items():
        ours: Figures = {"outcome": run.outcome}
        for path_name in ("backtest", "paper"):
            times = seconds[f"{profile} {path_name}"]
            ours[f"{path_name}_bars_per_cpu_s"] = rate(PEER_BARS, times)
            ours[f"{path_name}_times_nautilus_lean"] = _ratio(lean, times)
            ours[f"{path_name}_times_nautilus_shipped"] = _ratio(shipped, times)
        figures[profile] = ours
    return figures


def _rounds(runs: dict[str, Runs], peer: NautilusPeer) -> dict[str, list[float]]:
    """CPU seconds of everything, interleaved; the peer's engines are made outside the measured time."""
    seconds: dict[str, list[float]] = {}
    for _ in range(_ROUNDS):
        works: dict[str, Callable[[], object]] = {}
        for profile, run in runs.items():
            works[f"{profile} backtest"] = run.backtest
            works[f"{profile} paper"] = run.paper
        works["shipped"] = peer.shipped()
        works["lean"] = peer.lean()
        for name, work in works.items():
            seconds.setdefault(name, []).append(cpu_seconds(work))
    return seconds


def _ratio(theirs: list[float], ours: list[float]) -> float:
    return round(statistics.median(them / us for us, them in zip(ours, theirs, strict=True)), 1)


def _alone(runs: Runs) -> Figures:
    figures: Figures = {"bars": runs.bars}
    for name, work in (("backtest", runs.backtest), ("paper", runs.paper)):
        figures[f"{name}_bars_per_cpu_s"] = rate(runs.bars, [cpu_seconds(work) for _ in range(_ROUNDS_WHOLE_FILE)])
    return figures


def _outcome(finished: Finished) -> Figures:
    """What a run did, to show that it was not idle."""
    account = finished.engine.account[0]
    return {
        "decisions": int(account["risk"]["decisions"]),
        "vetoes": int(account["risk"]["vetoes"]),
        "shrinks": int(account["risk"]["shrinks"]),
        "orders": int(account["order_state"]["next_id"]) // 3 - 1,
    }
