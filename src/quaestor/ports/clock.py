"""Clock port: event time in recorded runs, wall time live."""

from typing import Protocol


class Clock(Protocol):
    """Time as the runtime sees it: event time in recorded runs, wall time live."""

    def now_ns(self) -> int:
        """Nanoseconds UTC."""
        ...

    def wait_until(self, ts_ns: int) -> None:
        """Return when it is time."""
