"""Paper run under kill −9 at random instants: resumed it ends where it would have ended."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import SEGMENT, call, json_of, kill_when, refusal, same_run, streams
from tests.slices import MINUTES, cut, spot_hours

from quaestor.adapters.journals import SegmentReader, SegmentWriter, layout
from quaestor.ledger.codes import OrderAction
from quaestor.ledger.rows import ORDER_EVENT
from quaestor.ports.journal import RecordKind

STRATEGY = ("--strategy", "ema_cross", "--set", "fast=5", "--set", "slow=20", "--set", "side=both")


@dataclass(frozen=True, slots=True)
class Reference:
    """Run that was not interrupted."""

    command: tuple[str, ...]  # all but the journal
    summary: dict[str, Any]
    streams: dict[RecordKind, bytes]
    journal: Path
    size: int  # of its journal, in bytes


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("uninterrupted")
    path = cut(MINUTES, folder / "binance_spot_BTCUSDT_1m.parquet", "2023-03-01", "2023-04-11")
    command = ("paper", "--data", str(path), "--symbol", "BTCUSDT", *STRATEGY, "--speed", "max", "--json")
    journal = folder / "journal"
    summary = json_of(*command, "--journal", journal)
    return Reference(command, summary, streams(journal), journal, (journal / SEGMENT).stat().st_size)


def kill_silent(reference: Reference, journal: Path, size: int, wait_s: float) -> None:
    """Kill the run before it has printed anything."""
    assert kill_when(reference.command, journal, size, wait_s) == b""


def require_same_end(reference: Reference, journal: Path, summary: dict[str, Any]) -> None:
    """Check the same figures, the same bytes in every stream, every order once; and that the journal replays."""
    assert same_run(summary) == same_run(reference.summary)
    assert summary["state_sha256"] == reference.summary["state_sha256"]
    ended = streams(journal)
    require_same_rows(ended, reference.streams)
    orders = np.frombuffer(ended[RecordKind.ORDERS], ORDER_EVENT)
    created = orders[orders["action"] == OrderAction.NEW]["order"]["id"]
    assert len(created) == len(np.unique(created)) > 100
    assert json_of("replay", journal, "--json")["identical"] is True


def require_same_rows(one: dict[RecordKind, bytes], other: dict[RecordKind, bytes]) -> None:
    """Check that two journals are equal but for the header, which holds their paths."""
    assert one.keys() == other.keys()
    for kind in one.keys() - {RecordKind.HEADER}:
        assert one[kind] == other[kind], kind.name


def whole_orders(journal: Path) -> bytes:
    """Return the order rows that survived."""
    return streams(journal, recover=True).get(RecordKind.ORDERS, b"")


def test_one_run_killed_again_and_again_ends_as_if_never_killed(reference: Reference, tmp_path: Path) -> None:
    moments = random.Random(11)
    journal = tmp_path / "journal"
    targets = sorted(moments.uniform(0.0, 0.8) * reference.size for _ in range(14))
    survived = b""
    for target in targets:
        kill_silent(reference, journal, int(target), moments.uniform(0.0, 0.01))
        orders = whole_orders(journal)
        assert orders.startswith(survived)
        assert reference.streams[RecordKind.ORDERS].startswith(orders)
        survived = orders
        assert "was not closed" in refusal("replay", journal, "--json") or "truncated" in refusal("replay", journal)
    assert 0 < len(survived) < len(reference.streams[RecordKind.ORDERS])
    summary = json_of(*reference.command, "--journal", journal)
    assert "resumed from a journal that had been cut off" in summary["notes"]
    require_same_end(reference, journal, summary)


@pytest.mark.parametrize("seed", range(6))
def test_fresh_runs_killed_once_end_as_if_never_killed(reference: Reference, seed: int, tmp_path: Path) -> None:
    moments = random.Random(100 + seed)
    journal = tmp_path / "journal"
    target = 0 if seed == 0 else int(moments.uniform(0.0, 0.8) * reference.size)
    kill_silent(reference, journal, target, moments.uniform(0.0, 0.002))
    require_same_end(reference, journal, json_of(*reference.command, "--journal", journal))


def cut_copy(journal: Path, target: Path, size: int) -> Path:
    """Return a copy of a journal of which only the first bytes reached the disk."""
    shutil.copytree(journal, target)
    with (target / SEGMENT).open("r+b") as file:
        file.truncate(size)
    return target


def test_a_tail_torn_at_any_byte_is_resumed(tmp_path: Path) -> None:
    command = ("paper", *spot_hours(tmp_path), *STRATEGY, "--speed", "max", "--json")
    whole = tmp_path / "whole"
    summary = json_of(*command, "--journal", whole)
    content = (whole / SEGMENT).read_bytes()
    header, head = layout.FILE_HEADER_BYTES, layout.HEAD_BYTES
    first = header + head + len(next(iter(SegmentReader(whole))).payload) + layout.DIGEST_BYTES
    offsets = {0, 1, header - 1, header, header + 3, header + head, first - 1, first, first + head, len(content) - 1}
    offsets.update(random.Random(5).sample(range(first, len(content)), 12))
    for offset in sorted(offsets):
        journal = cut_copy(whole, tmp_path / str(offset), offset)
        resumed = json_of(*command, "--journal", journal)
        assert same_run(resumed) == same_run(summary)
        assert resumed["state_sha256"] == summary["state_sha256"]
        require_same_rows(streams(journal), streams(whole))
        assert json_of("replay", journal, "--json")["identical"] is True


def test_zeros_that_a_power_cut_leaves_behind_are_cut_off(tmp_path: Path) -> None:
    command = ("paper", *spot_hours(tmp_path), *STRATEGY, "--speed", "max", "--json")
    whole = tmp_path / "whole"
    json_of(*command, "--journal", whole)
    first = sum(1 for _ in SegmentReader(whole)) // 2
    ends = record_ends(whole)[first]
    journal = cut_copy(whole, tmp_path / "torn", ends)
    with (journal / SEGMENT).open("ab") as file:
        file.write(bytes(5000))
    json_of(*command, "--journal", journal)
    require_same_rows(streams(journal), streams(whole))


def record_ends(journal: Path) -> list[int]:
    """Return the offset behind each record."""
    sizes = [layout.HEAD_BYTES + len(record.payload) + layout.DIGEST_BYTES for record in SegmentReader(journal)]
    return (layout.FILE_HEADER_BYTES + np.cumsum(sizes)).tolist()


def test_a_crash_between_the_journal_and_the_results_loses_neither(reference: Reference, tmp_path: Path) -> None:
    journal = cut_copy(reference.journal, tmp_path / "journal", reference.size)
    assert call("kill", journal).code == 0  # too late for this run
    before = (journal / SEGMENT).read_bytes()
    summary = json_of(*reference.command, "--journal", journal, "--out", tmp_path / "out")
    assert "the journal was complete: repeated, and it agrees" in summary["notes"]
    assert same_run(summary) == same_run(reference.summary)
    assert (tmp_path / "out" / "trades.parquet").is_file()
    assert (journal / SEGMENT).read_bytes() == before


def test_two_runs_never_write_one_journal(reference: Reference, tmp_path: Path) -> None:
    journal = cut_copy(reference.journal, tmp_path / "journal", reference.size // 2)
    with SegmentWriter.resume(journal):
        message = refusal(*reference.command, "--journal", journal)
    assert "another process is writing this journal" in message


@pytest.mark.parametrize("command", ["kill", "pause"])
def test_a_command_that_a_crash_caught_before_the_journal_is_taken_again(command: str, tmp_path: Path) -> None:
    run = ("paper", *spot_hours(tmp_path), *STRATEGY, "--speed", "max", "--json")
    whole = tmp_path / "whole"
    free = json_of(*run, "--journal", whole)
    journal = cut_copy(whole, tmp_path / "journal", record_ends(whole)[0])
    assert call("kill", journal, "--command", command).code == 0
    (journal / "operator.command").rename(journal / "operator.command.taken")
    stopped = json_of(*run, "--journal", journal)
    assert stopped["trades"] == 0 < free["trades"]
    assert list(journal.glob("operator.command*")) == []
    assert json_of("replay", journal, "--json")["identical"] is True
