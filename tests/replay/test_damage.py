"""Damaged journals: one that is not what its run wrote is never reported identical, and never resumed."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.command_line import call, json_of, records, refusal
from tests.slices import HOURS, cut, spot_hours

from quaestor.adapters.journals import SegmentWriter, layout
from quaestor.ledger.rows import DECISION, ORDER_EVENT
from quaestor.ports.journal import JournalRecord, RecordKind
from quaestor.runtime.journal.recorder import INBOUND

STRATEGY = ("--strategy", "ema_cross", "--set", "fast=5", "--set", "slow=20", "--set", "side=both")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return spot_hours(tmp_path_factory.mktemp("slice"), "2023-03-01", "2023-03-20")


@pytest.fixture(scope="module")
def options(data: tuple[str, ...]) -> tuple[str, ...]:
    return (*data, *STRATEGY)


@pytest.fixture(scope="module")
def finished(options: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a finished paper run."""
    journal = tmp_path_factory.mktemp("finished") / "journal"
    json_of("paper", *options, "--journal", journal, "--speed", "max", "--json")
    return journal


def copy_with(source: Path, target: Path, change: Callable[[bytearray], object]) -> Path:
    """A copy of a journal with its bytes changed."""
    shutil.copytree(source, target)
    file = target / "segment-000001.qj"
    content = bytearray(file.read_bytes())
    change(content)
    file.write_bytes(bytes(content))
    return target


def rewrite(kept: list[JournalRecord], target: Path) -> Path:
    """A journal with a valid chain that holds these records."""
    with SegmentWriter.create(target) as writer:
        for record in kept:
            writer.append(record.kind, record.payload)
    return target


def altered(kept: list[JournalRecord], kind: RecordKind, row_bytes: int, row: int, byte: int) -> list[JournalRecord]:
    """The records with one byte of one row of a stream changed, the row counted over the whole stream."""
    seen = 0
    result = []
    for record in kept:
        payload = record.payload
        start = row * row_bytes + byte - seen
        if record.kind is kind and 0 <= start < len(payload):
            payload = payload[:start] + bytes([payload[start] ^ 1]) + payload[start + 1 :]
        if record.kind is kind:
            seen += len(record.payload)
        result.append(JournalRecord(record.number, record.kind, payload))
    return result


def test_a_flipped_byte_anywhere_is_refused(finished: Path, tmp_path: Path) -> None:
    size = (finished / "segment-000001.qj").stat().st_size
    header, head = layout.FILE_HEADER_BYTES, layout.HEAD_BYTES
    chosen = {0, header - 1, header, header + head - 1, header + head, size - 1, size - layout.DIGEST_BYTES - 1}
    chosen.update(random.Random(1).sample(range(size), 25))
    for offset in sorted(chosen):

        def flip(content: bytearray, at: int = offset) -> None:
            content[at] ^= 1 << (at % 8)

        message = refusal("replay", copy_with(finished, tmp_path / str(offset), flip), "--json")
        assert "segment-000001.qj: damaged at byte " in message
        assert "restore" in message


def test_a_journal_cut_anywhere_is_refused(finished: Path, tmp_path: Path) -> None:
    size = (finished / "segment-000001.qj").stat().st_size
    chosen = {0, 1, layout.FILE_HEADER_BYTES, layout.FILE_HEADER_BYTES + 5, size - 1}
    chosen.update(random.Random(2).sample(range(size), 15))
    for length in sorted(chosen):

        def shorten(content: bytearray, to: int = length) -> None:
            del content[to:]

        message = refusal("replay", copy_with(finished, tmp_path / str(length), shorten), "--json")
        assert "truncated after byte " in message
        assert "resume" in message


def test_bytes_after_the_end_are_refused(finished: Path, tmp_path: Path) -> None:
    longer = copy_with(finished, tmp_path / "longer", lambda content: content.extend(b"more"))
    assert "bytes follow the closing record" in refusal("replay", longer, "--json")


@pytest.mark.parametrize(
    ("kind", "row_bytes"),
    [
        (RecordKind.DECISIONS, DECISION.itemsize),
        (RecordKind.ORDERS, ORDER_EVENT.itemsize),
        (RecordKind.INBOUND, INBOUND.itemsize),
    ],
)
@pytest.mark.parametrize("row", [0, 17])
def test_a_row_changed_under_a_valid_chain_is_reported(
    kind: RecordKind, row_bytes: int, row: int, finished: Path, tmp_path: Path
) -> None:
    forged = rewrite(altered(records(finished), kind, row_bytes, row, byte=row_bytes // 2), tmp_path / "forged")
    outcome = call("replay", forged, "--json")
    assert outcome.code == 1
    assert outcome.json["identical"] is False
    assert outcome.json["difference"] == f"row {row} of {kind.name.lower()} differs"


def test_rows_dropped_or_added_under_a_valid_chain_are_reported(finished: Path, tmp_path: Path) -> None:
    kept = records(finished)
    last = max(k for k, record in enumerate(kept) if record.kind is RecordKind.DECISIONS)
    fewer = call("replay", rewrite(kept[:last] + kept[last + 1 :], tmp_path / "fewer"), "--json")
    assert (fewer.code, fewer.json["difference"]) == (1, "the run made more decisions than the journal holds")
    more = call("replay", rewrite([*kept[:last], kept[last], *kept[last:]], tmp_path / "more"), "--json")
    assert (more.code, more.json["difference"]) == (1, "the journal holds more decisions than the run made")


def test_another_closing_record_under_a_valid_chain_is_reported(finished: Path, tmp_path: Path) -> None:
    kept = records(finished)
    close = kept[-1]
    assert close.kind is RecordKind.CLOSE
    forged = close.payload.replace(b'"equity_quanta":', b'"equity_quanta":1')
    ended = call("replay", rewrite([*kept[:-1], JournalRecord(0, close.kind, forged)], tmp_path / "end"), "--json")
    assert ended.code == 1
    assert ended.json["difference"].startswith("the journal ends with ")


def test_replay_reports_its_result_as_text(finished: Path, tmp_path: Path) -> None:
    assert "identical" in call("replay", finished).out
    forged = rewrite(altered(records(finished), RecordKind.DECISIONS, DECISION.itemsize, 3, 9), tmp_path / "forged")
    outcome = call("replay", forged)
    assert outcome.code == 1
    assert "row 3 of decisions differs" in outcome.out


def test_other_data_under_the_same_name_is_refused(finished: Path, data: tuple[str, ...], tmp_path: Path) -> None:
    frame = pl.read_parquet(data[1])
    other = tmp_path / Path(data[1]).name
    frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 400).then(1.0).otherwise("volume").alias("volume")
    ).write_parquet(other)
    message = refusal("replay", finished, "--data", other, "--json")
    assert "belongs to another run (data differ) — put back the files" in message
    assert "--journal" not in message
    assert "no such file" in refusal("replay", finished, "--data", tmp_path / "none.parquet", "--json")


