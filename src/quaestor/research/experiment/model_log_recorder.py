"""Model log recorder: keeps the entries about models of a run that is recorded."""

from quaestor.ports.journal import RecordKind
from quaestor.runtime.journal.recorder import Close, Recorder
from quaestor.runtime.models.log import ModelLogEntry, read_entries


class ModelLogRecorder:
    """Recorder that keeps the entries about models, and hands everything on."""

    def __init__(self, onward: Recorder) -> None:
        self._onward = onward
        self._lines: list[bytes] = []

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Take rows of one stream."""
        if kind is RecordKind.MODELS:
            self._lines += payload.splitlines()
        self._onward.record(kind, payload)

    def sync(self) -> None:
        """Wait until what was handed on is safe."""
        self._onward.sync()

    def close(self, close: Close) -> None:
        """Close the recorder behind it."""
        self._onward.close(close)

    def entries(self) -> tuple[ModelLogEntry, ...]:
        """Return every entry about models, in order."""
        return tuple(read_entries(self._lines))
