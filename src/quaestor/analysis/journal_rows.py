"""Journal rows: the streams of a journal as tables."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.tables import Table
from quaestor.ledger.codes import OrderAction
from quaestor.ledger.rows import DECISION, ORDER_EVENT
from quaestor.ports.journal import RecordKind
from quaestor.runtime.journal.header import Header, read_header
from quaestor.runtime.models.log import ModelLogEntry, read_entries

_STREAMS = (RecordKind.DECISIONS, RecordKind.ORDERS, RecordKind.OPINIONS, RecordKind.MODELS)


@dataclass(frozen=True, slots=True)
class JournalRows:
    """Streams of a journal: decisions, orders, opinions and model entries, in order."""

    header: Header
    decisions: Table
    orders: Table
    opinions: NDArray[np.float64]  # (decisions, outputs): as named by the header; (decisions, 0) without any
    models: list[ModelLogEntry]  # requests for training and models taken into use, in order

    def round_trips(self) -> list[Table]:
        """Return the fills (and liquidations) of each round trip of an instrument, from flat to flat, in the order in
        which they ended; what is still open comes last, in the order of the instruments."""
        moves = self.orders[
            (self.orders["action"] == OrderAction.FILL) | (self.orders["action"] == OrderAction.LIQUIDATION)
        ]
        ended: list[tuple[int, Table]] = []
        still_open: list[Table] = []
        for index in np.unique(moves["order"]["instrument"]):
            places = np.flatnonzero(moves["order"]["instrument"] == index)
            ends = np.flatnonzero(np.cumsum(moves["lots"][places]) == 0) + 1
            *whole, rest = np.split(places, ends)
            ended += [(int(part[-1]), moves[part]) for part in whole]
            still_open += [moves[rest]] if len(rest) else []
        return [trip for _, trip in sorted(ended, key=lambda entry: entry[0])] + still_open


def read_rows(path: Path) -> JournalRows:
    """Read a journal, finished or not.

    Raises:
        JournalError: no journal there, or a damaged one.
    """
    header, records = read_header(path, recover=True)
    parts: dict[RecordKind, list[bytes]] = {kind: [] for kind in _STREAMS}
    for record in records:
        if record.kind in parts:
            parts[record.kind].append(record.payload)
    streams = {kind: b"".join(payloads) for kind, payloads in parts.items()}
    decisions = np.frombuffer(streams[RecordKind.DECISIONS], DECISION)
    n_outputs = len(header.opinions[0]) if header.opinions else 0
    opinions = np.frombuffer(streams[RecordKind.OPINIONS])[: len(decisions) * n_outputs]
    return JournalRows(
        header,
        decisions,
        np.frombuffer(streams[RecordKind.ORDERS], ORDER_EVENT),
        opinions.reshape(len(decisions), n_outputs),
        read_entries(streams[RecordKind.MODELS].splitlines()),
    )
