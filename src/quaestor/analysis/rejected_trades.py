"""Rejected trades: positions that were targeted and refused, each followed to its end.

One at a time an instrument has a rejected position, in an episode:

- It begins at a decision that vetoes or shrinks an entry, with the lots targeted less the lots approved, under the rule
  that bound. Further refusals of the same direction by the same rule belong to it; a standing veto is one episode.
- It is filled where the order would have been: at the first open that the run's latency lets it reach, at the price and
  fee of a taker. It is protected and closed by the run's exits; funding and liquidation are the ledger's own. The
  volume cap is not applied: how much of a bar would have been left is not known.
- It leaves at the open after the policy no longer targets the direction, at the price and fee of a taker.
- What is let through after all, or refused by another rule from then on, leaves as if sold to the new holder: at
  the price and fee that the entry pays at that open. So the figures of the rules add up, and count no bar twice.
- Lots that were held and that the officer closed (a kill, a drawdown) begin at the price and fee of that sale.

Once an exit has closed it, a rejected position is not opened again in its episode.
"""

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import QUARANTINE, EventKind, Purpose, Verdict
from quaestor.ledger.ledger import (
    LEDGER,
    POSITION,
    charge_funding,
    equity,
    fee_on,
    is_liquidated,
    mark,
    notional,
    post_fill,
    post_liquidation,
)
from quaestor.matching.bars import funding_due
from quaestor.matching.costs import adverse_price
from quaestor.risk.exits.market import due_exit
from quaestor.risk.exits.stops import EXIT_STATE, stop_distance, target_distance, trailed_stop

#: Cash that a rejected position starts with: affordability is the rules' concern.
_PURSE = 2**60

#: An episode before it is filled; `side` 0: none.
_EPISODE = np.dtype(
    [
        ("side", "i8"),
        ("rule", "i8"),
        ("lots", "i8"),  # still to be filled, positive
        ("closing", "i8"),  # 1: these were held, and begin at the price of the sale
        ("active_ts", "i8"),
        ("stop", "i8"),  # ticks from the fill, 0: none
        ("take_profit", "i8"),
    ],
    align=True,
)

#: What is followed of one instrument.
REJECTED_TRADE = np.dtype(
    [
        ("present", _EPISODE),
        ("next", _EPISODE),  # waits until the present one has left
        ("approved_target", "i8"),  # lots of the present direction let through so far
        ("leaving", "i8"),  # lots to give up at an open, positive
        ("leaving_ts", "i8"),
        ("taken", "i8"),  # 1: an entry takes them over
        ("ending", "i8"),  # 1: the whole position leaves
        ("stop_at", "i8"),  # ticks, 0: none
        ("take_profit_at", "i8"),
        ("ledger", LEDGER),
        ("position", POSITION),
        ("exits", EXIT_STATE),
    ],
    align=True,
)

#: Outcome of refusals, a row a rule; money in quanta.
TALLY = np.dtype(
    [
        ("vetoes", "i8"),
        ("shrinks", "i8"),
        ("episodes", "i8"),
        ("notional", "f8"),  # refused at the close of each episode's first decision
        ("saved", "i8"),  # sum of the losses rejected
        ("cost", "i8"),  # sum of the gains rejected
        ("right", "i8"),  # episodes that forwent a loss
        ("unsettled", "i8"),  # episodes still open at the end, marked at the last close
    ],
    align=True,
)


@kernel
def follow(
    rejected: Table,
    instruments: Table,
    params_table: Table,
    events: Table,
    decisions: Table,
    tally: Table,
    scratch: Table,
) -> int:
    """Take in decisions and the events behind them, in order; return how many decisions were without their event.

    `tally` has a row for every rule of the first instrument, then of the second …; `scratch` is one row of dtype TRADE.
    """
    params = params_table[0]
    n_rules = len(tally) // len(rejected)
    e = 0
    missing = 0
    for k in range(len(decisions)):
        decision = decisions[k]
        while e < len(events) and not _is_behind(events[e], decision):
            e += 1
        if e == len(events):
            missing += 1
            continue
        event = events[e]
        e += 1
        if event["flags"] & QUARANTINE != 0:
            continue
        index = event["instrument"]
        book, instrument, first = rejected[index], instruments[index], n_rules * index
        if book["present"]["side"] != 0:
            _pass_bar(book, instrument, params, event, tally, first, scratch)
        if book["present"]["side"] != 0 or decision["verdict"] >= Verdict.SHRINK:
            _take_note(book, instrument, params, event, decision, tally, first)
    return missing


