"""Every error Quaestor raises, split by what the operator must do.

    QuaestorError
    ├── UsageError              fix what was given, then run again (exit code 2)
    │   ├── ConfigError         a setting is missing, unknown, out of range or contradicts another
    │   ├── DataError           market data is missing, malformed or impossible
    │   ├── UnknownNameError    no symbol, strategy, feature, parameter … of that name
    │   ├── JournalError        a journal is missing, truncated, altered or of another run
    │   ├── CheckpointError     a checkpoint is damaged, or of another run, machine or layout
    │   ├── ModelError          a trained model is missing, altered, unreadable or not what was asked for
    │   └── OutputError         a result cannot be written where it was asked for
    ├── VenueError              look at the venue
    │   ├── VenueRefusedError   the venue answered no: definite, the order does not exist
    │   └── VenueUnknownError   no answer: the outcome is unknown until the venue is asked by client id
    ├── TransientError          wait; the same call may succeed later
    └── InvariantError          stop: the program contradicts itself (an unbalanced ledger, an illegal transition)

Adapters translate every foreign error into one of these, keeping the cause.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class QuaestorError(Exception):
    """Root of the tree. `place` names where it happened, `remedy` what to do; both end up in the message."""

    def __init__(self, what: str, *, place: str = "", remedy: str = "") -> None:
        self.what = what
        self.place = place
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        then = f" — {self.remedy}" if self.remedy else ""
        return f"{where}{self.what}{then}"


class UsageError(QuaestorError):
    """What was given is wrong; nothing was lost or half-written."""


class ConfigError(UsageError):
    """A setting is missing, unknown, out of range or contradicts another."""


class DataError(UsageError):
    """Market data is missing, malformed or impossible."""


class UnknownNameError(UsageError):
    """No such name; the message lists what is near, or everything allowed when little is."""

    def __init__(self, kind: str, name: str, allowed: Iterable[str], *, place: str = "") -> None:
        known = sorted(allowed)
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        if near:
            remedy = f"did you mean {' or '.join(near)}?"
        else:
            remedy = f"known: {', '.join(known[:20])}{' …' if len(known) > 20 else ''}"
        super().__init__(f"unknown {kind} '{name}'", place=place, remedy=remedy)


class JournalError(UsageError):
    """A journal is missing, truncated, altered or belongs to another run."""


class CheckpointError(UsageError):
    """A checkpoint is damaged, or belongs to another run, machine or layout."""


class ModelError(UsageError):
    """A trained model, or the registry of them, is missing, altered, unreadable or not what was asked for."""


class OutputError(UsageError):
    """A result cannot be written where it was asked for."""


class VenueError(QuaestorError):
    """Something at the venue."""


class VenueRefusedError(VenueError):
    """The venue answered no: the order does not exist."""


class VenueUnknownError(VenueError):
    """No answer: the outcome is unknown until the venue has been asked by client id."""


class TransientError(QuaestorError):
    """The same call may succeed later."""


class InvariantError(QuaestorError):
    """The program contradicts itself; trading stops."""
