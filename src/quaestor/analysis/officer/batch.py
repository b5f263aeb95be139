"""Batch of orders that are not placed: the officer's verdicts about them as simultaneous orders."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.analysis.officer.account_state import AccountState
from quaestor.analysis.officer.order_request import OrderRequest
from quaestor.analysis.officer.order_verdict import parse_lots, parse_side
from quaestor.analysis.rule_figures import in_units_of_verdict
from quaestor.errors import DataError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Verdict
from quaestor.risk.catalog import RULES
from quaestor.risk.gate import evaluate_orders
from quaestor.risk.state import VERDICT


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """Verdict about one order of a batch: `passing` is the quantity let through, `rule` holds back the rest."""

    symbol: str
    side: str
    quantity: float
    passing: float
    verdict: str
    rule: str
    measured: float
    limit: float
    unit: str


def evaluate_batch(state: AccountState, orders: Sequence[OrderRequest]) -> list[BatchVerdict]:
    """Return verdicts about orders at the last close, each on top of those let through and in flight.

    Raises:
        UsageError: a symbol that is not on the account, a side or quantity that makes no sense, or no price.
    """
    indices = np.array([state.index_of(order.symbol) for order in orders], dtype=np.int64)
    lots = np.array(
        [_signed_lots(state, order, index) for order, index in zip(orders, indices, strict=True)], dtype=np.int64
    )
    engine = state.engine
    account, books = engine.account.copy(), engine.books.copy()
    starts: dict[tuple[int, bool], int] = {}
    for index in range(len(books)):
        held, working = state.held(index), state.expected(index) - state.held(index)
        books[index]["risk"]["batch_bought" if working > 0 else "batch_sold"] = working
        starts[index, True], starts[index, False] = held + max(working, 0), held + min(working, 0)
    verdicts = np.zeros(len(orders), VERDICT)
    evaluate_orders(account, books, engine.instruments, engine.params["risk"], indices, lots, verdicts)
    found = []
    for k, index in enumerate(indices.tolist()):
        start, approved_target = starts[index, lots[k] > 0], int(verdicts[k]["approved_target"])
        starts[index, lots[k] > 0] = approved_target
        found.append(_batch_verdict(state, index, int(lots[k]), approved_target - start, verdicts[k : k + 1]))
    return found


def _signed_lots(state: AccountState, order: OrderRequest, index: int) -> int:
    ticks = state.last_ticks(index)
    if ticks <= 0:
        raise DataError("no bar has closed, so there is no price", place=state.symbols[index])
    return parse_side(order.side, "--order") * parse_lots(order.quantity, state.instruments[index], ticks, "--order")


def _batch_verdict(state: AccountState, index: int, lots: int, passing: int, verdict: Table) -> BatchVerdict:
    instrument, row = state.instruments[index], verdict[0]
    rule = RULES[row["rule"]] if row["rule"] >= 0 else None
    measured, limit, unit = in_units_of_verdict(rule, float(row["measured"]), float(row["limit"]), instrument)
    lot = float(instrument.lot_size)
    return BatchVerdict(
        symbol=state.symbols[index],
        side="buy" if lots > 0 else "sell",
        quantity=abs(lots) * lot,
        passing=abs(passing) * lot,
        verdict=Verdict(row["verdict"]).name.lower(),
        rule=rule.name if rule else "",
        measured=measured,
        limit=limit,
        unit=unit,
    )
