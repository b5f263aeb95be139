"""Spread blow-out: nothing is opened while the spread exceeds a multiple of its median over the last 101 bars.

The rule trips at a bar whose spread is wider, and lifts at the first bar whose spread is not; a spread that stays wide
is the median after 51 bars. Where the spread is not known, or fewer than 20 are, the rule permits everything.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import all_or_no_increase


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["spread_multiple"]
    memory = books[index]["risk"]
    blown_out = is_blown_out(memory, limit)
    measured = memory["spread"] / memory["spread_median"] if blown_out else 0.0
    return all_or_no_increase(not blown_out, books[index], measured, limit)


@kernel
def is_blown_out(memory: Row, multiple: float) -> bool:
    """Return whether the last spread is known and not within the multiple of its median; true for a NaN multiple."""
    known = memory["spread"] > 0.0 and memory["spread_median"] > 0.0
    return known and not memory["spread"] <= multiple * memory["spread_median"]


RULE = Rule(
    "spread",
    Layer.EMERGENCY,
    permit,
    (Setting("spread_multiple", 5.0, 4.0, float("inf"), "× its median", "widest spread at which entries are let in"),),
)
