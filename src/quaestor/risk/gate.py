"""Risk gate: every rule's interval, their intersection, and the verdict about one target.

It is generated from the catalog as one compiled function (see `jit.fuse`): no rule can be left out, and none can be
called in another way.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Verdict
from quaestor.ledger.ledger import notional
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.asking import IMPORTS, call, where_on
from quaestor.risk.catalog import RULES, VENUE_RULE
from quaestor.risk.in_flight import release_in_flight, reserve

#: Parameters of every rule, one nested record each.
RISK_PARAMS = np.dtype([(rule.name, rule.dtype) for rule in RULES], align=True)

#: Layer of each rule, by index.
RULE_LAYERS = np.array([rule.layer for rule in RULES], dtype=np.int64)


def _source() -> str:
    bounds = "\n".join(
        where_on(
            rule,
            f"""low, high, _, _ = {call(rule, "1")}
if low > lowest or (low == lowest and {number} < low_rule):
    lowest, low_rule = low, {number}
if high < highest or (high == highest and {number} < high_rule):
    highest, high_rule = high, {number}
if lowest >= least and highest <= most:
    return lowest, highest, low_rule, high_rule""",
        )
        for number, rule in sorted(enumerate(RULES), key=lambda entry: entry[1].switch != "")
    )
    figures = "\n".join(
        f"""    {"if" if number == 0 else "elif"} rule == {number}:
        _, _, measured, limit = {call(rule, "target")}"""
        for number, rule in enumerate(RULES)
    )
    return f'''"""Generated from the catalog of risk rules."""

from quaestor.jit.compile import kernel
from quaestor.risk.permissions import no_increase
{IMPORTS}


@kernel
def permitted(account, books, index, instrument, params, ticks):
    lowest = -{NO_LIMIT}
    highest = {NO_LIMIT}
    low_rule = -1
    high_rule = -1
    least, most = no_increase(books[index]["position"]["lots"])
{bounds}
    return lowest, highest, low_rule, high_rule


@kernel
def figures(rule, account, books, index, instrument, params, ticks, target):
    measured = 0.0
    limit = 0.0
{figures}
    return measured, limit
'''


_fused = fuse("risk_gate", _source())
#: ``permitted(account, books, index, instrument, params, ticks)``: the intersection of all intervals, and which rule
#: set its lower and its upper end (-1: none), of several the first in the catalog. Rules that are always
#: evaluated come first, the breakers among them, and once nothing may be added no other is evaluated, nor has to update
#: its estimates: an interval that lets nothing be added may be wider than the intersection.
permitted = _fused.permitted
#: ``figures(rule, account, …, target)``: a rule's figure for a target, and its limit.
figures = _fused.figures


@kernel
def evaluate_target(
    account: Row,
    books: Table,
    index: int,
    instrument: Row,
    params: Row,
    ticks: int,
    target: int,
    verdict: Row,
) -> int:
    """Judge a target of `target` lots: write `verdict` (dtype VERDICT) and return the approved target.

    What only reduces a position is always allowed. An approved target never lies on the other side of what is held,
    nor of zero, from the target: the officer shrinks targets, and sets none.
    """
    start = books[index]["position"]["lots"]
    if _reduces(start, target, verdict):
        return target
    bounds = permitted(account, books, index, instrument, params, ticks)
    return _rule_on(account, books, index, instrument, params, ticks, start, target, bounds, verdict)


@kernel
def evaluate_orders(
    account_table: Table,
    books: Table,
    instruments: Table,
    params_table: Table,
    indices: NDArray[np.int64],
    lots: NDArray[np.int64],
    verdicts: Table,
) -> int:
    """Judge a batch of orders (instrument index, signed lots), each on top of those let through before.

    Orders of a batch are simultaneous, so they are judged instrument by instrument, in the order of first appearance,
    those of one instrument in the order given: intervals are then computed once an instrument.

    Orders are valued as positions are, at the last close; the child check keeps their own prices in a band around it.
    What was let through on other instruments counts as held. Nothing nets: buys are judged as if no sell of the batch
    filled, and the other way round. `verdicts`, in the order of the orders, holds targets, as `evaluate_target` writes
    them; what an order may trade is its approved target less the one before it on its instrument and side. Returns how
    many orders were refused outright.
    """
    account, params = account_table[0], params_table[0]
    refused = 0
    evaluated = 0  # bit k: the orders of instrument k
    for first in range(len(lots)):
        index = indices[first]
        if evaluated & (1 << index) == 0:
            evaluated |= 1 << index
            refused += _evaluate_group(account, books, instruments, params, indices, lots, verdicts, index, first)
    _end_batch(account, books)
    return refused


@kernel
def _evaluate_group(
    account: Row,
    books: Table,
    instruments: Table,
    params: Row,
    indices: NDArray[np.int64],
    lots: NDArray[np.int64],
    verdicts: Table,
    index: int,
    first: int,
) -> int:
    """Judge the orders on instrument `index`, of which the first is order `first`; return how many were refused."""
    memory, instrument = books[index]["risk"], instruments[index]
    held, ticks = books[index]["position"]["lots"], memory["last_close"]
    refused = 0
    is_known = False
    bounds = (0, 0, -1, -1)
    for k in range(first, len(lots)):
        if indices[k] != index:
            continue
        start = held + (memory["batch_bought"] if lots[k] > 0 else memory["batch_sold"])
        target = start + lots[k]
        approved_target = target
        if not _reduces(start, target, verdicts[k]):
            if not is_known:
                is_known = True
                _count_batch(account, books, instruments, index)
                bounds = permitted(account, books, index, instrument, params, ticks)
            approved_target = _rule_on(
                account, books, index, instrument, params, ticks, start, target, bounds, verdicts[k]
            )
        if lots[k] > 0:
            memory["batch_bought"] += approved_target - start
        else:
            memory["batch_sold"] += approved_target - start
        if verdicts[k]["verdict"] == Verdict.VETO:
            refused += 1
    return refused


@inlined
def _count_batch(account: Row, books: Table, instruments: Table, index: int) -> None:
    """Reserve what the batch may have filled on the instruments beside `index`, of each the side that weighs more."""
    if len(books) == 1:
        return
    release_in_flight(account, books)
    for k in range(len(books)):
        if k == index:
            continue
        held = books[k]["position"]["lots"]
        bought, sold = books[k]["risk"]["batch_bought"], books[k]["risk"]["batch_sold"]
        working = bought if abs(held + bought) >= abs(held + sold) else sold
        if working != 0 and abs(held + working) > abs(held):
            reserve(account, books[k], instruments[k], _opened(held, working))


@inlined
def _opened(held: int, working: int) -> int:
    """Return the entry lots of an order: where it reverses a position, those beyond closing it."""
    return held + working if held * working < 0 else working


@inlined
def _end_batch(account: Row, books: Table) -> None:
    if len(books) > 1:
        release_in_flight(account, books)
    for index in range(len(books)):
        books[index]["risk"]["batch_bought"] = 0
        books[index]["risk"]["batch_sold"] = 0


@kernel
def _reduces(start: int, target: int, verdict: Row) -> bool:
    """Write an allowing verdict, and return whether it holds: going from `start` to `target` takes no new risk."""
    verdict["target"] = target
    verdict["approved_target"] = target
    verdict["rule"] = -1
    verdict["layer"] = 0
    verdict["measured"] = 0.0
    verdict["limit"] = 0.0
    verdict["verdict"] = Verdict.ALLOW
    return start * target >= 0 and abs(target) <= abs(start)


@kernel
def _rule_on(
    account: Row,
    books: Table,
    index: int,
    instrument: Row,
    params: Row,
    ticks: int,
    start: int,
    target: int,
    bounds: tuple[int, int, int, int],
    verdict: Row,
) -> int:
    lowest, highest, low_rule, high_rule = bounds
    base = start if start * target > 0 else 0
    approved_target = max(min(target, highest), base) if target > 0 else min(max(target, lowest), base)
    rule = -1
    if approved_target != target:
        rule = high_rule if target > 0 else low_rule
        verdict["measured"], verdict["limit"] = figures(rule, account, books, index, instrument, params, ticks, target)
    if approved_target != base and notional(instrument, approved_target - base, ticks) < instrument["min_notional"]:
        if rule < 0:
            rule = VENUE_RULE
            verdict["measured"] = float(notional(instrument, approved_target - base, ticks))
            verdict["limit"] = float(instrument["min_notional"])
        approved_target = base
    verdict["approved_target"] = approved_target
    if rule >= 0:
        verdict["rule"] = rule
        verdict["layer"] = RULE_LAYERS[rule]
        verdict["verdict"] = Verdict.VETO if approved_target == base else Verdict.SHRINK
    return approved_target
