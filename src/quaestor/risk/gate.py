"""The gate: every rule's interval, their intersection, and the verdict about one wanted target.

The gate is written out from the catalog as one compiled function (see `kernels.fuse`): no rule can be left out, and
none can be called in another way.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.kernels.codes import Verdict
from quaestor.kernels.compile import inlined, kernel
from quaestor.kernels.fuse import fuse
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.kernels.ledger import notional
from quaestor.risk.catalog import RULES, VENUE_RULE

#: Parameters of every rule, one nested record each.
RISK_PARAMS = np.dtype([(rule.name, rule.dtype) for rule in RULES], align=True)

#: Layer of each rule, by index.
RULE_LAYERS = np.array([rule.layer for rule in RULES], dtype=np.int64)


def _source() -> str:
    imports = "\n".join(f"from {rule.permit.__module__} import permit as permit_{rule.name}" for rule in RULES)
    arguments = "account, books, index, instrument, params[{name!r}], ticks"
    bounds = "\n".join(
        f"""    low, high, _, _ = permit_{rule.name}({arguments.format(name=rule.name)}, 1)
    if low > lowest:
        lowest, low_rule = low, {number}
    if high < highest:
        highest, high_rule = high, {number}"""
        for number, rule in enumerate(RULES)
    )
    figures = "\n".join(
        f"""    {"if" if number == 0 else "elif"} rule == {number}:
        _, _, measured, limit = permit_{rule.name}({arguments.format(name=rule.name)}, wanted)"""
        for number, rule in enumerate(RULES)
    )
    return f'''"""Generated from the catalog of risk rules."""

from quaestor.kernels.compile import kernel
{imports}


@kernel
def permitted(account, books, index, instrument, params, ticks):
    lowest = -{NO_LIMIT}
    highest = {NO_LIMIT}
    low_rule = -1
    high_rule = -1
{bounds}
    return lowest, highest, low_rule, high_rule


@kernel
def figures(rule, account, books, index, instrument, params, ticks, wanted):
    measured = 0.0
    limit = 0.0
{figures}
    return measured, limit
'''


_fused = fuse("risk_gate", _source())
#: ``permitted(account, books, index, instrument, params, ticks)``: the intersection of all intervals, and which rule
#: set its lower and its upper end (-1: none).
permitted = _fused.permitted
#: ``figures(rule, account, …, wanted)``: a rule's figure for a target, and its limit.
figures = _fused.figures


@kernel
def judge(
    account: Row,
    books: Table,
    index: int,
    instrument: Row,
    params: Row,
    ticks: int,
    wanted: int,
    answer: Row,
) -> int:
    """The officer's verdict about holding `wanted` lots, written to `answer` (dtype VERDICT); returns what is approved.

    What only reduces a position is always allowed. An approved target never lies on the other side of what is held,
    nor of zero, from the wanted one: the officer shrinks, he does not trade on his own account.
    """
    start = books[index]["position"]["lots"]
    if _reduces(start, wanted, answer):
        return wanted
    bounds = permitted(account, books, index, instrument, params, ticks)
    return _rule_on(account, books, index, instrument, params, ticks, start, wanted, bounds, answer)


@kernel
def judge_orders(
    account_table: Table,
    books: Table,
    instruments: Table,
    params_table: Table,
    indices: NDArray[np.int64],
    lots: NDArray[np.int64],
    answers: Table,
) -> int:
    """Judge a batch of orders (instrument index, signed lots), each on top of those let through before.

    Orders are valued as positions are, at the last close; the child gate keeps their own prices in a band around it.
    Nothing nets: buys are judged as if no sell of the batch filled, and the other way round. `answers` holds targets,
    as `judge` writes them; what an order may trade is its approved target less the one before it. Returns how many
    orders were refused outright.
    """
    refused = 0
    for k in range(len(lots)):
        index = indices[k]
        memory = books[index]["risk"]
        passed = memory["batch_bought"] if lots[k] > 0 else memory["batch_sold"]
        start = books[index]["position"]["lots"] + passed
        wanted = start + lots[k]
        approved = wanted
        if not _reduces(start, wanted, answers[k]):
            account, params, instrument = account_table[0], params_table[0], instruments[index]
            bounds = _bounds_of_batch(account, books, index, instrument, params)
            approved = _rule_on(
                account,
                books,
                index,
                instrument,
                params,
                memory["last_close"],
                start,
                wanted,
                bounds,
                answers[k],
            )
        if lots[k] > 0:
            memory["batch_bought"] += approved - start
        else:
            memory["batch_sold"] += approved - start
        if answers[k]["verdict"] == Verdict.VETO:
            refused += 1
    for index in range(len(books)):
        _end_batch(books[index]["risk"])
    return refused


@inlined
def _bounds_of_batch(account: Row, books: Table, index: int, instrument: Row, params: Row) -> tuple[int, int, int, int]:
    """What is permitted at the last close, worked out once a batch and instrument."""
    memory = books[index]["risk"]
    if memory["batch_ruled"] == 0:
        low, high, low_rule, high_rule = permitted(account, books, index, instrument, params, memory["last_close"])
        memory["batch_ruled"] = 1
        memory["batch_lowest"] = low
        memory["batch_highest"] = high
        memory["batch_low_rule"] = low_rule
        memory["batch_high_rule"] = high_rule
    return memory["batch_lowest"], memory["batch_highest"], memory["batch_low_rule"], memory["batch_high_rule"]


@inlined
def _end_batch(memory: Row) -> None:
    memory["batch_bought"] = 0
    memory["batch_sold"] = 0
    memory["batch_ruled"] = 0
    memory["batch_lowest"] = 0
    memory["batch_highest"] = 0
    memory["batch_low_rule"] = 0
    memory["batch_high_rule"] = 0


@kernel
def _reduces(start: int, wanted: int, answer: Row) -> bool:
    """Whether going from `start` to `wanted` takes no new risk; then it is allowed."""
    answer["wanted"] = wanted
    answer["approved"] = wanted
    answer["rule"] = -1
    answer["layer"] = 0
    answer["measured"] = 0.0
    answer["limit"] = 0.0
    answer["verdict"] = Verdict.ALLOW
    return start * wanted >= 0 and abs(wanted) <= abs(start)


@kernel
def _rule_on(
    account: Row,
    books: Table,
    index: int,
    instrument: Row,
    params: Row,
    ticks: int,
    start: int,
    wanted: int,
    bounds: tuple[int, int, int, int],
    answer: Row,
) -> int:
    lowest, highest, low_rule, high_rule = bounds
    base = start if start * wanted > 0 else 0
    approved = max(min(wanted, highest), base) if wanted > 0 else min(max(wanted, lowest), base)
    rule = -1
    if approved != wanted:
        rule = high_rule if wanted > 0 else low_rule
        answer["measured"], answer["limit"] = figures(rule, account, books, index, instrument, params, ticks, wanted)
    if approved != base and notional(instrument, approved - base, ticks) < instrument["min_notional"]:
        if rule < 0:
            rule = VENUE_RULE
            answer["measured"] = float(notional(instrument, approved - base, ticks))
            answer["limit"] = float(instrument["min_notional"])
        approved = base
    answer["approved"] = approved
    if rule >= 0:
        answer["rule"] = rule
        answer["layer"] = RULE_LAYERS[rule]
        answer["verdict"] = Verdict.VETO if approved == base else Verdict.SHRINK
    return approved
