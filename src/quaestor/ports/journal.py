"""Journal port: records of a run, appended in order and read back."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class RecordKind(IntEnum):
    """What one record of a journal holds."""

    HEADER = 1  # JSON: configuration, fingerprints, data reference
    MARKET = 2  # JSON: a range of market rows consumed, by data reference
    INBOUND = 3  # EVENT rows that came from the venue or the operator
    DECISIONS = 4  # DECISION rows
    ORDERS = 5  # ORDER_EVENT rows; forced to disk before an order leaves
    CLOSE = 6  # JSON: final state digest and counts
    MODELS = 7  # lines of JSON: models asked for, and those that came into use
    OPINIONS = (
        8  # float64, a row a decision: everything that a signal model said, where that is more than a decision holds
    )


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One record as read back: its number in the journal, kind and payload."""

    number: int
    kind: RecordKind
    payload: bytes


class Journal(Protocol):
    """Append-only, checksummed, ordered. `sync` returns once everything appended is on disk."""

    def append(self, kind: RecordKind, payload: bytes | memoryview) -> None:
        """Add a record; it may still be in memory when this returns."""

    def sync(self) -> None:
        """Return once everything appended is on disk."""

    def close(self) -> None:
        """Sync and let go of the files."""


class JournalReader(Protocol):
    """Reads a journal back in order; raises JournalError at the first damaged record."""

    def __iter__(self) -> Iterator[JournalRecord]: ...
