"""Sleeve books: lots, costs and profits of each of several strategies that share one position.

At the venue there is one position a symbol, sized for the net strength of all. Each strategy's part of it is its own
strength (share × signal) over the net strength for which the position was last sized, so that two that disagree hold
opposite lots that cancel. A fill towards the target brings each strategy nearer to its part of the target; any other
fill (a protective stop) reduces all in proportion. Where parts change without a fill the strategies trade with one
another at the bar's close, free of cost. Everything is whole lots and quanta; remainders of divisions, and what a
re-sizing step leaves untraded, go to the last strategy. So the books add up to the account's at every event.
"""

import math

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.ensemble.netted import MAX_SLEEVES
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import OrderAction, Purpose, Verdict
from quaestor.ledger.ledger import cost_ceil, value_floor
from quaestor.numeric.arithmetic import muldiv_floor

_PER_SLEEVE = (MAX_SLEEVES,)
#: One row an instrument. Money in quanta; a sleeve's profit is `cash` − `fees` − `funding` + the worth of `held`.
SLEEVE_BOOK = np.dtype(
    [
        ("lots", "i8"),  # of the account
        ("close", "i8"),  # last, in ticks
        ("spent", "i8"),  # of the account since it was last flat: cost, fees, funding
        ("fee", "i8"),
        ("paid", "i8"),
        ("sized", "f8"),  # net strength for which the position was last sized
        ("strength", "f8", _PER_SLEEVE),  # share × last signal
        ("target", "i8"),  # lots of the account: target that the risk officer last approved
        ("part", "f8", _PER_SLEEVE),  # share of a position in the direction of `sized`
        ("goal", "i8", _PER_SLEEVE),  # lots that each is to hold after the present change
        ("held", "i8", _PER_SLEEVE),
        ("moved", "i8", _PER_SLEEVE),  # lots traded in the present change
        ("cash", "i8", _PER_SLEEVE),
        ("fees", "i8", _PER_SLEEVE),
        ("funding", "i8", _PER_SLEEVE),
    ],
    align=True,
)


@kernel
def book_sleeves(
    books: Table,
    shares: NDArray[np.float64],
    signals: NDArray[np.float64],
    instruments: Table,
    decisions: Table,
    orders: Table,
    trades: Table,
) -> None:
    """Update the books from one batch of an engine's output, in time order.

    Args:
        books: SLEEVE_BOOK (instruments,); zero bytes are fresh.
        shares: float64 (sleeves,).
        signals: float64 (sleeves, decisions), NaN where a strategy has no opinion.
        decisions, orders, trades: of the batch. Fills inside a bar come before the decision at its close.
    """
    k = 0
    for d in range(len(decisions)):
        decision = decisions[d]
        while k < len(orders) and orders[k]["decision"] <= decision["number"]:
            _take_order(books, len(shares), instruments, orders[k], trades)
            k += 1
        index = decision["instrument"]
        _take_decision(books[index], shares, signals, d, instruments[index], decision)
    while k < len(orders):
        _take_order(books, len(shares), instruments, orders[k], trades)
        k += 1


@kernel
def sleeve_profit(book: Row, instrument: Row, sleeve: int) -> int:
    """Return the profit of a sleeve in quanta, net of fees and funding, its lots marked at the last close."""
    worth = value_floor(instrument, book["held"][sleeve], book["close"]) if book["close"] > 0 else 0
    profit: int = book["cash"][sleeve] - book["fees"][sleeve] - book["funding"][sleeve] + worth
    return profit


@kernel
def _take_decision(
    book: Row, shares: NDArray[np.float64], signals: NDArray[np.float64], d: int, instrument: Row, decision: Row
) -> None:
    net = 0.0
    for j in range(len(shares)):
        if signals[j, d] == signals[j, d]:
            book["strength"][j] = shares[j] * signals[j, d]
        net += book["strength"][j]
    if decision["close"] <= 0:
        return
    book["close"] = decision["close"]
    if decision["verdict"] != Verdict.NONE:
        book["target"] = decision["approved_target"]
        if decision["approved_target"] * net > 0.0:
            book["sized"] = net
    if book["sized"] * net > 0.0:
        for j in range(len(shares)):
            book["part"][j] = book["strength"][j] / book["sized"]
    lots = book["lots"]
    if book["target"] == lots and (lots == 0 or lots * book["sized"] > 0.0):
        _set_goal(book, len(shares), lots)
        _change(book, len(shares), instrument, 0, book["close"], 0)


