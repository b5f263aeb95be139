"""Decision context: the bars before and after a decision, and the fills of its trade among them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.explain.journaled_decision import JournaledDecision, orders_of
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderAction, Purpose

#: Bars before the decision, and after it at least and at most: a trade is followed to its end that far.
BEFORE, AFTER_MIN, AFTER_MAX = 60, 24, 240


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of the trade that the decision belongs to; price in quote units."""

    ts: int
    price: float
    side: str  # buy or sell
    purpose: str
    is_entry: bool


@dataclass(frozen=True, slots=True, eq=False)
class DecisionContext:
    """Bars around a decision: `ts` int64 (n,), closes in ns UTC; `columns` float64 (4, n): open, high, low, close."""

    ts: NDArray[np.int64]
    columns: NDArray[np.float64]
    fills: tuple[Fill, ...]


def decision_context(decision: JournaledDecision) -> DecisionContext:
    """Return the bars around a decision, as far as the end of the trade that it belongs to."""
    bars, bar = decision.traded.bars, decision.bar
    fills = tuple(_fill(step, decision) for step in _trade_of(decision))
    last = max((fill.ts for fill in fills), default=0)
    end = int(np.searchsorted(bars.ts, last)) + AFTER_MIN // 2
    end = max(bar + AFTER_MIN, min(end, bar + AFTER_MAX))
    span = slice(max(0, bar - BEFORE), end + 1)
    shown = bars.columns[[Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE], span]
    stamps = bars.ts[span] + bars.interval_ns
    return DecisionContext(stamps, shown, tuple(fill for fill in fills if fill.ts <= stamps[-1]))


def _trade_of(decision: JournaledDecision) -> Table:
    """Return the fills of the round trip that holds an order of the decision; of its orders, where there is none."""
    steps = orders_of(decision.rows, decision.row)
    filled = steps[steps["action"] == OrderAction.FILL]
    for trip in decision.rows.round_trips():
        if np.isin(trip["order"]["id"], filled["order"]["id"]).any():
            return trip
    return filled


def _fill(step: Row, decision: JournaledDecision) -> Fill:
    order = step["order"]
    return Fill(
        int(step["ts"]),
        int(step["price"]) * float(decision.traded.instrument.tick_size),
        "buy" if int(step["lots"]) > 0 else "sell",
        Purpose(int(order["purpose"])).name.lower(),
        bool(order["purpose"] == Purpose.ENTRY),
    )
