"""Opening, resuming and checking journals of runs."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import msgspec

from quaestor.adapters.journals.reading import SegmentReader
from quaestor.adapters.journals.segments import SegmentWriter
from quaestor.domain.bars import DataReference
from quaestor.errors import JournalError
from quaestor.ports.journal import JournalRecord, RecordKind
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.config import RunConfig
from quaestor.runtime.config.model import ModelsConfig
from quaestor.runtime.journal.fingerprint import EnvironmentFingerprint
from quaestor.runtime.journal.recorder import JournalRecorder, NoRecorder, Recorder, VerifyingRecorder
from quaestor.runtime.models.deployment import is_address

FORMAT = 3
Mode = Literal["backtest", "paper"]


class Header(msgspec.Struct, frozen=True):
    """The first record: all that is needed to run the same run again, and to see that it is the same."""

    format: int
    mode: Mode
    config: str  # RunConfig as JSON
    data: tuple[DataReference, ...]  # of each symbol
    parameters_sha256: str  # of the packed instrument rules and parameters
    funding_sha256: str  # of the settlements as aligned to the bars; empty when there are none
    environment: EnvironmentFingerprint
    notes: tuple[str, ...]
    opinions: tuple[tuple[str, ...], ...] = ()  # names of the numbers of an opinion, of each symbol; none without any


def make_header(assembly: Assembly, mode: Mode) -> Header:
    """The header of a run that is about to start."""
    references = [traded.bars.reference for traded in assembly.traded_instruments]
    data = tuple(reference for reference in references if reference is not None)
    if len(data) < len(references):
        raise JournalError("bars without a source file cannot be journaled", remedy="load them from a file")
    paid = [traded.funding.tobytes() for traded in assembly.traded_instruments if traded.funding is not None]
    packed = assembly.instruments.tobytes() + assembly.params.tobytes()
    return Header(
        FORMAT,
        mode,
        assembly.config.to_json(),
        data,
        hashlib.sha256(packed).hexdigest(),
        hashlib.sha256(b"".join(paid)).hexdigest() if paid else "",
        EnvironmentFingerprint.of_this_machine(),
        assembly.notes,
        ()
        if assembly.signal_model.is_plain
        else tuple(signal_model.outputs for signal_model in assembly.signal_models),
    )


def read_header(path: Path, *, recover: bool = False) -> tuple[Header, Iterator[JournalRecord]]:
    """The header of a journal and an iterator over the records after it.

    Raises:
        JournalError: no journal there, damaged, or of another format.
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


def config_of(header: Header) -> RunConfig:
    """The configuration that the run had."""
    return RunConfig.from_json(header.config)


def begin(assembly: Assembly, mode: Mode) -> Recorder:
    """A recorder for a fresh run: into the configured journal directory, which must not hold one yet, or nowhere."""
    directory = assembly.config.journal.dir
    if directory is None:
        return NoRecorder()
    return _with_header(SegmentWriter.create(directory), assembly, mode)


def _with_header(journal: SegmentWriter, assembly: Assembly, mode: Mode) -> Recorder:
    journal.append(RecordKind.HEADER, msgspec.json.encode(make_header(assembly, mode)))
    journal.sync()
    return JournalRecorder(journal)


def begin_or_resume(assembly: Assembly, mode: Mode) -> tuple[Recorder, str]:
    """As `begin`, but the same run's journal is resumed where it ended; a note tells whether it was.

    A complete journal is only read: the run is repeated, held against it, and tells its outcome again, for a crash may
    have come between the journal's end and the results.

    Raises:
        JournalError: the journal there belongs to another run.
    """
    directory = assembly.config.journal.dir
    if directory is None or not any(directory.glob("segment-*")):
        return begin(assembly, mode), ""
    if next(iter(SegmentReader(directory, recover=True)), None) is None:  # cut off before its header was on disk
        return _with_header(SegmentWriter.resume(directory), assembly, mode), ""
    header, records = read_header(directory, recover=True)
    kept = list(records)
    require_same_run(header, assembly, mode, directory)
    if any(record.kind is RecordKind.CLOSE for record in kept):
        return VerifyingRecorder(
            kept, None, resumed_from=directory
        ), "the journal was complete: repeated, and it agrees"
    onward = JournalRecorder(SegmentWriter.resume(directory))
    return VerifyingRecorder(kept, onward, resumed_from=directory), "resumed from a journal that had been cut off"


def as_begun(config: RunConfig) -> RunConfig:
    """The configuration with the models that the run in its journal began with.

    A run that is resumed goes on with those, whatever was promoted in the meantime. Models that are named by address
    stay as they are, and nothing changes where there is no journal yet.
    """
    directory = config.journal.dir
    if directory is None or config.models.dir is None or not any(directory.glob("segment-*")):
        return config
    if next(iter(SegmentReader(directory, recover=True)), None) is None:
        return config
    given = {symbol: name for symbol, name in config.models.use.items() if is_address(name)}
    begun = config_of(read_header(directory, recover=True)[0]).models.use
    return config.model_copy(update={"models": config.models.model_copy(update={"use": {**begun, **given}})})


def require_same_run(header: Header, assembly: Assembly, mode: Mode, directory: Path) -> None:
    """Refuse to mix runs.

    Raises:
        JournalError: naming what differs.
    """
    now = make_header(assembly, mode)
    differs = [
        name
        for name in ("mode", "data", "parameters_sha256", "funding_sha256")
        if _comparable(getattr(header, name)) != _comparable(getattr(now, name))
    ]
    then = config_of(header)
    differs += [
        name
        for name in ("strategy", "models", "allocation", "account", "regime", "seed")
        if _comparable(getattr(then, name)) != _comparable(getattr(assembly.config, name))
    ]
    if then.journal.level != assembly.config.journal.level:
        differs.append("journal level")
    if differs:
        raise JournalError(
            f"belongs to another run ({', '.join(differs)} differ)",
            place=str(directory),
            remedy="give the same configuration and data, or another --journal directory",
        )


def _comparable(value: object) -> object:
    """Where a file lies does not matter, what it holds does."""
    if isinstance(value, tuple):
        return [_comparable(entry) for entry in value]
    if isinstance(value, DataReference):
        fields = asdict(value)
        del fields["path"]
        return fields
    if isinstance(value, ModelsConfig):
        return value.model_copy(update={"dir": None})
    return value