@kernel
def _take_order(books: Table, n: int, instruments: Table, row: Row, trades: Table) -> None:
    index = row["order"]["instrument"]
    book = books[index]
    if row["action"] == OrderAction.FILL:
        _take_fill(book, n, instruments[index], row)
    elif row["action"] == OrderAction.FUNDING:
        book["paid"] += row["fee"]
        _divide(n, row["fee"], book["held"], book["lots"], book["funding"])
    elif row["action"] == OrderAction.LIQUIDATION:
        for t in range(len(trades)):
            trade = trades[t]
            ended = trade["instrument"] == index and trade["exit_decision"] == row["decision"]
            if ended and trade["reason"] == Purpose.LIQUIDATION:
                proceeds = trade["pnl"] + book["fee"] + book["paid"] + book["spent"]
                _divide(n, proceeds, book["held"], book["lots"], book["cash"])
        book["lots"] = 0
        for j in range(n):
            book["held"][j] = 0
    if book["lots"] == 0:
        book["spent"] = 0
        book["fee"] = 0
        book["paid"] = 0


@kernel
def _take_fill(book: Row, n: int, instrument: Row, row: Row) -> None:
    before, filled = book["lots"], row["lots"]
    lots = before + filled
    missing = book["target"] - before
    book["lots"] = lots
    if missing * filled > 0 and abs(filled) <= abs(missing):
        _set_goal(book, n, book["target"])
        for j in range(n - 1):
            change = muldiv_floor(book["goal"][j] - book["held"][j], abs(filled), abs(missing))
            book["goal"][j] = book["held"][j] + change
    else:
        book["target"] = lots
        _set_goal(book, n, lots)
        for j in range(n - 1 if before != 0 else 0):
            book["goal"][j] = muldiv_floor(book["held"][j] if before > 0 else -book["held"][j], lots, abs(before))
    _give_rest(book, n, lots)
    _change(book, n, instrument, filled, row["price"], row["fee"])
    if before * lots < 0:  # one position ended and another began: the round trip's sums are the new one's
        book["spent"] = cost_ceil(instrument, lots, row["price"])
        book["fee"] = row["fee"] - muldiv_floor(row["fee"], abs(before), abs(filled))
        book["paid"] = 0
    else:
        book["spent"] += cost_ceil(instrument, filled, row["price"])
        book["fee"] += row["fee"]


@kernel
def _set_goal(book: Row, n: int, lots: int) -> None:
    """Divide a position of `lots` among the goals of the sleeves by their parts."""
    for j in range(n - 1):
        book["goal"][j] = math.floor(book["part"][j] * lots)
    _give_rest(book, n, lots)


@kernel
def _give_rest(book: Row, n: int, lots: int) -> None:
    """Set the goal of the last sleeve to the lots that the others leave."""
    left = lots
    for j in range(n - 1):
        left -= book["goal"][j]
    book["goal"][n - 1] = left


@kernel
def _change(book: Row, n: int, instrument: Row, filled: int, ticks: int, fee: int) -> None:
    """Trade each sleeve to its goal at a price: `filled` lots with the venue, the rest with one another."""
    cost, moved = cost_ceil(instrument, filled, ticks) if filled != 0 else 0, 0
    for j in range(n):
        change = book["goal"][j] - book["held"][j]
        worth = cost if j == n - 1 else value_floor(instrument, change, ticks)
        book["held"][j] = book["goal"][j]
        book["cash"][j] -= worth
        book["moved"][j] = abs(change)
        cost -= worth
        moved += abs(change)
    if fee != 0:
        _divide(n, fee, book["moved"], moved, book["fees"])


@kernel
def _divide(n: int, amount: int, weights: NDArray[np.int64], total: int, shares: NDArray[np.int64]) -> None:
    """Add an amount to `shares` in proportion to `weights`, whose sum is `total`; the remainder goes to the last."""
    left = amount
    for j in range(n - 1):
        share = muldiv_floor(amount, weights[j], total) if total > 0 else muldiv_floor(amount, -weights[j], -total)
        shares[j] += share
        left -= share
    shares[n - 1] += left
