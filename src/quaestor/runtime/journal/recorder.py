"""Recorders: receive the rows of a run, and write them to a journal or compare them with one.

A journal is streams of fixed-width rows (decisions, opinions, orders, inbound events) between a header and a close.
Replay and recovery after a crash are one mechanism: the same run again with a recorder that compares every row with the
journal's, and goes on writing once the journal ends.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from quaestor.engine.engine import Output
from quaestor.errors import JournalError
from quaestor.jit.tables import Field, Table, table
from quaestor.ledger.codes import Command, EventKind, Verdict
from quaestor.ledger.rows import DECISION, EVENT_TABLE, ORDER_EVENT
from quaestor.ports.journal import Journal, JournalRecord, RecordKind

INBOUND_TABLE = table(
    "inbound event",
    "An event that came from outside, as it is journaled.",
    Field("position", "i8", "bars", "that had been consumed before it"),
    Field("event", EVENT_TABLE),
)
INBOUND = INBOUND_TABLE.dtype

_ROW_BYTES = {
    RecordKind.DECISIONS: DECISION.itemsize,
    RecordKind.ORDERS: ORDER_EVENT.itemsize,
    RecordKind.INBOUND: INBOUND.itemsize,
    RecordKind.MODELS: 1,  # text
    RecordKind.OPINIONS: 8,  # numbers
}

_ROW_WORD = {RecordKind.MODELS: "byte", RecordKind.OPINIONS: "number"}


class Close(msgspec.Struct, frozen=True):
    """The last record: number of bars, final equity, and digest of the final state."""

    bars: int
    equity_quanta: int
    state_sha256: str


class Recorder(Protocol):
    """Receiver of what a run does, in order."""

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Record rows of one stream."""

    def sync(self) -> None:
        """Return once everything recorded is on disk."""

    def close(self, close: Close) -> None:
        """Record the end of the run."""


