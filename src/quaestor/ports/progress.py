"""Progress port: reports the stages and the progress of long work."""

from typing import Protocol


class Progress(Protocol):
    """Receiver of the stages and the progress of long work."""

    def describe(self, text: str) -> None:
        """Set the name of the stage that begins."""

    def expect(self, total: float) -> None:
        """Set the number of steps of the whole work."""

    def at(self, done: float) -> None:
        """Set the number of steps that are done."""


class _NoProgress:
    """Progress that is discarded."""

    def describe(self, text: str) -> None:
        """Do nothing."""

    def expect(self, total: float) -> None:
        """Do nothing."""

    def at(self, done: float) -> None:
        """Do nothing."""


#: Receiver that discards progress.
NO_PROGRESS: Progress = _NoProgress()
