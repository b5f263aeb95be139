"""Opening of journals: the journal of a run begun, or resumed where an earlier start of the same run ended."""

from dataclasses import asdict
from pathlib import Path

import msgspec

from quaestor.adapters.journals.reading import SegmentReader
from quaestor.adapters.journals.segments import SegmentWriter
from quaestor.domain.bars import DataReference
from quaestor.errors import JournalError
from quaestor.ports.journal import RecordKind
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.config import RunConfig
from quaestor.runtime.config.model import ModelsConfig
from quaestor.runtime.journal.header import Header, Mode, make_header, read_header
from quaestor.runtime.journal.recorder import JournalRecorder, NoRecorder, Recorder, VerifyingRecorder
from quaestor.runtime.models.deployment import is_address

_SAME_RUN = "give the same configuration and data, or another --journal directory"


def begin(assembly: Assembly, mode: Mode) -> Recorder:
    """Return a recorder for a fresh run: into the configured journal directory, or nowhere without one.

    Raises:
        JournalError: the directory holds a journal already.
    """
    directory = assembly.config.journal.dir
    if directory is None:
        return NoRecorder()
    return _with_header(SegmentWriter.create(directory), assembly, mode)


def _with_header(journal: SegmentWriter, assembly: Assembly, mode: Mode) -> Recorder:
    """Write the header of a run to an empty journal, and return a recorder into it."""
    journal.append(RecordKind.HEADER, msgspec.json.encode(_header_of(assembly, mode)))
    journal.sync()
    return JournalRecorder(journal)


def _header_of(assembly: Assembly, mode: Mode) -> Header:
    parameters = assembly.instruments.tobytes() + assembly.params.tobytes()
    return make_header(
        mode, assembly.config, assembly.traded_instruments, assembly.signal_models, parameters, assembly.notes
    )


def begin_or_resume(assembly: Assembly, mode: Mode) -> tuple[Recorder, str]:
    """Return a recorder as `begin` does, or one that resumes the same run's journal, with a note about it.

    A complete journal is only read: the run is repeated and compared with it, and its results are written again, for a
    crash may have come between the journal's end and the results.

    Raises:
        JournalError: the journal in the directory belongs to another run.
    """
    directory = assembly.config.journal.dir
    if directory is None or not any(directory.glob("segment-*")):
        return begin(assembly, mode), ""
    if next(iter(SegmentReader(directory, recover=True)), None) is None:  # cut off before its header was on disk
        return _with_header(SegmentWriter.resume(directory), assembly, mode), ""
    header, records = read_header(directory, recover=True)
    kept = list(records)
    require_same_run(header, assembly, mode, directory, _SAME_RUN)
    if any(record.kind is RecordKind.CLOSE for record in kept):
        return VerifyingRecorder(
            kept, None, resumed_from=directory
        ), "the journal was complete: repeated, and it agrees"
    onward = JournalRecorder(SegmentWriter.resume(directory))
    return VerifyingRecorder(kept, onward, resumed_from=directory), "resumed from a journal that had been cut off"


def with_journaled_models(config: RunConfig) -> RunConfig:
    """Return the configuration with the models that the run in its journal began with.

    A run that is resumed goes on with those, whatever was promoted in the meantime. Models that are named by address
    stay as they are, and nothing changes where there is no journal yet.
    """
    directory = config.journal.dir
    if directory is None or config.models.dir is None or not any(directory.glob("segment-*")):
        return config
    if next(iter(SegmentReader(directory, recover=True)), None) is None:
        return config
    given = {symbol: name for symbol, name in config.models.use.items() if is_address(name)}
    journaled = read_header(directory, recover=True)[0].run_config.models.use
    return config.model_copy(update={"models": config.models.model_copy(update={"use": {**journaled, **given}})})


def require_same_run(header: Header, assembly: Assembly, mode: Mode, directory: Path, remedy: str) -> None:
    """Refuse to resume or repeat a journal as another run; `remedy` is what the command that does so can offer.

    Raises:
        JournalError: the run differs from the journal's in mode, data, parameters or configuration.
    """
    now = _header_of(assembly, mode)
    differs = [
        name
        for name in ("mode", "data", "parameters_sha256", "funding_sha256")
        if _comparable(getattr(header, name)) != _comparable(getattr(now, name))
    ]
    then = header.run_config
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
            remedy=remedy,
        )


def _comparable(value: object) -> object:
    """Return a value without the paths of files: what a file holds matters, not where it lies."""
    if isinstance(value, tuple):
        return [_comparable(entry) for entry in value]
    if isinstance(value, DataReference):
        fields = asdict(value)
        del fields["path"]
        return fields
    if isinstance(value, ModelsConfig):
        return value.model_copy(update={"dir": None})
    return value
