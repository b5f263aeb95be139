"""Journal writer under kill −9 at random instants: nothing that was synced is lost, and the run can go on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quaestor.adapters.journals import SegmentReader, SegmentWriter
from quaestor.ports.journal import RecordKind

WRITER = """
import os, sys
from pathlib import Path
from quaestor.adapters.journals import SegmentWriter
from quaestor.ports.journal import RecordKind
path = Path(sys.argv[1])
journal = (SegmentWriter.resume if path.exists() else SegmentWriter.create)(path, segment_bytes=5000)
while True:
    for _ in range(7):
        journal.append(RecordKind.ORDERS, b"record %d " % journal.number * (journal.number % 40))
    journal.sync()
    os.write(1, b"%d\\n" % journal.number)
"""


def expected(number: int) -> bytes:
    return b"record %d " % number * (number % 40)


def kill_while_writing(path: Path, after_s: float) -> int:
    """Let the writer run, kill it, and return how many records it reported as synced."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    whole_lines = (first + rest).rpartition(b"\n")[0].split(b"\n")
    return int(whole_lines[-1])


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_loses_nothing_that_was_synced(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "journal"
    moments = random.Random(seed)
    total = 0
    for _ in range(3):
        in_flight = kill_while_writing(path, moments.uniform(0.0, 0.05))
        records = list(SegmentReader(path, recover=True))
        assert len(records) >= in_flight > total
        assert [record.payload for record in records] == [expected(n) for n in range(len(records))]
        total = len(records)
    with SegmentWriter.resume(path, segment_bytes=5000) as journal:
        journal.append(RecordKind.CLOSE, b"{}")
    assert sum(1 for _ in SegmentReader(path)) == total + 1
