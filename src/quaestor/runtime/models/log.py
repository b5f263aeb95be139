"""What became of a run's models, written down in the order of the bars; and how a run that is repeated resumes it.

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
from quaestor.runtime.models.schedule import Note


class Entry(msgspec.Struct, frozen=True):
    """One line of the record: one of the two is there."""

    ts: int  # close of the bar during which it happened
    asked: TrainRequested | None = None
    used: ModelReady | None = None


def read_entries(lines: Sequence[bytes]) -> list[Entry]:
    """The lines of a journal's records of models.

    Raises:
        JournalError: a line that is none.
    """
    try:
        return [msgspec.json.decode(line, type=Entry) for line in lines]
    except msgspec.DecodeError as error:
        raise JournalError(f"its record of models cannot be read: {error}") from error


def model_in_use(entries: Sequence[Entry], instrument: int, ts: int) -> Entry | None:
    """The entry of the model that made an instrument's decision at `ts`; None: the one that the run began with.

    A model comes into use for the bar during which that is noted; one that comes back, for the bar after. An answer
    that leaves the champion in its place is no change.
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
    """Gathers notes and records them in the order of bars, and of instruments where bars close together."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.notes: list[Note] = []
        self.managers: list[
            ModelManager
        ] = []  # whose notes these are; of each instrument where signal models are learned
        self.entries: list[TrainRequested | ModelReady] = []  # all that was recorded

    def take(self, note: Note) -> None:
        """Keep a note until the next `write`."""
        self.notes.append(note)

    def write(self) -> None:
        """Record what was kept."""
        if not self.notes:
            return
        notes = sorted(self.notes, key=lambda note: (note.ts, note.what.instrument))
        self._recorder.record(RecordKind.MODELS, b"".join(_line(note) for note in notes))
        self.entries += [note.what for note in notes]
        self.notes.clear()


def _line(note: Note) -> bytes:
    what = note.what
    entry = Entry(note.ts, asked=what) if isinstance(what, TrainRequested) else Entry(note.ts, used=what)
    return msgspec.json.encode(entry) + b"\n"


class ReplayTrainer:
    """A trainer that answers as a journal says it did; beyond its end, another one trains.

    A request that the journal does not answer was made so late that the run ended first: nobody will use the answer.
    """

    def __init__(self, entries: Sequence[Entry], onward: Trainer | None) -> None:
        self._answers = {(e.used.instrument, e.used.number): e.used for e in entries if e.used is not None}
        self._onward = onward

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """See `ports.Trainer`."""
        answer = self._answers.get((request.instrument, request.number))
        if answer is not None:
            return answer
        if self._onward is None:
            return ModelReady(request.number, request.instrument, "", 0, 0, "the journal ends before an answer")
        return self._onward.train(request, history)