def test_a_funding_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    bars = cut(HOURS, tmp_path / "perp_BTCUSDT_1h.parquet", "2023-03-01", "2023-03-08", "BTCUSDT")
    stamps = pl.read_parquet(bars)["ts"].to_numpy()[::8]
    funding = tmp_path / "perp_BTCUSDT_funding.parquet"
    pl.DataFrame({"ts": stamps, "funding_rate": np.full(len(stamps), 0.0001)}).write_parquet(funding)
    given = ("--data", bars, "--symbol", "BTCUSDT", "--market", "perp", "--funding", funding)
    json_of("backtest", *given, *STRATEGY, "--journal", tmp_path / "j", "--json")
    pl.DataFrame({"ts": stamps, "funding_rate": np.full(len(stamps), 0.0002)}).write_parquet(funding)
    assert "belongs to another run (funding_sha256 differ)" in refusal("replay", tmp_path / "j", "--json")


def cut_off(finished: Path, target: Path, at: float = 0.6) -> Path:
    """A journal as a crash leaves it."""

    def shorten(content: bytearray) -> None:
        del content[int(len(content) * at) :]

    return copy_with(finished, target, shorten)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (("--capital", "5000"), "account"),
        (("--set", "fast=6", "--set", "slow=20", "--set", "side=both"), "strategy"),
        (("--strategy", "breakout"), "strategy"),
        (("--size", "0.2"), "parameters_sha256"),
        (("--limit", "position_pct=1"), "parameters_sha256"),
        (("--fee-bps", "3"), "parameters_sha256"),
        (("--regime", "volatility_trend"), "regime"),
        (("--to", "2023-03-18"), "data"),
        (("--timeframe", "2h"), "data"),
        (("--journal-level", "slim"), "journal level"),
    ],
)
def test_a_journal_of_another_configuration_is_not_resumed(
    changed: tuple[str, ...], what: str, finished: Path, data: tuple[str, ...], tmp_path: Path
) -> None:
    journal = cut_off(finished, tmp_path / "journal")
    before = (journal / "segment-000001.qj").read_bytes()
    own = () if {"--strategy", "--set"} & set(changed) else STRATEGY
    message = refusal("paper", *data, *own, *changed, "--journal", journal, "--speed", "max", "--json")
    assert message.startswith(f"{journal}: belongs to another run (")
    assert what in message
    assert (journal / "segment-000001.qj").read_bytes() == before


def test_a_run_that_does_not_repeat_its_journal_is_not_resumed(
    finished: Path, options: tuple[str, ...], tmp_path: Path
) -> None:
    kept = altered(records(finished)[:-8], RecordKind.DECISIONS, DECISION.itemsize, 100, 30)
    journal = rewrite(kept, tmp_path / "journal")
    before = (journal / "segment-000001.qj").read_bytes()
    message = refusal("paper", *options, "--journal", journal, "--speed", "max", "--json")
    assert "cannot be resumed" in message
    assert "row 100 of decisions differs" in message
    assert (journal / "segment-000001.qj").read_bytes() == before


def test_an_existing_journal_is_never_overwritten(finished: Path, options: tuple[str, ...], tmp_path: Path) -> None:
    in_the_way = refusal("backtest", *options, "--journal", finished, "--out", tmp_path / "out", "--json")
    assert "a journal is here already — choose another directory" in in_the_way
    assert "resume" not in in_the_way
    assert list((tmp_path / "out").glob("*")) == []
    mode = refusal("paper", *options, "--capital", "5", "--journal", finished, "--speed", "max", "--json")
    assert "belongs to another run (account differ)" in mode


def test_a_cut_off_backtest_is_not_resumed_as_a_paper_run(options: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *options, "--journal", tmp_path / "whole", "--json")
    journal = cut_off(tmp_path / "whole", tmp_path / "journal")
    message = refusal("paper", *options, "--journal", journal, "--speed", "max", "--json")
    assert "belongs to another run (mode, parameters_sha256 differ)" in message
