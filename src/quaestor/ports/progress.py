"""Progress port: how far long work has come, for whoever watches it."""

from typing import Protocol


class Progress(Protocol):
    """Takes note of the stages of long work and of how far the present one has come."""

    def describe(self, text: str) -> None:
        """Name the stage that begins."""

    def expect(self, total: float) -> None:
        """Set the number of steps of the whole work."""

    def at(self, done: float) -> None:
        """Set the number of steps that are done."""


class _NoProgress:
    """Progress that nobody watches."""

    def describe(self, text: str) -> None:
        """Do nothing."""

    def expect(self, total: float) -> None:
        """Do nothing."""

    def at(self, done: float) -> None:
        """Do nothing."""


#: For work that nobody watches.
NO_PROGRESS: Progress = _NoProgress()
