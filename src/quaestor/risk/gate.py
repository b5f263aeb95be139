"""The gate: every rule's interval, their intersection, and the verdict about one wanted target.

The gate is written out from the catalog as one compiled function (see `kernels.fuse`): no rule can be left out, and
none can be called in another way.
"""

import numpy as np

from quaestor.kernels.codes import Verdict
from quaestor.kernels.compile import kernel
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
    calls = "\n".join(
        f"""    low, high, measured, limit = permit_{rule.name}(
        account, books, index, instrument, params["{rule.name}"], ticks, wanted
    )
    if (wanted > 0 and high < highest) or (wanted < 0 and low > lowest):
        binding, figure, bound = {number}, measured, limit
    lowest = max(lowest, low)
    highest = min(highest, high)"""
        for number, rule in enumerate(RULES)
    )
    return f'''"""Generated from the catalog of risk rules."""

from quaestor.kernels.compile import kernel
{imports}

NO_LIMIT = {NO_LIMIT}


@kernel
def permitted(account, books, index, instrument, params, ticks, wanted):
    lowest = -NO_LIMIT
    highest = NO_LIMIT
    binding = -1
    figure = 0.0
    bound = 0.0
{calls}
    return lowest, highest, binding, figure, bound
'''


permitted = fuse("risk_gate", _source()).permitted


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
    held = books[index]["position"]["lots"]
    answer["wanted"] = wanted
    answer["approved"] = wanted
    answer["rule"] = -1
    answer["layer"] = 0
    answer["measured"] = 0.0
    answer["limit"] = 0.0
    base = held if held * wanted > 0 else 0
    if abs(wanted) <= abs(base):
        answer["verdict"] = Verdict.ALLOW
        return wanted
    lowest, highest, binding, figure, bound = permitted(account, books, index, instrument, params, ticks, wanted)
    approved = max(min(wanted, highest), base) if wanted > 0 else min(max(wanted, lowest), base)
    if approved == wanted:
        binding = -1
        figure = 0.0
        bound = 0.0
    if approved != base and notional(instrument, approved - base, ticks) < instrument["min_notional"]:
        if approved == wanted:
            binding = VENUE_RULE
            figure = float(notional(instrument, approved - base, ticks))
            bound = float(instrument["min_notional"])
        approved = base
    answer["approved"] = approved
    answer["rule"] = binding
    answer["layer"] = RULE_LAYERS[binding] if binding >= 0 else 0
    answer["measured"] = figure
    answer["limit"] = bound
    answer["verdict"] = Verdict.ALLOW
    if approved != wanted:
        answer["verdict"] = Verdict.VETO if approved == base else Verdict.SHRINK
    return approved


@kernel
def judge_orders(
    account: Row,
    books: Table,
    instruments: Table,
    params: Row,
    indices: np.ndarray,
    ticks: np.ndarray,
    lots: np.ndarray,
    answers: Table,
) -> int:
    """Judge a batch of orders (signed lots, price in ticks, instrument index), one after another.

    Each order is judged on top of the position as held; rules see every order at its own price. Returns how many
    are refused outright.
    """
    refused = 0
    for k in range(len(lots)):
        index = indices[k]
        target = books[index]["position"]["lots"] + lots[k]
        judge(account, books, index, instruments[index], params, ticks[k], target, answers[k])
        if answers[k]["verdict"] == Verdict.VETO:
            refused += 1
    return refused
