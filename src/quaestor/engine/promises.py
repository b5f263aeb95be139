"""What entries in flight on the other instruments will be once they fill: the officer counts it as held.

Several instruments may decide at one time stamp. Without this the second would be judged as if the first had ordered
nothing, and together they could pass a limit that each keeps.
"""

from quaestor.execution.planner import working_lots
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.ledger import notional, outlay
from quaestor.risk.rules.single_asset import exposure_weight


@kernel
def count_promises(account: Row, books: Table, orders: Table, instruments: Table, index: int) -> None:
    """Note what is in flight on every instrument but `index`, each valued at its own last close."""
    forget_promises(account, books)
    risk = account["risk"]
    for k in range(len(books)):
        working = working_lots(account["keeping"], orders, k) if k != index else 0
        if working == 0:
            continue
        instrument, position, memory = instruments[k], books[k]["position"], books[k]["risk"]
        ticks = memory["last_close"]
        turns = position["lots"] * working < 0
        expected = working if turns else position["lots"] + working
        grown = max(notional(instrument, expected, ticks) - position["notional"], 0)
        memory["promised_lots"] = expected
        memory["promised_notional"] = grown
        risk["promised_gross"] += grown
        risk["promised_exposure"] += int(exposure_weight(instrument) * grown)
        if not turns:  # a reversal is paid for by what it closes
            risk["promised_funds"] += outlay(instrument, working, ticks, instrument["taker_rate"])


@kernel
def forget_promises(account: Row, books: Table) -> None:
    """As it is outside of a judgement: nothing is promised."""
    risk = account["risk"]
    risk["promised_gross"] = 0
    risk["promised_exposure"] = 0
    risk["promised_funds"] = 0
    for k in range(len(books)):
        books[k]["risk"]["promised_lots"] = 0
        books[k]["risk"]["promised_notional"] = 0
