"""Position size: one position is at most a share of equity."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import within_share


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return within_share(account, instrument, params["position_pct"], 0.0, 1.0, ticks, target)


RULE = Rule(
    "position_size",
    Layer.POSITION,
    permit,
    (Setting("position_pct", 10.0, 5.0, float("inf"), "% of equity", "largest notional of one position"),),
)
