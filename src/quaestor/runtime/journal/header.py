"""Journal header: the first record of a journal, from which its run can be repeated and recognised."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from quaestor.adapters.journals.reading import SegmentReader
from quaestor.brain.signal_model import SignalModel
from quaestor.domain.bars import DataReference
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import JournalError
from quaestor.ports.journal import JournalRecord, RecordKind
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint

FORMAT = 3
Mode = Literal["backtest", "paper"]


class Header(msgspec.Struct, frozen=True):
    """All that is needed to run the same run again, and to see that it is the same."""

    format: int
    mode: Mode
    config: str  # RunConfig as JSON
    data: tuple[DataReference, ...]  # of each symbol
    parameters_sha256: str  # of the packed instrument rules and parameters
    funding_sha256: str  # of the settlements as aligned to the bars; empty when there are none
    environment: EnvironmentFingerprint
    notes: tuple[str, ...]
    opinions: tuple[tuple[str, ...], ...] = ()  # names of the numbers of an opinion, of each symbol; none without any

    @property
    def run_config(self) -> RunConfig:
        """Return the configuration of the run."""
        return RunConfig.from_json(self.config)


def make_header(
    mode: Mode,
    config: RunConfig,
    traded_instruments: Sequence[TradedInstrument],
    signal_models: Sequence[SignalModel],
    parameters: bytes,
    notes: tuple[str, ...],
) -> Header:
    """Return the header of a run that is about to start.

    Args:
        mode: of the run.
        config: of the run.
        traded_instruments: with the bars, which must come from a file.
        signal_models: of each instrument.
        parameters: the packed instrument rules and engine parameters.
        notes: of the assembly.

    Raises:
        JournalError: bars without a source file, which a replay could not find.
    """
    references = [traded.bars.reference for traded in traded_instruments]
    data = tuple(reference for reference in references if reference is not None)
    if len(data) < len(references):
        raise JournalError("bars without a source file cannot be journaled", remedy="load them from a file")
    funding = [traded.funding.tobytes() for traded in traded_instruments if traded.funding is not None]
    return Header(
        FORMAT,
        mode,
        config.to_json(),
        data,
        hashlib.sha256(parameters).hexdigest(),
        hashlib.sha256(b"".join(funding)).hexdigest() if funding else "",
        EnvironmentFingerprint.of_this_machine(),
        notes,
        () if signal_models[0].is_plain else tuple(signal_model.outputs for signal_model in signal_models),
    )


def read_header(path: Path, *, recover: bool = False) -> tuple[Header, Iterator[JournalRecord]]:
    """Read the header of a journal; return it and an iterator over the records after it.

    Args:
        path: directory of the journal.
        recover: accept a journal that was cut off.

    Raises:
        JournalError: no journal there, a damaged one, or one of another format.
    """
    records = iter(SegmentReader(path, recover=recover))
    first = next(records, None)
    if first is None or first.kind is not RecordKind.HEADER:
        raise JournalError("has no header", place=str(path), remedy="delete it and run again")
    try:
        header = msgspec.json.decode(first.payload, type=Header)
    except msgspec.DecodeError as error:
        raise JournalError(f"its header cannot be read: {error}", place=str(path)) from error
    if header.format != FORMAT:
        raise JournalError(
            f"is of format {header.format}, this version reads {FORMAT}",
            place=str(path),
            remedy="replay it with the version that wrote it",
        )
    return header, records
