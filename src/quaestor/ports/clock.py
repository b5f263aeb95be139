"""Clock port: event time in recorded runs, wall time live."""

from typing import Protocol


class Clock(Protocol):
    """Source of time: event time in recorded runs, wall time live."""

    def now_ns(self) -> int:
        """Return the current time, ns UTC."""
        ...

    def wait_until(self, ts_ns: int) -> None:
        """Block until the given time, ns UTC."""
