"""Replay: a journal's run repeated, every row compared with the journal."""

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
from quaestor.runtime.journal.header import Mode, read_header
from quaestor.runtime.journal.recorder import NoRecorder, VerifyingRecorder
from quaestor.runtime.recovery.opening import require_same_run
from quaestor.runtime.session.backtest import run_backtest
from quaestor.runtime.session.finished import Finished
from quaestor.runtime.session.paper import run_paper
from quaestor.runtime.session.session import Observer

_SAME_FILES = "put back the files that the run read; --data FILE says where its bars lie now"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Result of a replay.

    Attributes:
        identical: every row is the journal's, byte for byte.
        mode: of the run.
        difference: the first one; empty when identical.
        environment: fields of the fingerprint that differ from the machine that wrote the journal; identity is
            guaranteed only where none does.
        decisions: made by the run.
        seconds: that it took.
    """

    identical: bool
    mode: Mode
    difference: str
    environment: list[str]
    decisions: int
    seconds: float


def reassemble(path: Path, data: Path | None = None) -> tuple[Assembly, Mode]:
    """Return the run that a journal describes, ready to start again, and its mode.

    Args:
        path: directory of the journal.
        data: where its data file lies now; None: where it was.

    Raises:
        UsageError: the journal is damaged, or its data or configuration are not as they were.
    """
    header, _ = read_header(path, recover=True)
    config = header.run_config
    place = data or Path(header.data[0].path)
    config = RunConfig.from_json(
        config.model_copy(update={"data": config.data.model_copy(update={"path": place})}).to_json()
    )
    assembly = assemble(config, venue_inside=header.mode == "backtest")
    require_same_run(header, assembly, header.mode, path, _SAME_FILES)
    return assembly, header.mode


def replay(
    path: Path, *, data: Path | None = None, observers: tuple[Observer, ...] = (), progress: Progress = NO_PROGRESS
) -> ReplayResult:
    """Repeat the run of the journal at `path`, and compare every row.

    Raises:
        JournalError: a damaged, truncated or unfinished journal.
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
    """Repeat the run of the journal at `path` through the last bar that closes by `until_ns` (None: to its end).

    The engine's state is then what it was there; nothing but the run itself needs to be stored for that. A journal that
    was cut off is repeated up to its last decision.

    Raises:
        JournalError: a damaged journal, no bar by then, or a run that does not repeat what was journaled.
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
            remedy="use the program and the machine that wrote it",
        )
    return assembly, finished


def rerun(
    assembly: Assembly,
    mode: Mode,
    verifier: VerifyingRecorder,
    observers: tuple[Observer, ...],
    progress: Progress,
) -> Finished:
    """Run an assembly in its journal's mode, with the journal's commands."""
    if mode == "backtest":
        return run_backtest(assembly, verifier, observers, progress)
    commands = RecordedCommands(verifier.commands(), verifier.bars_begun(), NoCommands())
    return run_paper(assembly, verifier, observers, progress, FreeRunningClock(), commands)
