"""Clocks for recorded data: free-running, or paced at a multiple of real time."""

import time

from quaestor.errors import ConfigError


class FreeRunningClock:
    """Clock that never waits; `now_ns` is the time of the last event waited for."""

    def __init__(self) -> None:
        self._now = 0

    def now_ns(self) -> int:
        """Return the event time, ns UTC."""
        return self._now

    def wait_until(self, ts_ns: int) -> None:
        """Set the event time and return at once."""
        self._now = ts_ns


class PacedClock:
    """Clock that runs at a multiple of real time, counted from the first event waited for.

    Raises:
        ConfigError: on creation, when the speed is not positive and finite.
    """

    def __init__(self, speed: float) -> None:
        if not 0.0 < speed < float("inf"):
            raise ConfigError(f"{speed} is no speed", place="--speed", remedy="give a number above 0, or max")
        self._speed = speed
        self._first_event: int | None = None
        self._started = 0.0
        self._now = 0

    def now_ns(self) -> int:
        """Return the event time, ns UTC."""
        return self._now

    def wait_until(self, ts_ns: int) -> None:
        """Sleep until the event is due."""
        if self._first_event is None:
            self._first_event = ts_ns
            self._started = time.monotonic()
        due = self._started + (ts_ns - self._first_event) / 1e9 / self._speed
        delay = due - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        self._now = ts_ns
