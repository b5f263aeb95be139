"""Training messages: the request that a session sends to a trainer, and the reply that names the model.

Both are journaled. A replay reads the reply and never trains: the artefact is found by its digest.
"""

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """Reason of a request."""

    START = "start"
    SCHEDULE = "schedule"
    DRIFT = "drift"
    ROLLBACK = "rollback"  # nothing is trained: the previous artefact is restored


class TrainRequested(msgspec.Struct, frozen=True):
    """Request to train on the data known at `ts`, and on nothing later."""

    number: int  # of the request in its run, from 0
    instrument: int
    reason: Reason
    ts: int  # time of the request, ns UTC
    bar: int  # number of bars of the instrument known at the request
    seed: int
    champion: str  # SHA-256 of the artefact in use
    trials: int  # trainings requested so far, this one included, plus those before the run


class ModelReady(msgspec.Struct, frozen=True):
    """Reply to a request: decisions use this artefact from the first bar that closes after `effective_ts` on.

    The champion's own digest means that it stays in use: neither the tables nor the online state change.
    """

    number: int  # of the request
    instrument: int
    sha256: str
    trained_through: int  # ns UTC; never after the request
    effective_ts: int
    why: str  # one sentence: the comparison that was made, and its result
