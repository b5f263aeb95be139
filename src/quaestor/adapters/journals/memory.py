"""In-memory journal: holds records as long as the process, for tests, sweeps and runs without a journal directory."""

from collections.abc import Iterator

from quaestor.errors import JournalError
from quaestor.ports.journal import JournalRecord, RecordKind


class MemoryJournal:
    """Journal in memory, with the same order and rules as the segments on disk.

    Example:
        >>> journal = MemoryJournal()
        >>> journal.append(RecordKind.HEADER, b"{}")
        >>> [record.kind.name for record in journal]
        ['HEADER']
    """

    def __init__(self) -> None:
        self._records: list[tuple[RecordKind, bytes]] = []
        self._ended = False

    def append(self, kind: RecordKind, payload: bytes | memoryview) -> None:
        """Append a copy of one record.

        Raises:
            JournalError: after a CLOSE record or `close`.
        """
        if self._ended:
            raise JournalError("the journal is closed", place="memory journal")
        self._records.append((kind, bytes(payload)))
        self._ended = kind is RecordKind.CLOSE

    def sync(self) -> None:
        """Do nothing: records in memory need no sync."""

    def close(self) -> None:
        """Refuse further records; reading remains possible."""
        self._ended = True

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[JournalRecord]:
        for number, (kind, payload) in enumerate(self._records):
            yield JournalRecord(number, kind, payload)