@kernel
def settle(rejected: Table, tally: Table) -> None:
    """Settle what is still open at its last mark."""
    n_rules = len(tally) // len(rejected)
    for index in range(len(rejected)):
        book = rejected[index]
        while book["present"]["side"] != 0:
            tally[n_rules * index + book["present"]["rule"]]["unsettled"] += 1
            _finish(book, tally, n_rules * index)


@inlined
def _is_behind(event: Row, decision: Row) -> bool:
    same_bar: bool = event["ts"] == decision["ts"] and event["instrument"] == decision["instrument"]
    return same_bar and event["kind"] == EventKind.BAR


@inlined
def _take_note(book: Row, instrument: Row, params: Row, event: Row, decision: Row, tally: Table, first: int) -> None:
    """Update the present episode by a decision, and begin another where it does."""
    target, approved_target = decision["target"], decision["approved_target"]
    side = 1 if target > 0 else (-1 if target < 0 else 0)
    refused = decision["verdict"] >= Verdict.SHRINK
    due = event["ts"] + params["costs"]["latency_bars"] * instrument["interval_ns"]
    present = book["present"]
    if present["side"] != 0:
        if side != present["side"]:
            _leave(book, due, 0, tally, first)
        elif refused and decision["rule"] == present["rule"] and book["ending"] == 0:
            _count(tally[first + decision["rule"]], decision["verdict"])
            let_through = abs(approved_target) - book["approved_target"]
            if let_through > 0 and abs(approved_target) > abs(decision["position"]):
                book["approved_target"] = abs(approved_target)
                _give_up(book, let_through, due)
            return
        elif refused or (decision["verdict"] == Verdict.ALLOW and abs(target) > abs(decision["position"])):
            _leave(book, due, 1, tally, first)
        elif decision["verdict"] == Verdict.ALLOW:
            _leave(book, due, 0, tally, first)
    if refused:
        rule = tally[first + decision["rule"]]
        _count(rule, decision["verdict"])
        _begin(book, instrument, params, event, decision, side, due, rule)


@inlined
def _count(rule: Row, verdict: int) -> None:
    if verdict == Verdict.VETO:
        rule["vetoes"] += 1
    else:
        rule["shrinks"] += 1


@inlined
def _begin(book: Row, instrument: Row, params: Row, event: Row, decision: Row, side: int, due: int, rule: Row) -> None:
    """Begin an episode: the present one, or the one that waits for it to leave."""
    waits = book["present"]["side"] != 0
    episode = book["next"] if waits else book["present"]
    held = decision["position"] * side
    missing = abs(decision["target"]) - abs(decision["approved_target"])
    episode["side"] = side
    episode["rule"] = decision["rule"]
    episode["lots"] = missing
    episode["closing"] = 1 if held > abs(decision["approved_target"]) else 0
    episode["active_ts"] = due
    episode["stop"] = stop_distance(params["exits"], event, side)
    episode["take_profit"] = target_distance(params["exits"], event["close"])
    rule["episodes"] += 1
    rule["notional"] += float(notional(instrument, missing, event["close"]))
    if not waits:
        _open_books(book)
    book["approved_target"] = abs(decision["approved_target"])


@inlined
def _open_books(book: Row) -> None:
    ledger, position = book["ledger"], book["position"]
    ledger["cash"] = _PURSE
    ledger["reserved"] = 0
    ledger["position_value"] = 0
    position["lots"] = 0
    position["cost"] = 0
    position["reserved"] = 0
    position["value"] = 0
    book["exits"]["side"] = 0
    book["leaving"] = 0
    book["ending"] = 0
    book["stop_at"] = 0
    book["take_profit_at"] = 0


