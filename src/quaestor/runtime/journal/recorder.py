"""What a run writes down, and the same thing held against what was written before.

A journal is streams of fixed-width rows (decisions, opinions, orders, inbound events) between a header and a close.
Replay and recovery after a crash are one mechanism: run the same loop again with a recorder that compares every row
with the journal's, and, once the journal ends, goes on writing.
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
    """The last record: what the run came to."""

    bars: int
    equity_quanta: int
    state_sha256: str


class Recorder(Protocol):
    """Takes what a run does, in order."""

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Take rows of one stream."""

    def sync(self) -> None:
        """Return once everything taken is safe."""

    def close(self, close: Close) -> None:
        """The run has ended."""


class NoRecorder:
    """Keeps nothing."""

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Forget it."""

    def sync(self) -> None:
        """Nothing to wait for."""

    def close(self, close: Close) -> None:
        """Forget it."""


class JournalRecorder:
    """Writes to a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Append rows of one stream."""
        if payload:
            self._journal.append(kind, payload)

    def sync(self) -> None:
        """Wait until everything is on disk."""
        self._journal.sync()

    def close(self, close: Close) -> None:
        """End the journal."""
        self._journal.append(RecordKind.CLOSE, msgspec.json.encode(close))
        self._journal.close()


class VerifyingRecorder:
    """Compares with what a journal holds; beyond its end, hands on to `onward` (None: more rows are a difference).

    The first difference is noted; or, when the run of the journal in the directory `resumed_from` is to go on, it ends
    it. A run that only goes `part` of the way may end before the journal does.

    Raises:
        JournalError: a run that is resumed does something else than the journal says it did.
    """

    def __init__(
        self,
        records: Iterable[JournalRecord],
        onward: Recorder | None,
        *,
        resumed_from: Path | None = None,
        part: bool = False,
    ) -> None:
        kept: dict[RecordKind, list[bytes]] = {kind: [] for kind in _ROW_BYTES}
        self._closed: Close | None = None
        for record in records:
            if record.kind in kept:
                kept[record.kind].append(record.payload)
            elif record.kind is RecordKind.CLOSE:
                self._closed = msgspec.json.decode(record.payload, type=Close)
        self._expected = {kind: memoryview(b"".join(parts)) for kind, parts in kept.items()}
        self._at = dict.fromkeys(_ROW_BYTES, 0)
        self._onward = onward
        self._resumed_from = resumed_from
        self._part = part
        self.difference = ""
        self._wrote = False

    @property
    def is_complete(self) -> bool:
        """Whether the journal's run had ended."""
        return self._closed is not None

    @property
    def is_resumed(self) -> bool:
        """Whether the journal's run is to go on."""
        return self._resumed_from is not None

    def commands(self) -> list[tuple[int, Command]]:
        """An operator's commands in the journal, each with the number of bars done before it."""
        rows = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)
        given = rows[rows["event"]["kind"] == EventKind.COMMAND]
        return [(int(row["position"]), Command(row["event"]["code"])) for row in given]

    def allocations(self) -> Table:
        """Weights of instruments in the journal, as rows of dtype INBOUND."""
        rows = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)
        return rows[rows["event"]["kind"] == EventKind.ALLOCATION]

    def models(self) -> list[bytes]:
        """Lines of JSON about models, see `runtime.models.log`."""
        return bytes(self._expected[RecordKind.MODELS]).splitlines()

    def bars_begun(self) -> int:
        """Bars about which the journal holds anything."""
        inbound = np.frombuffer(self._expected[RecordKind.INBOUND], INBOUND)["position"]
        decided = np.frombuffer(self._expected[RecordKind.DECISIONS], DECISION)["number"]
        return 1 + max(int(numbers[-1]) if len(numbers) else -1 for numbers in (inbound, decided))

    def last_ts(self) -> int:
        """Time of the last decision that the journal holds; 0 when it holds none."""
        decided = np.frombuffer(self._expected[RecordKind.DECISIONS], DECISION)["ts"]
        return int(decided[-1]) if len(decided) else 0

    def require_closed(self, path: Path) -> None:
        """Refuse a journal whose run did not end.

        Raises:
            JournalError: it has no last record.
        """
        if self._closed is None:
            raise JournalError(
                "was not closed: the run was cut off or is still going on",
                place=str(path),
                remedy="finish it by giving the same paper command again, then replay",
            )

    def record(self, kind: RecordKind, payload: bytes) -> None:
        """Compare rows with the journal's; pass on what lies beyond its end."""
        start = self._at[kind]
        expected = self._expected[kind][start : start + len(payload)]
        self._at[kind] = start + len(expected)
        if expected != payload[: len(expected)]:
            self._note(kind, start, expected, payload)
        if len(payload) > len(expected):
            if self._onward is None:
                self._differ(f"the run made more {kind.name.lower()} than the journal holds")
            else:
                self._wrote = True
                self._onward.record(kind, payload[len(expected) :])

    def sync(self) -> None:
        """Wait until what was handed on is on disk."""
        if self._wrote and self._onward is not None:
            self._onward.sync()
            self._wrote = False

    def close(self, close: Close) -> None:
        """Compare the ends."""
        if self._part:
            return
        for kind, expected in self._expected.items():
            if self._at[kind] != len(expected):
                self._differ(f"the journal holds more {kind.name.lower()} than the run made")
        if self._onward is not None:
            self._onward.close(close)
        elif self._closed != close:
            self._differ(f"the journal ends with {self._closed}, the run with {close}")

    def _note(self, kind: RecordKind, start: int, expected: memoryview, payload: bytes) -> None:
        size = _ROW_BYTES[kind]
        for offset in range(0, len(expected), size):
            if expected[offset : offset + size] != payload[offset : offset + size]:
                self._differ(f"{_ROW_WORD.get(kind, 'row')} {(start + offset) // size} of {kind.name.lower()} differs")
                return

    def _differ(self, what: str) -> None:
        if self._resumed_from is not None:
            raise JournalError(
                f"cannot be resumed, for the run does not repeat what was journaled: {what}",
                place=str(self._resumed_from),
                remedy="resume it with the program and on the machine that began it, or choose another --journal",
            )
        self.difference = self.difference or what


def rows_to_keep(output: Output, level: str) -> NDArray[np.intp] | slice:
    """Which decisions: at level ``full`` every one, at ``slim`` those that asked, refused or ordered something."""
    if level == "full":
        return slice(None)
    rows = output.decisions
    return np.flatnonzero((rows["verdict"] != Verdict.NONE) | (rows["orders"] > 0))
