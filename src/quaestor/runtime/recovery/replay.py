"""Replay: run a journal's run again and hold every row against it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quaestor.adapters.clocks import FreeRunningClock
from quaestor.adapters.commands import NoCommands, RecordedCommands
from quaestor.errors import JournalError
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.runtime.assembly.assemble import Assembly, assemble
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint
from quaestor.runtime.journal.recorder import NoRecorder, VerifyingRecorder
from quaestor.runtime.recovery.opening import config_of, read_header, require_same_run
from quaestor.runtime.session.backtest import run_backtest
from quaestor.runtime.session.finished import Finished
from quaestor.runtime.session.paper import run_paper
from quaestor.runtime.session.session import Observer


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Whether the decisions came out byte for byte; if not, the first difference. `environment` lists what differs
    between the machine that wrote the journal and this one: identity is promised only where nothing does."""

    identical: bool
    mode: str
    difference: str
    environment: list[str]
    decisions: int
    seconds: float


def reassemble(path: Path, data: Path | None = None) -> tuple[Assembly, str]:
    """The run that a journal describes, ready to start again, and its mode. `data`: where its file lies now.

    Raises:
        UsageError: the journal is damaged, or its data or configuration cannot be had as they were.
    """
    header, _ = read_header(path, recover=True)
    config = config_of(header)
    place = data or Path(header.data[0].path)
    config = RunConfig.from_json(
        config.model_copy(update={"data": config.data.model_copy(update={"path": place})}).to_json()
    )
    assembly = assemble(config, venue_inside=header.mode == "backtest")
    require_same_run(header, assembly, header.mode, path)
    return assembly, header.mode


def replay(
    path: Path, *, data: Path | None = None, observers: tuple[Observer, ...] = (), progress: Progress = NO_PROGRESS
) -> ReplayResult:
    """Run the journal at `path` again.

    Raises:
        JournalError: damaged, truncated or unfinished.
        UsageError: see `reassemble`.
    """
    header, records = read_header(path)
    verifier = VerifyingRecorder(records, onward=None)
    verifier.require_closed(path)
    assembly, mode = reassemble(path, data)
    finished = rerun(assembly, mode, verifier, observers, progress)
    return ReplayResult(
        identical=verifier.difference == "",
        mode=mode,
        difference=verifier.difference,
        environment=EnvironmentFingerprint.of_this_machine().differences(header.environment),
        decisions=int(finished.engine.account[0]["risk"]["decisions"]),
        seconds=finished.seconds,
    )


def run_up_to(
    path: Path,
    until_ns: int | None,
    *,
    data: Path | None = None,
    observers: Callable[[Assembly], tuple[Observer, ...]],
    progress: Progress = NO_PROGRESS,
) -> tuple[Assembly, Finished]:
    """Run the journal at `path` again through the last bar that closes by `until_ns` (None: to its end).

    The engine then stands as it stood there: nothing but the run itself needs to be stored for that. A journal that was
    cut off goes as far as its last decision.

    Raises:
        JournalError: damaged, without a bar by then, or its run does not come out as journaled.
        UsageError: see `reassemble`.
    """
    _, records = read_header(path, recover=True)
    verifier = VerifyingRecorder(records, onward=NoRecorder(), part=True)
    if not verifier.is_complete:
        until_ns = min(verifier.last_ts(), until_ns or verifier.last_ts())
    whole, mode = reassemble(path, data)
    assembly = whole if until_ns is None else whole.until(until_ns)
    if not assembly.n_bars:
        raise JournalError("holds no bar by then", place=str(path), remedy="give a later time")
    finished = rerun(assembly, mode, verifier, observers(assembly), progress)
    if verifier.difference:
        raise JournalError(
            f"the run does not repeat what was journaled: {verifier.difference}",
            place=str(path),
            remedy="ask with the program and on the machine that wrote it",
        )
    return assembly, finished


def rerun(
    assembly: Assembly,
    mode: str,
    verifier: VerifyingRecorder,
    observers: tuple[Observer, ...],
    progress: Progress,
) -> Finished:
    """The run itself, in the mode it had."""
    if mode == "backtest":
        return run_backtest(assembly, verifier, observers, progress)
    commands = RecordedCommands(verifier.commands(), verifier.bars_begun(), NoCommands())
    return run_paper(assembly, verifier, observers, progress, FreeRunningClock(), commands)