@inlined
def _leave(book: Row, due: int, taken: int, tally: Table, first: int) -> None:
    """Give the whole position up at the next open; end an episode without one."""
    book["next"]["side"] = 0  # what waits never began
    if book["position"]["lots"] == 0:
        _finish(book, tally, first)
    elif book["ending"] == 0:
        book["leaving"] = abs(book["position"]["lots"])
        book["leaving_ts"] = due
        book["taken"] = taken
        book["ending"] = 1
        book["present"]["lots"] = 0


@inlined
def _give_up(book: Row, lots: int, due: int) -> None:
    """Give up a part that is let through after all: of what is not yet filled first."""
    unfilled = min(book["present"]["lots"], lots)
    book["present"]["lots"] -= unfilled
    rest = min(lots - unfilled, abs(book["position"]["lots"]))
    if rest > 0:
        book["leaving"] = rest
        book["leaving_ts"] = due
        book["taken"] = 1


@kernel
def _pass_bar(book: Row, instrument: Row, params: Row, event: Row, tally: Table, first: int, scratch: Table) -> None:
    """Advance the rejected position by one bar, in the order in which `matching.bars` does."""
    costs = params["costs"]
    ledger, position = book["ledger"], book["position"]
    _fund(ledger, position, instrument, event, event["funding_rate"])
    _liquidate(book, instrument, event, event["open"], scratch)
    _protect_at_open(book, instrument, costs, event, scratch)
    if book["leaving"] != 0 and book["leaving_ts"] <= event["open_ts"]:
        _execute_leave(book, instrument, costs, event, tally, first, scratch)
    present = book["present"]
    if present["lots"] != 0 and present["active_ts"] <= event["open_ts"]:
        _enter(book, instrument, costs, event, scratch)
    _fund(ledger, position, instrument, event, event["funding_rate_inside"])
    _protect_inside(book, instrument, costs, event, scratch)
    worst = event["low"] if position["lots"] > 0 else event["high"]
    _liquidate(book, instrument, event, worst, scratch)
    _take_profit_inside(book, instrument, costs, event, scratch)
    mark(ledger, position, instrument, event["close"])
    book["stop_at"] = trailed_stop(book["exits"], params["exits"], event, position, book["stop_at"])
    if position["lots"] != 0 and book["leaving"] == 0:
        if due_exit(book["exits"], params["exits"], event, position, instrument) != 0:
            book["leaving"] = abs(position["lots"])
            book["leaving_ts"] = event["ts"] + costs["latency_bars"] * instrument["interval_ns"]
            book["taken"] = 0


@inlined
def _fund(ledger: Row, position: Row, instrument: Row, event: Row, rate: int) -> None:
    if rate != 0 and position["lots"] != 0:
        amount = funding_due(instrument, position["lots"], event["funding_mark"], rate)
        charge_funding(ledger, position, instrument, amount)


@inlined
def _liquidate(book: Row, instrument: Row, event: Row, ticks: int, scratch: Table) -> None:
    position = book["position"]
    if is_liquidated(position, instrument, ticks):
        post_liquidation(book["ledger"], position, instrument, 0, event["open_ts"], 0, Purpose.LIQUIDATION, scratch, 0)


@kernel
def _trade(book: Row, instrument: Row, event: Row, lots: int, price: int, paid: int, scratch: Table) -> None:
    """Post a fill; `paid` −1: the fee is one that is spared."""
    fee = paid * fee_on(instrument, lots, price, instrument["taker_rate"])
    post_fill(book["ledger"], book["position"], instrument, 0, lots, price, fee, event["open_ts"], 0, 0, scratch, 0)


