"""Journal reader: reads segments back and verifies every byte."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from quaestor.adapters.journals import layout
from quaestor.errors import JournalError
from quaestor.ports.journal import JournalRecord, RecordKind

_READ_BUFFER_BYTES = 1 << 20
_KINDS = frozenset(int(kind) for kind in RecordKind)


@dataclass(slots=True)
class ChainEnd:
    """End of a verified chain: after `offset` bytes of `segment`, before record `number`."""

    segment: int = 1
    offset: int = 0
    digest: bytes = layout.GENESIS
    number: int = 0
    is_closed: bool = False
    torn: str = ""  # description of the incomplete bytes behind the chain's end, or empty


class SegmentReader:
    """Iterable of the records of a journal directory in order.

    Strict reading requires the whole journal, up to its CLOSE record. With ``recover=True`` reading ends without an
    error at the last complete record of the last segment, as a crash leaves it; `end` then holds the position and what
    was torn. Damage anywhere else always raises.

    Raises:
        JournalError: no journal, or altered, dropped, inserted or (strict) missing bytes, with file and offset.
    """

    def __init__(self, path: Path, *, recover: bool = False) -> None:
        self._path = Path(path)
        self._recover = recover
        self._segments = list_segments(self._path)
        self.end = ChainEnd()

    def __iter__(self) -> Iterator[JournalRecord]:
        end = self.end = ChainEnd()
        for position, file in enumerate(self._segments, start=1):
            if file.name != layout.segment_name(position):
                raise _damaged(self._path / layout.segment_name(position), 0, "the segment is missing")
            if end.is_closed:
                raise _damaged(file, 0, "a segment follows the closing record")
            end.segment, end.offset = position, 0
            with file.open("rb", buffering=_READ_BUFFER_BYTES) as stream:
                yield from self._read_segment(file, stream, is_last=position == len(self._segments))
        if not self._recover:
            if end.torn:
                raise _truncated(self._segments[-1], end.offset, end.torn)
            if not end.is_closed:
                raise _truncated(self._segments[-1], end.offset, "it has no closing record")

    def _read_segment(self, file: Path, stream: BinaryIO, *, is_last: bool) -> Iterator[JournalRecord]:
        end = self.end
        header = stream.read(layout.FILE_HEADER_BYTES)
        expected = layout.file_header(end.segment, end.number, end.digest)
        if header != expected:
            if expected.startswith(header) or not any(header):
                self._tear(file, "its segment header is incomplete", is_last=is_last)
                return
            raise _damaged(file, 0, _describe_header_defect(header))
        end.digest = layout.chain(end.digest, header)
        end.offset = len(header)
        while True:
            record = self._read_record(file, stream, is_last=is_last)
            if record is None:
                return
            yield record

    def _read_record(self, file: Path, stream: BinaryIO, *, is_last: bool) -> JournalRecord | None:
        """Return the next record, or None at the end of the segment (complete or torn)."""
        end = self.end
        head = stream.read(layout.HEAD_BYTES)
        if not head:
            return None
        if end.is_closed:
            raise _damaged(file, end.offset, "bytes follow the closing record")
        if len(head) < layout.HEAD_BYTES or (not any(head) and _is_zero_to_end(stream)):
            self._tear(file, "a record's head is incomplete", is_last=is_last)
            return None
        parsed = layout.parse_head(head)
        if parsed is None:
            raise _damaged(file, end.offset, "a record's head does not match its checksum")
        length, kind, number = parsed
        body = stream.read(length + layout.DIGEST_BYTES)
        if len(body) < length + layout.DIGEST_BYTES:
            self._tear(file, f"record {number} is incomplete", is_last=is_last)
            return None
        payload = body[:length]
        digest = layout.chain(end.digest, head, payload)
        if digest != body[length:] or number != end.number or kind not in _KINDS:
            raise _damaged(file, end.offset, f"record {number} does not match its checksum")
        end.digest, end.number = digest, number + 1
        end.offset += layout.HEAD_BYTES + len(body)
        end.is_closed = kind == RecordKind.CLOSE
        return JournalRecord(number, RecordKind(kind), payload)

    def _tear(self, file: Path, what: str, *, is_last: bool) -> None:
        """Record an incomplete tail in `end`; raise JournalError unless the segment is the last."""
        if not is_last:
            raise _damaged(file, self.end.offset, f"{what}, yet another segment follows")
        self.end.torn = what


def list_segments(path: Path) -> list[Path]:
    """Return the segment files of a journal directory, in order.

    Raises:
        JournalError: when there is none.
    """
    if not path.exists():
        raise JournalError("no such journal", place=str(path), remedy="give the directory that a run wrote")
    segments = sorted(path.glob("segment-*.qj")) if path.is_dir() else []
    if not segments:
        raise JournalError("no journal segments here", place=str(path), remedy="give the directory that a run wrote")
    return segments


def _is_zero_to_end(stream: BinaryIO) -> bool:
    """Return whether only zeros follow, as a power failure leaves them in place of bytes that were never written."""
    while block := stream.read(_READ_BUFFER_BYTES):
        if any(block):
            return False
    return True


def _describe_header_defect(header: bytes) -> str:
    if not layout.is_journal_magic(header):
        return "not a journal segment"
    if layout.version_of(header) != layout.VERSION:
        return f"format version {layout.version_of(header)}, this program reads {layout.VERSION}"
    return "the segment header does not continue the chain before it"


def _damaged(file: Path, offset: int, what: str) -> JournalError:
    return JournalError(
        f"damaged at byte {offset}: {what}",
        place=str(file),
        remedy="restore this file from a copy; nothing after it counts",
    )


def _truncated(file: Path, offset: int, what: str) -> JournalError:
    return JournalError(
        f"truncated after byte {offset}: {what}",
        place=str(file),
        remedy="restore it from a copy, or start the run again: a paper run resumes after the last whole "
        "record with the same settings, a backtest needs another directory",
    )
