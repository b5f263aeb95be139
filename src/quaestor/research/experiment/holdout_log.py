"""Hold-out log: every opening of a hold-out, which tests a strategy once only."""

from enum import StrEnum
from pathlib import Path

import msgspec

from quaestor.research.experiment.lines import add_line, read_lines

FILE = "holdout.jsonl"


class Look(msgspec.Struct, frozen=True):
    """One opening of a hold-out."""

    ts: int  # when, ns UTC
    instrument: str  # name of its model
    data_sha256: str  # of the bars held out
    first_ts: int  # open time of the first of them, ns UTC
    last_ts: int  # and of the last
    model_sha256: str
    figures: dict[str, float]
    reopened: bool = False


class Access(StrEnum):
    """Decision whether a hold-out is opened, with its reason."""

    OPENED = "opened"  # for the first time
    REOPENED = "reopened"  # against the rule, on request
    CLOSED = "closed"  # as requested
    REFUSED = "refused"  # it was opened before


def looks_at(root: Path, instruments: tuple[str, ...], first_ts: int, last_ts: int) -> tuple[Look, ...]:
    """Return earlier looks at any bar that is to be held out now, whatever the split was then.

    Args:
        root: folder of models.
        instruments: names of their models.
        first_ts, last_ts: open times of the first and the last bar, ns UTC.

    Raises:
        ModelError: the log cannot be read.
    """
    return tuple(
        look
        for look in read_lines(root / FILE, Look)
        if look.instrument in instruments and look.first_ts <= last_ts and look.last_ts >= first_ts
    )


def access(earlier: tuple[Look, ...], *, allowed: bool, again: bool) -> Access:
    """Return whether a hold-out may be opened.

    Args:
        earlier: looks at any of its bars.
        allowed: whether the settings open it.
        again: whether it is opened even if it was before.

    Example:
        >>> access((), allowed=True, again=False).value
        'opened'
    """
    if not allowed:
        return Access.CLOSED
    if not earlier:
        return Access.OPENED
    return Access.REOPENED if again else Access.REFUSED


def log_look(root: Path, look: Look) -> None:
    """Append a look to the log.

    Raises:
        OutputError: it cannot be written.
    """
    add_line(root / FILE, look)
