"""Training schedule: at which bars models are trained while a run goes on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """Numbers of known bars of an instrument at which training is requested. `first` None: never by schedule."""

    first: int | None = None
    every: int | None = None
    delay: int = 1  # bars from a request to the first decision of the new model

    def after(self, bar: int) -> int | None:
        """Return the first scheduled request at or after `bar` known bars; None when there is no further one."""
        if self.first is None:
            return None
        if bar <= self.first:
            return self.first
        if self.every is None:
            return None
        return self.first + -(-(bar - self.first) // self.every) * self.every
