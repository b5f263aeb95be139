"""Daily value at risk at 95 %, by historical simulation over the last 500 bars, all positions added up.

Losses of different instruments are added without any credit for diversification, see `risk.tails`.
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
    """The rule's interval of targets, its figure for the target, and its limit; see `risk.contract`."""

    return within_loss(account, books, index, instrument, params["var_pct"], ticks, target, False)


RULE = Rule(
    "value_at_risk",
    Layer.VAR,
    permit,
    (Setting("var_pct", 5.0, 2.5, float("inf"), "% of equity", "largest daily value at risk at 95 %"),),
)
