"""After this many losing trades in a row nothing is opened until the next UTC day."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import unless_tripped

_TRIPPED = int(Breaker.LOSING_STREAK)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return unless_tripped(account, books[index], _TRIPPED, measure(account), params["losses_max"])


@kernel
def measure(account: Row) -> float:
    """Return the losing trades in a row since the last pause for them."""
    return float(account["ledger"]["losing_streak"] - account["risk"]["streak_base"])


RULE = Rule(
    "losing_streak",
    Layer.DRAWDOWN,
    permit,
    (Setting("losses_max", 5.0, 3.0, float("inf"), "trades", "losing trades in a row"),),
    always_evaluated=True,
)