class NoRecorder:
    """Recorder of a run without a journal: discards everything."""

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Discard the rows."""

    def sync(self) -> None:
        """Return at once."""

    def close(self, close: Close) -> None:
        """Discard the end."""


class JournalRecorder:
    """Recorder that writes to a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Append rows of one stream to the journal."""
        if payload:
            self._journal.append(kind, payload)

    def sync(self) -> None:
        """Wait until everything is on disk."""
        self._journal.sync()

    def close(self, close: Close) -> None:
        """Append the last record and close the journal."""
        self._journal.append(RecordKind.CLOSE, msgspec.json.encode(close))
        self._journal.close()


class VerifyingRecorder:
    """Recorder that compares a run with a journal's rows, and passes rows beyond its end on.

    Attributes:
        difference: the first one; empty while there is none.
    """

    def __init__(
        self,
        records: Iterable[JournalRecord],
        onward: Recorder | None,
        *,
        resumed_from: Path | None = None,
        part: bool = False,
    ) -> None:
        """Take the records of a journal.

        Args:
            records: all after the header.
            onward: receives rows beyond the journal's end; None: such rows are a difference.
            resumed_from: directory of the journal whose run is to go on; a difference then raises JournalError.
            part: the run may end before the journal does.
        """
        payloads: dict[RecordKind, list[bytes]] = {kind: [] for kind in _ROW_BYTES}
        self._closed: Close | None = None
        for record in records:
            if record.kind in payloads:
                payloads[record.kind].append(record.payload)
            elif record.kind is RecordKind.CLOSE:
                self._closed = msgspec.json.decode(record.payload, type=Close)
        self._expected = {kind: memoryview(b"".join(parts)) for kind, parts in payloads.items()}
        self._compared = dict.fromkeys(_ROW_BYTES, 0)
        self._onward = onward
        self._resumed_from = resumed_from
        self._part = part
        self.difference = ""
        self._has_unsynced = False

    @property
    def is_complete(self) -> bool:
        """Return whether the journal's run had ended."""
        return self._closed is not None

    @property
    def is_resumed(self) -> bool:
        """Return whether the journal's run is to go on."""
        return self._resumed_from is not None

    def commands(self) -> list[tuple[int, Command]]:
        """Return the operator's commands in the journal, each with the number of bars before it."""
        rows = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)
        given = rows[rows["event"]["kind"] == EventKind.COMMAND]
        return [(int(row["position"]), Command(row["event"]["code"])) for row in given]

    def allocations(self) -> Table:
        """Return the weights of instruments in the journal, as rows of dtype INBOUND."""
        rows = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)
        return rows[rows["event"]["kind"] == EventKind.ALLOCATION]

    def models(self) -> list[bytes]:
        """Return the journal's model log, as lines of JSON; see `runtime.models.log`."""
        return bytes(self._expected[RecordKind.MODELS]).splitlines()

    def bars_begun(self) -> int:
        """Return the number of bars of which the journal holds anything."""
        inbound = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)["position"]
        decided = np.frombuffer(self._expected[RecordKind.DECISIONS], DECISION)["number"]
        return 1 + max(int(numbers[-1]) if len(numbers) else -1 for numbers in (inbound, decided))

    def last_ts(self) -> int:
        """Return the time of the last decision in the journal, ns; 0 when it holds none."""
        decided = np.frombuffer(self._expected[RecordKind.DECISIONS], DECISION)["ts"]
        return int(decided[-1]) if len(decided) else 0

    def require_closed(self, path: Path) -> None:
        """Refuse a journal whose run did not end.

        Raises:
            JournalError: the journal has no last record.
        """
        if self._closed is None:
            raise JournalError(
                "was not closed: the run was cut off or is still going on",
                place=str(path),
                remedy="finish it by giving the same paper command again, then replay",
            )

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Compare rows with the journal's; pass on those beyond its end."""
        start = self._compared[kind]
        expected = self._expected[kind][start : start + len(payload)]
        self._compared[kind] = start + len(expected)
        if expected != payload[: len(expected)]:
            self._find_difference(kind, start, expected, payload)
        if len(payload) > len(expected):
            if self._onward is None:
                self._differ(f"the run made more {kind.name.lower()} than the journal holds")
            else:
                self._has_unsynced = True
                self._onward.record(kind, payload[len(expected) :])

    def sync(self) -> None:
        """Return once the rows that were passed on are on disk."""
        if self._has_unsynced and self._onward is not None:
            self._onward.sync()
            self._has_unsynced = False

    def close(self, close: Close) -> None:
        """Compare the end of the run with the journal's, or pass it on."""
        if self._part:
            return
        for kind, expected in self._expected.items():
            if self._compared[kind] != len(expected):
                self._differ(f"the journal holds more {kind.name.lower()} than the run made")
        if self._onward is not None:
            self._onward.close(close)
        elif self._closed != close:
            self._differ(f"the journal ends with {self._closed}, the run with {close}")

    def _find_difference(self, kind: RecordKind, start: int, expected: memoryview, payload: bytes) -> None:
        """Report the first row that differs."""
        size = _ROW_BYTES[kind]
        for offset in range(0, len(expected), size):
            if expected[offset : offset + size] != payload[offset : offset + size]:
                self._differ(f"{_ROW_WORD.get(kind, 'row')} {(start + offset) // size} of {kind.name.lower()} differs")
                return

    def _differ(self, what: str) -> None:
        """Keep the first difference; raise it where the run is resumed."""
        if self._resumed_from is not None:
            raise JournalError(
                f"cannot be resumed, for the run does not repeat what was journaled: {what}",
                place=str(self._resumed_from),
                remedy="resume it with the program and on the machine that began it, or choose another --journal",
            )
        self.difference = self.difference or what


def rows_to_keep(output: Output, level: str) -> NDArray[np.intp] | slice:
    """Return which decisions are journaled: at level ``full`` all, at ``slim`` those with a verdict or an order."""
    if level == "full":
        return slice(None)
    rows = output.decisions
    return np.flatnonzero((rows["verdict"] != Verdict.NONE) | (rows["orders"] > 0))
