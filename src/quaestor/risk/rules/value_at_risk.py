"""Historical value at risk: the daily loss at 95 % over the last 500 bars, summed over positions, is capped.

Losses of different instruments are added without credit for diversification, see `risk.tails`.
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
    return within_loss(account, books, index, instrument, params["var_pct"], ticks, target, False)


RULE = Rule(
    "value_at_risk",
    Layer.VAR,
    permit,
    (Setting("var_pct", 5.0, 2.5, float("inf"), "% of equity", "largest daily value at risk at 95 %"),),
)
