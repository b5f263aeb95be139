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
        """The fills (and liquidations) of each round trip of an instrument, from flat to flat, in the order in which
        they ended; what is still open comes last, in the order of the instruments."""
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
    parts: dict[RecordKind, list[bytes]] = {RecordKind.DECISIONS: [], RecordKind.ORDERS: []}
    for record in records:
        if record.kind in parts:
            parts[record.kind].append(record.payload)
    return JournalRows(
        header,
        np.frombuffer(b"".join(parts[RecordKind.DECISIONS]), DECISION),
        np.frombuffer(b"".join(parts[RecordKind.ORDERS]), ORDER_EVENT),
    )
