"""The seams between the core and the outside. Adapters implement them; the runtime joins them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NewType, Protocol

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.artefact import Artefact
from quaestor.domain.market import Bars
from quaestor.domain.training import ModelReady, TrainRequested
from quaestor.kernels.codes import Command
from quaestor.kernels.layout import Table


class RecordKind(IntEnum):
    """What one record of a journal holds."""

    HEADER = 1  # JSON: configuration, fingerprints, data reference
    MARKET = 2  # JSON: a range of market rows consumed, by data reference
    INBOUND = 3  # EVENT rows that came from the venue or the operator
    DECISIONS = 4  # DECISION rows
    ORDERS = 5  # ORDER_EVENT rows; forced to disk before an order leaves
    CLOSE = 6  # JSON: final state digest and counts
    MODELS = 7  # lines of JSON: models asked for, and those that came into use
    OPINIONS = 8  # float64, a row a decision: everything that a mind said, where that is more than a decision holds


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One record as read back: its number in the journal, kind and payload."""

    number: int
    kind: RecordKind
    payload: bytes


class Journal(Protocol):
    """Append-only, checksummed, ordered. `sync` returns once everything appended is on disk."""

    def append(self, kind: RecordKind, payload: bytes | memoryview) -> None:
        """Add a record; it may still be in memory when this returns."""

    def sync(self) -> None:
        """Return once everything appended is on disk."""

    def close(self) -> None:
        """Sync and let go of the files."""


class JournalReader(Protocol):
    """Reads a journal back in order; raises JournalError at the first damaged record."""

    def __iter__(self) -> Iterator[JournalRecord]: ...


class BarStore(Protocol):
    """Where bars live between runs, partitioned by market, symbol and timeframe."""

    def write_bars(self, bars: Bars) -> int: ...
    def read_bars(
        self, symbol: str, interval_ns: int, *, market: str, start_ts: int | None = None, end_ts: int | None = None
    ) -> Bars: ...
    def list_bars(self) -> Sequence[tuple[str, str, int, int]]:
        """Market, symbol, bar length in ns and number of bars of every series."""
        ...


class ModelStore(Protocol):
    """Artefacts by what they hold. What was put once never changes."""

    def put(self, artefact: Artefact) -> str:
        """Keep it; returns its SHA-256. The same artefact again is the same entry."""
        ...

    def get(self, sha256: str) -> Artefact:
        """The artefact, checked against its digest."""
        ...


class Trainer(Protocol):
    """Makes models. It may take long, and anything it imports; decisions never wait for it."""

    def train(self, request: TrainRequested, history: Bars) -> ModelReady:
        """A model of `history`, which ends with the last bar known at the request, put into the model store."""
        ...


class Allocator(Protocol):
    """Divides an account between its instruments."""

    def weights(self, returns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights ≥ 0 with a sum of 1, float64 (n,), from the returns of past bars, float64 (bars, n), finite."""
        ...


class Commands(Protocol):
    """Where an operator's commands come from; asked before every bar, with the number of bars done so far."""

    def pending(self, bars: int) -> tuple[Command, ...]:
        """Commands to be taken before the next bar."""
        ...

    def journaled(self) -> None:
        """What was handed out is on disk, and may be forgotten."""


class Clock(Protocol):
    """Time as the runtime sees it: event time in recorded runs, wall time live."""

    def now_ns(self) -> int:
        """Nanoseconds UTC."""
        ...

    def wait_until(self, ts_ns: int) -> None:
        """Return when it is time."""


#: Rows of the order stream (dtype ORDER_EVENT) that the risk officer has let through. Only the engine makes them.
ApprovedOrders = NewType("ApprovedOrders", Table)


class Venue(Protocol):
    """A place that carries out approved orders and answers with event rows (dtype EVENT).

    It is idempotent by order id: an order it already knows is acknowledged again, never executed again.
    """

    def submit(self, orders: ApprovedOrders) -> Table:
        """Carry out new orders, amendments and cancel requests; returns what the venue says at once."""
        ...


class BarDrivenVenue(Venue, Protocol):
    """A venue that recorded bars drive; a live venue answers from its own stream instead."""

    def on_bar(self, events: Table, i: int) -> Table:
        """Let the bar in row `i` pass; returns what happened to orders and positions."""
        ...
