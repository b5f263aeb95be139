"""Several orders asked about at once: the officer's verdicts about them as one simultaneous batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.analysis.officer.question import parse_lots, parse_side
from quaestor.analysis.officer.standing import Standing
from quaestor.analysis.rule_figures import in_units_of_verdict
from quaestor.errors import ConfigError, DataError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Verdict
from quaestor.risk.catalog import RULES
from quaestor.risk.gate import evaluate_orders
from quaestor.risk.state import VERDICT


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """An order to ask about; `symbol` may be None where the account has one instrument."""

    side: str
    quantity: str
    symbol: str | None = None

    @classmethod
    def parse(cls, text: str, symbol: str | None = None) -> "AskedOrder":
        """Read ``SIDE:QUANTITY`` or ``SIDE:QUANTITY:SYMBOL``; `symbol` is of an order that names none.

        Raises:
            ConfigError: it is neither.
        """
        parts = text.split(":")
        if len(parts) not in (2, 3):
            raise ConfigError(f"'{text}' is no order", place="--order", remedy="give one such as buy:0.05:BTCUSDT")
        return cls(parts[0], parts[1], parts[2] if len(parts) == 3 else symbol)


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """The verdict about one order of a batch: what is let through of it, and which rule holds back the rest."""

    symbol: str
    side: str
    quantity: float
    passing: float
    verdict: str
    rule: str
    measured: float
    limit: float
    unit: str


def ask_batch(standing: Standing, orders: Sequence[AskedOrder]) -> list[BatchVerdict]:
    """Judge orders at the last close, each on top of those let through before it and of what is in flight.

    Raises:
        UsageError: a symbol that is not on the account, a side or quantity that makes no sense, or no price.
    """
    indices = np.array([standing.index_of(order.symbol) for order in orders], dtype=np.int64)
    lots = np.array(
        [_signed_lots(standing, order, index) for order, index in zip(orders, indices, strict=True)], dtype=np.int64
    )
    engine = standing.engine
    account, books = engine.account.copy(), engine.books.copy()
    starts: dict[tuple[int, bool], int] = {}
    for index in range(len(books)):
        held, working = standing.held(index), standing.expected(index) - standing.held(index)
        books[index]["risk"]["batch_bought" if working > 0 else "batch_sold"] = working
        starts[index, True], starts[index, False] = held + max(working, 0), held + min(working, 0)
    verdicts = np.zeros(len(orders), VERDICT)
    evaluate_orders(account, books, engine.instruments, engine.params["risk"], indices, lots, verdicts)
    answers = []
    for k, index in enumerate(indices.tolist()):
        start, approved_target = starts[index, lots[k] > 0], int(verdicts[k]["approved_target"])
        starts[index, lots[k] > 0] = approved_target
        answers.append(_answer(standing, index, int(lots[k]), approved_target - start, verdicts[k : k + 1]))
    return answers


def _signed_lots(standing: Standing, order: AskedOrder, index: int) -> int:
    ticks = standing.last_ticks(index)
    if ticks <= 0:
        raise DataError("no bar has closed, so there is no price", place=standing.symbols[index])
    return parse_side(order.side, "--order") * parse_lots(order.quantity, standing.instruments[index], ticks, "--order")


def _answer(standing: Standing, index: int, lots: int, passing: int, verdict: Table) -> BatchVerdict:
    instrument, row = standing.instruments[index], verdict[0]
    rule = RULES[row["rule"]] if row["rule"] >= 0 else None
    measured, limit, unit = in_units_of_verdict(rule, float(row["measured"]), float(row["limit"]), instrument)
    lot = float(instrument.lot_size)
    return BatchVerdict(
        symbol=standing.symbols[index],
        side="buy" if lots > 0 else "sell",
        quantity=abs(lots) * lot,
        passing=abs(passing) * lot,
        verdict=Verdict(row["verdict"]).name.lower(),
        rule=rule.name if rule else "",
        measured=measured,
        limit=limit,
        unit=unit,
    )
