"""A journal's streams as tables."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quaestor.kernels.codes import OrderAction
from quaestor.kernels.layout import DECISION, ORDER_EVENT, Table
from quaestor.ports import RecordKind
from quaestor.runtime.journaling import Header, read_header


@dataclass(frozen=True, slots=True)
class JournalRows:
    """Everything a run decided and did."""

    header: Header
    decisions: Table
    orders: Table

    def round_trips(self) -> list[Table]:
        """The fills (and liquidations) of each round trip, from flat to flat; the last one may still be open."""
        moves = self.orders[
            (self.orders["action"] == OrderAction.FILL) | (self.orders["action"] == OrderAction.LIQUIDATION)
        ]
        after = np.cumsum(moves["lots"])
        ends = np.flatnonzero(after == 0) + 1
        return [part for part in np.split(moves, ends) if len(part)]


def read_rows(path: Path) -> JournalRows:
    """Read a journal, finished or not.

    Raises:
        JournalError: no journal there, or a damaged one.
    """
    header, records = read_header(path, recover=True)
    parts: dict[RecordKind, list[bytes]] = {RecordKind.DECISIONS: [], RecordKind.ORDERS: []}
    for record in records:
        if record.kind in parts:
            parts[record.kind].append(record.payload)
    return JournalRows(
        header,
        np.frombuffer(b"".join(parts[RecordKind.DECISIONS]), DECISION),
        np.frombuffer(b"".join(parts[RecordKind.ORDERS]), ORDER_EVENT),
    )
