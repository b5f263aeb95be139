"""Journal writer: append-only segments on disk that hold a hash chain of records, forced to disk on request."""

import fcntl
import os
from io import FileIO
from pathlib import Path
from types import TracebackType

from quaestor.adapters.journals import layout
from quaestor.adapters.journals.reading import ChainEnd, SegmentReader, list_segments
from quaestor.errors import JournalError, OutputError, UsageError
from quaestor.ports.journal import RecordKind

__all__ = ["DEFAULT_SEGMENT_BYTES", "SegmentReader", "SegmentWriter"]

DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024
_WRITE_BUFFER_BYTES = 256 * 1024
_LOCK_NAME = "writer.lock"
_CLOSE = int(RecordKind.CLOSE)


class SegmentWriter:
    """Writer of records to the newest segment of a directory; made with `create` or `resume`.

    `append` buffers in the process; `sync` returns once everything appended is on disk. A new segment begins when the
    current one would exceed `segment_bytes`. A lock file admits one writer at a time. After a failed write the writer
    refuses all calls: the journal must be read back first.

    Raises:
        JournalError: another writer holds the journal, or it has been closed.
        OutputError: the disk refused a write.
    """

    def __init__(self, path: Path, lock: FileIO, end: ChainEnd, segment_bytes: int) -> None:
        self._path = path
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._segment = end.segment
        self._size = end.offset
        self._digest = end.digest
        self._number = end.number
        self._is_open = True
        self._is_ended = False
        self._buffer = bytearray()
        self._stream = self._open_segment(end)

    @classmethod
    def create(cls, path: Path, *, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> "SegmentWriter":
        """Begin a new journal in a directory, created if absent.

        Raises:
            JournalError: a journal is there already.
            OutputError: the directory cannot be written.
        """
        path = Path(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error
        lock = _take_lock(path)
        if any(path.glob("segment-*.qj")):
            lock.close()
            raise JournalError(
                "a journal is here already", place=str(path), remedy="choose another directory, or delete this journal"
            )
        return cls(path, lock, ChainEnd(), segment_bytes)

    @classmethod
    def resume(cls, path: Path, *, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> "SegmentWriter":
        """Continue a journal that a crash interrupted: verify it, truncate a torn tail and append after the rest.

        Raises:
            JournalError: no journal, damage before the tail, or a journal with a CLOSE record.
        """
        path = Path(path)
        list_segments(path)
        lock = _take_lock(path)
        try:
            reader = SegmentReader(path, recover=True)
            for _ in reader:
                pass
            if reader.end.is_closed:
                raise JournalError("the journal is complete", place=str(path), remedy="start a new run elsewhere")
            return cls(path, lock, reader.end, segment_bytes)
        except UsageError:
            lock.close()
            raise

    @property
    def number(self) -> int:
        """Number of the next record."""
        return self._number

    @property
    def path(self) -> Path:
        """Directory of the journal."""
        return self._path

    def append(self, kind: RecordKind, payload: bytes | memoryview) -> None:
        """Append one record, which is on disk after the next `sync`; nothing may follow a CLOSE record."""
        if not self._is_open or self._is_ended:
            raise JournalError("the journal is closed", place=str(self._path))
        length = payload.nbytes if isinstance(payload, memoryview) else len(payload)
        total = layout.HEAD_BYTES + length + layout.DIGEST_BYTES
        if self._size + total > self._segment_bytes and self._size > layout.FILE_HEADER_BYTES:
            self._roll_over()
        head = layout.record_head(length, kind, self._number)
        digest = layout.chain(self._digest, head, payload)
        self._buffer += head
        self._buffer += payload
        self._buffer += digest
        self._digest = digest
        self._number += 1
        self._size += total
        self._is_ended = kind == _CLOSE
        if len(self._buffer) >= _WRITE_BUFFER_BYTES:
            self._flush()

    def sync(self) -> None:
        """Block until everything appended is on disk."""
        if not self._is_open:
            raise JournalError("the journal is closed", place=str(self._path))
        self._flush()
        try:
            os.fdatasync(self._stream.fileno())
        except OSError as error:
            raise self._fail(error) from error

    def close(self) -> None:
        """Sync and close the files; repeated calls do nothing. Without a CLOSE record the journal can be resumed."""
        if not self._is_open:
            return
        self.sync()
        self._is_open = False
        self._stream.close()
        self._lock.close()

    def __enter__(self) -> "SegmentWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_segment(self, end: ChainEnd) -> FileIO:
        """Open the newest segment at the chain's end and write its header when it has none yet."""
        file = self._path / layout.segment_name(end.segment)
        try:
            stream = file.open("r+b" if file.exists() else "x+b", buffering=0)
            stream.truncate(end.offset)
            stream.seek(end.offset)
            if end.offset == 0:
                header = layout.file_header(end.segment, self._number, self._digest)
                stream.write(header)
                self._digest = layout.chain(self._digest, header)
                self._size = len(header)
            os.fsync(stream.fileno())
            _sync_directory(self._path)
        except OSError as error:
            raise _unwritable(file, error) from error
        return stream

    def _flush(self) -> None:
        """Write the whole buffer to the operating system."""
        rest = memoryview(self._buffer)
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            raise self._fail(error) from error
        finally:
            rest.release()
        self._buffer.clear()

    def _roll_over(self) -> None:
        """Finish the current segment on disk, then begin the next one."""
        self.sync()
        self._stream.close()
        self._segment += 1
        self._stream = self._open_segment(ChainEnd(self._segment, 0, self._digest, self._number))

    def _fail(self, error: OSError) -> OutputError:
        """Close the writer after a failed write (the chain in memory is ahead of the disk) and return the error."""
        self._is_open = False
        self._stream.close()
        self._lock.close()
        return _unwritable(self._path, error)


def _take_lock(path: Path) -> FileIO:
    try:
        lock = (path / _LOCK_NAME).open("ab", buffering=0)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(
            "another process is writing this journal", place=str(path), remedy="stop it, or choose another directory"
        ) from error
    return lock


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(place: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write the journal: {error.strerror or error}",
        place=str(place),
        remedy="check permissions and free space, or choose another directory",
    )
