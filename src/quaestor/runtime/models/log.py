"""Model log: trainings that a run requested and models that came into use, in the order of bars.

A run that is repeated (replay, recovery) trains nothing that was trained before: the journal names the artefact, and
the model store holds it.
"""

from collections.abc import Sequence

import msgspec

from quaestor.domain.bars import Bars
from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.errors import JournalError
from quaestor.ports.journal import RecordKind
from quaestor.ports.models import Trainer
from quaestor.runtime.journal.recorder import Recorder
from quaestor.runtime.models.manager import ModelManager
from quaestor.runtime.models.note import ModelNote


class ModelLogEntry(msgspec.Struct, frozen=True):
    """One line of the log; exactly one of `asked` and `used` is set."""

    ts: int  # close of the bar during which it happened
    asked: TrainRequested | None = None
    used: ModelReady | None = None


def read_entries(lines: Sequence[bytes]) -> list[ModelLogEntry]:
    """Return the entries of a journal's model log, from its lines of JSON.

    Raises:
        JournalError: a line is no entry.
    """
    try:
        return [msgspec.json.decode(line, type=ModelLogEntry) for line in lines]
    except msgspec.DecodeError as error:
        raise JournalError(f"its record of models cannot be read: {error}") from error


def model_in_use(entries: Sequence[ModelLogEntry], instrument: int, ts: int) -> ModelLogEntry | None:
    """Return the entry of the model that made an instrument's decision at `ts`; None: the one that the run began with.

    A new model decides from the bar during which it is noted on; one that is rolled back to, from the bar after. A
    result that keeps the champion is no change.
    """
    requests = {e.asked.number: e.asked for e in entries if e.asked is not None and e.asked.instrument == instrument}
    found = None
    for entry in entries:
        used = entry.used
        if used is None or used.instrument != instrument or used.sha256 == requests[used.number].champion:
            continue
        comes_back = requests[used.number].reason is Reason.ROLLBACK
        if entry.ts < ts or (entry.ts == ts and not comes_back):
            found = entry
    return found


class ModelLog:
    """Collector of notes, recorded in the order of bars, and of instruments where bars close together.

    Attributes:
        notes: not recorded yet.
        managers: model manager of each instrument with a trained model, whose notes these are.
        entries: everything recorded so far.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.notes: list[ModelNote] = []
        self.managers: list[ModelManager] = []
        self.entries: list[TrainRequested | ModelReady] = []

    def add(self, note: ModelNote) -> None:
        """Keep a note until the next `write`."""
        self.notes.append(note)

    def write(self) -> None:
        """Record the notes that were added since the last call."""
        if not self.notes:
            return
        notes = sorted(self.notes, key=lambda note: (note.ts, note.event.instrument))
        self._recorder.record(RecordKind.MODELS, b"".join(_line(note) for note in notes))
        self.entries += [note.event for note in notes]
        self.notes.clear()


def _line(note: ModelNote) -> bytes:
    """Return a note as a line of JSON."""
    if isinstance(note.event, TrainRequested):
        entry = ModelLogEntry(note.ts, asked=note.event)
    else:
        entry = ModelLogEntry(note.ts, used=note.event)
    return msgspec.json.encode(entry) + b"\n"


class ReplayTrainer:
    """Trainer of a repeated run: returns the results that a journal holds, and beyond them those of `onward`.

    A request without a result in a complete journal was made so late that the run ended first: no result is used.
    """

    def __init__(self, entries: Sequence[ModelLogEntry], onward: Trainer | None) -> None:
        self._results = {(e.used.instrument, e.used.number): e.used for e in entries if e.used is not None}
        self._onward = onward

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """See `ports.models.Trainer`."""
        result = self._results.get((request.instrument, request.number))
        if result is not None:
            return result
        if self._onward is None:
            return ModelReady(request.number, request.instrument, "", 0, 0, "the journal ends before an answer")
        return self._onward.train(request, history)
