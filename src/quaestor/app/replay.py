"""Replay use case: a journal's run repeated and compared byte for byte."""

from pathlib import Path

from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.runtime.recovery.replay import ReplayResult
from quaestor.runtime.recovery.replay import replay as replay_journal


def replay(journal: Path, *, data: Path | None = None, progress: Progress = NO_PROGRESS) -> ReplayResult:
    """Return whether every decision, order and message of a finished journal comes out identical again.

    Args:
        journal: directory of the journal.
        data: the data file, if it was moved since.
        progress: receives the bars done.

    Raises:
        UsageError: the journal is damaged or was cut off, or its data or models are not there any more.
    """
    return replay_journal(journal, data=data, progress=progress)
