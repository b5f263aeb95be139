"""Open positions: instruments held at once are capped by the number given, or by the regime's own where that is lower.

The specification allows "≤ 5 open trades (a regime profile may raise it to its own maximum)", and the stricter of two
limits binds. So 5 holds in every regime until the setting is raised, and then up to each regime's own maximum: with 15
given, each regime permits the number of its profile. A regime alone never raises the limit.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import all_or_no_increase, stricter
from quaestor.risk.profiles import POSITIONS_MAX


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = stricter(params["open_trades_max"], params["positions_max"][books[index]["regime"]])
    held = 0
    for k in range(len(books)):
        if k != index and (books[k]["position"]["lots"] != 0 or books[k]["risk"]["in_flight_lots"] != 0):
            held += 1
    return all_or_no_increase(held + 1 <= limit, books[index], float(held + 1), limit)


RULE = Rule(
    "open_positions",
    Layer.EXPOSURE,
    permit,
    (Setting("open_trades_max", 5.0, 3.0, float("inf"), "positions", "instruments held at once"),),
    POSITIONS_MAX,
    always_evaluated=True,
)
