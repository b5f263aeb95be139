"""Journal segments: what is written is read back, and no damaged byte goes unseen."""

import shutil
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quaestor.adapters.journals import MemoryJournal, SegmentReader, SegmentWriter, layout
from quaestor.errors import JournalError, OutputError
from quaestor.ports.journal import Journal, JournalRecord, RecordKind

OPEN_KINDS = [kind for kind in RecordKind if kind is not RecordKind.CLOSE]
Contents = list[tuple[RecordKind, bytes]]
SAMPLE: Contents = [
    (RecordKind.HEADER, b'{"seed": 7}'),
    (RecordKind.ORDERS, b""),
    (RecordKind.DECISIONS, bytes(range(40))),
    (RecordKind.INBOUND, b"\x00" * 20),
    (RecordKind.DECISIONS, b"tail"),
    (RecordKind.CLOSE, b"{}"),
]


def write(path: Path, contents: Contents, *, segment_bytes: int = 1 << 20) -> None:
    with SegmentWriter.create(path, segment_bytes=segment_bytes) as journal:
        for kind, payload in contents:
            journal.append(kind, payload)


def read(path: Path, *, recover: bool = False) -> Contents:
    return plain(list(SegmentReader(path, recover=recover)))


def plain(records: Sequence[JournalRecord]) -> Contents:
    assert [record.number for record in records] == list(range(len(records)))
    return [(record.kind, record.payload) for record in records]


def recovered_or_none(path: Path) -> Contents | None:
    try:
        return read(path, recover=True)
    except JournalError:
        return None


contents = st.lists(st.tuples(st.sampled_from(OPEN_KINDS), st.binary(max_size=300)), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=contents, segment_bytes=st.integers(60, 2000), reopen_after=st.integers(0, 30))
def test_records_round_trip_over_segments_and_resumptions(
    tmp_path: Path, contents: Contents, segment_bytes: int, reopen_after: int
) -> None:
    path = tmp_path / "journal"
    shutil.rmtree(path, ignore_errors=True)
    write(path, contents[:reopen_after], segment_bytes=segment_bytes)
    with SegmentWriter.resume(path, segment_bytes=segment_bytes) as journal:
        for kind, payload in contents[reopen_after:]:
            journal.append(kind, memoryview(payload))
        journal.append(RecordKind.CLOSE, b"end")
    assert read(path) == [*contents, (RecordKind.CLOSE, b"end")]


@pytest.mark.parametrize("segment_bytes", [150, 1 << 20])
def test_any_flipped_bit_is_found(tmp_path: Path, segment_bytes: int) -> None:
    path = tmp_path / "journal"
    write(path, SAMPLE, segment_bytes=segment_bytes)
    for file in sorted(path.glob("segment-*.qj")):
        whole = file.read_bytes()
        for offset in range(len(whole)):
            for bit in range(8):
                file.write_bytes(whole[:offset] + bytes([whole[offset] ^ (1 << bit)]) + whole[offset + 1 :])
                with pytest.raises(JournalError):
                    read(path)
                survivors = recovered_or_none(path)
                assert survivors is None
        file.write_bytes(whole)
    assert read(path) == SAMPLE


@pytest.mark.parametrize("segment_bytes", [150, 1 << 20])
def test_any_truncation_is_found_and_the_tail_recovers_to_a_prefix(tmp_path: Path, segment_bytes: int) -> None:
    path = tmp_path / "journal"
    write(path, SAMPLE, segment_bytes=segment_bytes)
    files = sorted(path.glob("segment-*.qj"))
    for file in files:
        whole = file.read_bytes()
        for length in range(len(whole)):
            file.write_bytes(whole[:length])
            with pytest.raises(JournalError):
                read(path)
            survivors = recovered_or_none(path)
            if file != files[-1]:
                assert survivors is None
            else:
                assert survivors is not None
                assert survivors == SAMPLE[: len(survivors)]
        file.write_bytes(whole)


def test_every_torn_tail_can_be_resumed_to_the_same_journal(tmp_path: Path) -> None:
    original = tmp_path / "original"
    write(original, SAMPLE, segment_bytes=150)
    last = sorted(original.glob("segment-*.qj"))[-1]
    for length in range(last.stat().st_size):
        for padding in (0, 5, 100):
            path = tmp_path / f"{length}-{padding}"
            shutil.copytree(original, path)
            (path / last.name).write_bytes(last.read_bytes()[:length] + bytes(padding))
            survivors = recovered_or_none(path)
            if survivors is None:  # zeros right behind a cut record complete it wrongly: that is damage
                assert padding
                continue
            with SegmentWriter.resume(path, segment_bytes=150) as journal:
                assert journal.number == len(survivors)
                for kind, payload in SAMPLE[len(survivors) :]:
                    journal.append(kind, payload)
            assert read(path) == SAMPLE
            assert [f.read_bytes() for f in sorted(path.glob("*.qj"))] == [
                f.read_bytes() for f in sorted(original.glob("*.qj"))
            ]


def test_a_journal_without_a_closing_record_is_truncated(tmp_path: Path) -> None:
    write(tmp_path / "journal", SAMPLE[:-1])
    with pytest.raises(JournalError, match=r"truncated after byte \d+: it has no closing record.*another directory"):
        read(tmp_path / "journal")
    assert read(tmp_path / "journal", recover=True) == SAMPLE[:-1]


def _drop_record(path: Path) -> None:
    file = path / layout.segment_name(1)
    data = file.read_bytes()
    start = layout.FILE_HEADER_BYTES
    size = layout.HEAD_BYTES + len(SAMPLE[0][1]) + layout.DIGEST_BYTES
    file.write_bytes(data[:start] + data[start + size :])