@inlined
def _execute_leave(
    book: Row, instrument: Row, costs: Row, event: Row, tally: Table, first: int, scratch: Table
) -> None:
    side = book["present"]["side"]
    lots = min(book["leaving"], abs(book["position"]["lots"]))
    if lots > 0:
        taken = book["taken"] != 0
        price = adverse_price(costs, side if taken else -side, event["open"], event["high"] - event["low"])
        _trade(book, instrument, event, -side * lots, price, -1 if taken else 1, scratch)
    book["leaving"] = 0
    let_in = book["taken"] != 0 and book["position"]["lots"] == 0 and book["present"]["lots"] == 0
    if book["ending"] != 0 or let_in:
        _finish(book, tally, first)


@inlined
def _enter(book: Row, instrument: Row, costs: Row, event: Row, scratch: Table) -> None:
    present = book["present"]
    side = present["side"]
    spared = present["closing"] != 0
    price = adverse_price(costs, -side if spared else side, event["open"], event["high"] - event["low"])
    _trade(book, instrument, event, side * present["lots"], price, -1 if spared else 1, scratch)
    present["lots"] = 0
    book["stop_at"] = max(price - side * present["stop"], 1) if present["stop"] > 0 else 0
    book["take_profit_at"] = max(price + side * present["take_profit"], 1) if present["take_profit"] > 0 else 0


@inlined
def _protect_at_open(book: Row, instrument: Row, costs: Row, event: Row, scratch: Table) -> None:
    """Fill a stop gapped through at the open, a target no better than its trigger."""
    side = book["present"]["side"]
    lots = book["position"]["lots"]
    span = event["high"] - event["low"]
    if lots == 0:
        return
    if book["stop_at"] > 0 and side * (event["open"] - book["stop_at"]) <= 0:
        _trade(book, instrument, event, -lots, adverse_price(costs, -side, event["open"], span), 1, scratch)
    elif book["take_profit_at"] > 0 and side * (event["open"] - book["take_profit_at"]) >= 0:
        _trade(book, instrument, event, -lots, adverse_price(costs, -side, book["take_profit_at"], span), 1, scratch)


@inlined
def _protect_inside(book: Row, instrument: Row, costs: Row, event: Row, scratch: Table) -> None:
    side = book["present"]["side"]
    lots = book["position"]["lots"]
    against = event["low"] if side > 0 else event["high"]
    if lots == 0 or book["stop_at"] == 0 or side * (against - book["stop_at"]) > 0:
        return
    if is_liquidated(book["position"], instrument, book["stop_at"]):
        return
    gapped = side * (event["open"] - book["stop_at"]) <= 0
    at = event["open"] if gapped else book["stop_at"]
    _trade(book, instrument, event, -lots, adverse_price(costs, -side, at, event["high"] - event["low"]), 1, scratch)


@inlined
def _take_profit_inside(book: Row, instrument: Row, costs: Row, event: Row, scratch: Table) -> None:
    side = book["present"]["side"]
    lots = book["position"]["lots"]
    with_us = event["high"] if side > 0 else event["low"]
    if lots == 0 or book["take_profit_at"] == 0 or side * (with_us - book["take_profit_at"]) < 0:
        return
    at = adverse_price(costs, -side, book["take_profit_at"], event["high"] - event["low"])
    _trade(book, instrument, event, -lots, at, 1, scratch)


@kernel
def _finish(book: Row, tally: Table, first: int) -> None:
    """Settle the present episode; the one that waits becomes the present one."""
    present, following = book["present"], book["next"]
    rule = tally[first + present["rule"]]
    result = equity(book["ledger"]) - _PURSE
    if result > 0:
        rule["cost"] += result
    elif result < 0:
        rule["saved"] -= result
        rule["right"] += 1
    present["side"] = following["side"]
    present["rule"] = following["rule"]
    present["lots"] = following["lots"]
    present["closing"] = following["closing"]
    present["active_ts"] = following["active_ts"]
    present["stop"] = following["stop"]
    present["take_profit"] = following["take_profit"]
    following["side"] = 0
    following["lots"] = 0
    _open_books(book)
