"""Journaled decision: one decision with its run, found by number, trade, order or time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from quaestor.analysis.journal_rows import JournalRows, read_rows
from quaestor.domain.wording import counted
from quaestor.engine.feed import TradedInstrument
from quaestor.errors import JournalError, UnknownNameError
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import (
    OrderAction,
)
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.recovery.replay import reassemble


@dataclass(frozen=True, slots=True)
class JournaledDecision:
    """One decision of a journal with the run around it, from which explanations and charts are made."""

    rows: JournalRows
    assembly: Assembly
    index: int  # of the decision among the journal's
    path: Path  # of the journal
    data: Path | None  # where the data file lies now, if it was moved

    @property
    def row(self) -> Row:
        """Return the decision, a row of dtype DECISION."""
        return self.rows.decisions[self.index]

    @property
    def traded(self) -> TradedInstrument:
        """Return the instrument that the decision is about, with its bars."""
        return self.assembly.traded_instruments[int(self.row["instrument"])]

    @property
    def bar(self) -> int:
        """Return the index of the decision's bar among the instrument's."""
        bars = self.traded.bars
        return int(np.searchsorted(bars.ts, int(self.row["ts"]) - bars.interval_ns))

    @property
    def outputs(self) -> dict[str, float]:
        """Return the outputs of the signal model at that bar, by name; empty where it has one signal only."""
        if not self.rows.header.opinions:
            return {}
        names = self.rows.header.opinions[int(self.row["instrument"])]
        return dict(zip(names, self.rows.opinions[self.index].tolist(), strict=True))


def open_decision(path: Path, identifier: str, data: Path | None = None) -> JournaledDecision:
    """Find a decision of the journal at `path` and assemble its run.

    Args:
        identifier: a decision's number; ``trade:K`` (the K-th round trip, from 1); ``order:ID``; or an ISO time, for
            the last decision made by then.
        data: where the data file lies now, if it was moved.

    Raises:
        JournalError: the journal is damaged, or does not hold the decision.
        UnknownNameError: the identifier is of no known form.
    """
    rows = read_rows(path)
    number = find_decision(rows, identifier, path)
    index = _row_of(rows, number, path)
    assembly, _ = reassemble(path, data)
    return JournaledDecision(rows, assembly, index, path, data)


def _held(decisions: Table) -> str:
    """Return which decisions the journal holds, as a remedy."""
    if not len(decisions):
        return "the run was cut off before its first decision"
    first, last = int(decisions[0]["number"]), int(decisions[-1]["number"])
    span = f"it holds decisions {first} to {last}"
    if len(decisions) == last - first + 1:
        return span
    return f"{span}, and, being slim, only those that changed something; run with --journal-level full for all"


def find_decision(rows: JournalRows, identifier: str, path: Path) -> int:
    """Return the number of the decision that an identifier stands for; see `open_decision`.

    Raises:
        JournalError, UnknownNameError: as `open_decision`.
    """
    kind, _, rest = identifier.partition(":")
    if identifier.isdigit():
        return int(identifier)
    if kind == "trade" and rest.isdigit():
        trips = rows.round_trips()
        if not 1 <= int(rest) <= len(trips):
            raise JournalError(
                f"holds no trade {rest}", place=str(path), remedy=f"it holds {counted(len(trips), 'trade')}, from 1 on"
            )
        return _creator(rows, int(trips[int(rest) - 1][0]["order"]["id"]), path)
    if kind == "order" and rest.isdigit():
        return _creator(rows, int(rest), path)
    stamp = _stamp(identifier)
    index = int(np.searchsorted(rows.decisions["ts"], stamp, side="right")) - 1
    if index < 0:
        raise JournalError(f"holds no decision by {identifier}", place=str(path), remedy=_held(rows.decisions))
    return int(rows.decisions[index]["number"])


def find_time(rows: JournalRows, identifier: str, path: Path) -> int:
    """Return the time that an identifier stands for, ns UTC: the close of its decision, or the time itself; see
    `open_decision`.

    Raises:
        JournalError, UnknownNameError: as `open_decision`.
    """
    if not identifier.isdigit() and not identifier.startswith(("trade:", "order:")):
        return _stamp(identifier)
    number = find_decision(rows, identifier, path)
    return int(rows.decisions[_row_of(rows, number, path)]["ts"])


def _row_of(rows: JournalRows, number: int, path: Path) -> int:
    row = int(np.searchsorted(rows.decisions["number"], number))
    if row >= len(rows.decisions) or int(rows.decisions[row]["number"]) != number:
        raise JournalError(f"holds no decision {number}", place=str(path), remedy=_held(rows.decisions))
    return row


def _stamp(identifier: str) -> int:
    try:
        moment = datetime.fromisoformat(identifier)
    except ValueError:
        forms = ("a decision number", "trade:K", "order:ID", "an ISO time")
        raise UnknownNameError("identifier", identifier, forms) from None
    naive = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return int(np.datetime64(naive, "ns").astype(np.int64))


def _creator(rows: JournalRows, order_id: int, path: Path) -> int:
    """Return the number of the decision that made an order (the legs of a bracket belong to their entry's decision)."""
    family = order_id - order_id % 3
    made = rows.orders[(rows.orders["action"] == OrderAction.NEW) & (rows.orders["order"]["id"] == family)]
    if not len(made):
        known = rows.orders["order"]["id"]
        span = f"its orders are {known[known > 0].min()} to {known.max()}" if (known > 0).any() else "it made no order"
        raise JournalError(f"holds no order {order_id}", place=str(path), remedy=span)
    return int(made[0]["decision"])


def orders_of(rows: JournalRows, decision: Row) -> Table:
    """Return every row about the orders that a decision made, brackets included, in time order."""
    orders = rows.orders
    made = orders[(orders["action"] == OrderAction.NEW) & (orders["decision"] == decision["number"])]
    refused = orders[(orders["action"] == OrderAction.REJECTED) & (orders["decision"] == decision["number"])]
    families = np.unique(np.concatenate((made["order"]["id"], refused["order"]["id"])) // 3)
    families = families[families > 0]
    created_later = made["order"]["id"] % 3 != 0
    if created_later.any() and decision["orders"] == 0:
        families = families[:0]  # legs of an entry that filled inside this bar belong to the entry's decision
    return orders[np.isin(orders["order"]["id"] // 3, families)]
