"""Exception tree of Quaestor, ordered by what the operator must do.

    QuaestorError
    ├── UsageError              fix what was given, then run again (exit code 2)
    │   ├── ConfigError         a setting is missing, unknown, out of range or contradicts another
    │   ├── DataError           market data is missing, malformed or impossible
    │   ├── UnknownNameError    no symbol, strategy, feature, parameter … of that name
    │   ├── JournalError        a journal is missing, truncated, altered or of another run
    │   ├── CheckpointError     a checkpoint is damaged, or of another run, machine or layout
    │   ├── ModelError          a trained model is missing, altered, unreadable or not the requested one
    │   └── OutputError         a result cannot be written to the requested place
    ├── VenueError              look at the venue
    │   ├── VenueRefusedError   the venue refused the request: definite, the order does not exist
    │   └── VenueUnknownError   no response: the outcome is unknown until the venue is queried by client id
    ├── TransientError          wait; the same call may succeed later
    └── InvariantError          stop: the program contradicts itself (an unbalanced ledger, an illegal transition)

Adapters translate every foreign error into one of these and keep the cause.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class QuaestorError(Exception):
    """Root of the tree; `place` names where the error occurred, `remedy` what to do: both are part of the message."""

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
    """Invalid input; nothing was lost or half-written."""


class ConfigError(UsageError):
    """A setting is missing, unknown, out of range or contradicts another."""


class DataError(UsageError):
    """Market data is missing, malformed or impossible."""


class UnknownNameError(UsageError):
    """No such name; the message lists similar names or, without any, the allowed ones."""

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
    """A trained model, or the registry of models, is missing, altered, unreadable or not the requested one."""


class OutputError(UsageError):
    """A result cannot be written to the requested place."""


class VenueError(QuaestorError):
    """The venue failed to execute a request."""


class VenueRefusedError(VenueError):
    """The venue refused the request: the order does not exist."""


class VenueUnknownError(VenueError):
    """The venue did not respond: the outcome is unknown until it has been queried by client id."""


class TransientError(QuaestorError):
    """The same call may succeed later."""


class InvariantError(QuaestorError):
    """The program contradicts itself; trading stops."""
