"""Schedule of training, and notes about what was asked for and what came into use."""

from collections.abc import Callable
from dataclasses import dataclass

from quaestor.domain.training import ModelReady, TrainRequested


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """When models are trained, in bars of an instrument. `first` None: never by schedule."""

    first: int | None = None
    every: int | None = None
    delay: int = 1  # bars from a request to the bar whose decision is the new model's

    def after(self, bar: int) -> int | None:
        """The first scheduled request at or after a number of known bars."""
        if self.first is None:
            return None
        if bar <= self.first:
            return self.first
        if self.every is None:
            return None
        return self.first + -(-(bar - self.first) // self.every) * self.every


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was asked, or that came into use, while the bar that closes at `ts` was dealt with."""

    ts: int
    what: TrainRequested | ModelReady


Tell = Callable[[Note], None]