def _repeat_record(path: Path) -> None:
    file = path / layout.segment_name(1)
    data = file.read_bytes()
    start = layout.FILE_HEADER_BYTES
    size = layout.HEAD_BYTES + len(SAMPLE[0][1]) + layout.DIGEST_BYTES
    file.write_bytes(data[: start + size] + data[start:])


def _swap_segments(path: Path) -> None:
    first, second = path / layout.segment_name(1), path / layout.segment_name(2)
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)


def _remove_first_segment(path: Path) -> None:
    (path / layout.segment_name(1)).unlink()


def _remove_middle_segment(path: Path) -> None:
    (path / layout.segment_name(2)).unlink()


def _append_behind_the_end(path: Path) -> None:
    file = sorted(path.glob("segment-*.qj"))[-1]
    file.write_bytes(file.read_bytes() + b"more")


def _foreign_file(path: Path) -> None:
    (path / layout.segment_name(1)).write_bytes(b"PAR1" + bytes(200) + b"PAR1")


@pytest.mark.parametrize(
    "tamper",
    [
        _drop_record,
        _repeat_record,
        _swap_segments,
        _remove_first_segment,
        _remove_middle_segment,
        _append_behind_the_end,
        _foreign_file,
    ],
)
@pytest.mark.parametrize("recover", [False, True])
def test_tampering_is_damage(tmp_path: Path, tamper: Callable[[Path], None], recover: bool) -> None:
    path = tmp_path / "journal"
    write(path, SAMPLE, segment_bytes=150)
    assert len(list(path.glob("segment-*.qj"))) >= 3
    tamper(path)
    with pytest.raises(JournalError, match="damaged at byte"):
        read(path, recover=recover)


def test_another_format_version_is_named(tmp_path: Path) -> None:
    write(tmp_path / "journal", SAMPLE)
    file = tmp_path / "journal" / layout.segment_name(1)
    data = bytearray(file.read_bytes())
    data[len(layout.MAGIC)] = 9
    file.write_bytes(data)
    with pytest.raises(JournalError, match="format version 9, this program reads 1"):
        read(tmp_path / "journal")


@pytest.mark.parametrize("recover", [False, True])
def test_no_journal_is_a_clear_error(tmp_path: Path, recover: bool) -> None:
    with pytest.raises(JournalError, match="no such journal"):
        SegmentReader(tmp_path / "absent", recover=recover)
    with pytest.raises(JournalError, match="no journal segments here"):
        SegmentReader(tmp_path, recover=recover)
    with pytest.raises(JournalError, match="no such journal"):
        SegmentWriter.resume(tmp_path / "absent")


def test_an_existing_journal_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path, SAMPLE)
    with pytest.raises(JournalError, match="a journal is here already — choose another directory, or delete"):
        SegmentWriter.create(tmp_path)
    assert read(tmp_path) == SAMPLE


def test_a_closed_journal_takes_no_more(tmp_path: Path) -> None:
    with SegmentWriter.create(tmp_path) as journal:
        journal.append(RecordKind.CLOSE, b"{}")
        with pytest.raises(JournalError, match="closed"):
            journal.append(RecordKind.DECISIONS, b"late")
    with pytest.raises(JournalError, match="closed"):
        journal.sync()
    journal.close()
    with pytest.raises(JournalError, match="the journal is complete"):
        SegmentWriter.resume(tmp_path)


def test_two_writers_exclude_each_other(tmp_path: Path) -> None:
    with SegmentWriter.create(tmp_path), pytest.raises(JournalError, match="another process is writing"):
        SegmentWriter.resume(tmp_path)
    SegmentWriter.resume(tmp_path).close()


def test_nothing_is_lost_between_sync_and_the_next_append(tmp_path: Path) -> None:
    journal = SegmentWriter.create(tmp_path)
    journal.append(RecordKind.ORDERS, b"first")
    assert read(tmp_path, recover=True) == []
    journal.sync()
    assert read(tmp_path, recover=True) == [(RecordKind.ORDERS, b"first")]
    journal.close()


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write the journal"):
        SegmentWriter.create(tmp_path / "file" / "journal")


def test_a_full_disk_stops_the_writer(tmp_path: Path) -> None:
    """/dev/full refuses every write: the same error as a full disk, at the flush."""
    journal = SegmentWriter.create(tmp_path)
    journal._stream.close()
    journal._stream = FileIO("/dev/full", "r+")
    journal.append(RecordKind.ORDERS, b"x")
    with pytest.raises(OutputError, match="No space left"):
        journal.sync()
    with pytest.raises(JournalError, match="closed"):
        journal.append(RecordKind.ORDERS, b"y")
    journal.close()
    assert read(tmp_path, recover=True) == []


def test_numpy_rows_are_taken_without_a_copy_first(tmp_path: Path) -> None:
    rows = np.zeros(3, dtype=[("ts", "<i8"), ("price", "<f8")])
    rows["ts"] = [1, 2, 3]
    with SegmentWriter.create(tmp_path) as journal:
        journal.append(RecordKind.DECISIONS, rows.data)
        journal.append(RecordKind.CLOSE, b"")
    record = next(iter(SegmentReader(tmp_path)))
    assert np.array_equal(np.frombuffer(record.payload, dtype=rows.dtype), rows)


@given(contents=contents)
def test_the_memory_journal_keeps_the_same_order(contents: Contents) -> None:
    journal: Journal = MemoryJournal()
    for kind, payload in contents:
        journal.append(kind, payload)
    journal.sync()
    journal.append(RecordKind.CLOSE, b"end")
    with pytest.raises(JournalError, match="closed"):
        journal.append(RecordKind.ORDERS, b"late")
    assert isinstance(journal, MemoryJournal)
    assert plain(list(journal)) == [*contents, (RecordKind.CLOSE, b"end")]
    assert len(journal) == len(contents) + 1
