"""Journal port: records of a run, appended in order and read back."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class RecordKind(IntEnum):
    """Content of one record of a journal."""

    HEADER = 1  # JSON: configuration, fingerprints, data reference
    MARKET = 2  # JSON: a range of market rows consumed, by data reference
    INBOUND = 3  # EVENT rows received from the venue or the operator
    DECISIONS = 4  # DECISION rows
    ORDERS = 5  # ORDER_EVENT rows; forced to disk before an order leaves
    CLOSE = 6  # JSON: final state digest and counts
    MODELS = 7  # lines of JSON: requests for models, and the models that came into use
    OPINIONS = (
        8  # float64, one row for each decision: all outputs of a signal model, where a decision row cannot hold them
    )


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """Record as read back: number in the journal, kind and payload."""

    number: int
    kind: RecordKind
    payload: bytes


class Journal(Protocol):
    """Append-only, checksummed, ordered log of records."""

    def append(self, kind: RecordKind, payload: bytes | memoryview) -> None:
        """Append a record; it may still be in memory afterwards."""

    def sync(self) -> None:
        """Block until everything appended is on disk."""

    def close(self) -> None:
        """Sync and close the files."""


class JournalReader(Protocol):
    """Iterable of the records of a journal in order; raises JournalError at the first damaged record."""

    def __iter__(self) -> Iterator[JournalRecord]: ...
