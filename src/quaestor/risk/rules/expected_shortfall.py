"""Daily expected shortfall: the mean loss of the worst 5 % of the last 500 bars, summed over positions, is capped.

Expected shortfall is subadditive (Acerbi and Tasche 2002): that of all positions together is never above the sum over
the instruments, so the sum is a true upper bound, which a sum of values at risk need not be. See `risk.tails`.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.tails import within_loss


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return within_loss(account, books, index, instrument, params["shortfall_pct"], ticks, target, True)


RULE = Rule(
    "expected_shortfall",
    Layer.VAR,
    permit,
    (Setting("shortfall_pct", 7.5, 4.0, float("inf"), "% of equity", "largest mean loss of the worst 5 % of days"),),
)
