"""What is said between the session and whoever trains: a request, and the model that came of it.

Both are journaled. A replay reads the answer and never trains: the artefact is found by its digest.
"""

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """Why a model is asked for."""

    START = "start"
    SCHEDULE = "schedule"
    DRIFT = "drift"
    ROLLBACK = "rollback"  # nothing is trained: the artefact in use before comes back


class TrainRequested(msgspec.Struct, frozen=True):
    """Train on what is known at `ts`, and on nothing later."""

    number: int  # counts the requests of a run, from 0
    instrument: int
    reason: Reason
    ts: int  # when it was asked, ns UTC
    bar: int  # bars of the instrument known then
    seed: int
    champion: str  # SHA-256 of the artefact in use
    trials: int  # trainings asked for so far, this one included, and those before the run


class ModelReady(msgspec.Struct, frozen=True):
    """The answer: from the first bar that closes after `effective_ts` on, decisions are made with this artefact.

    The champion's own digest says that it stays: nothing changes then, in the tables or in what was learned.
    """

    number: int  # of the request
    instrument: int
    sha256: str
    trained_through: int  # ns UTC; never after the request
    effective_ts: int
    why: str  # one sentence: what it was measured against, and what came out
