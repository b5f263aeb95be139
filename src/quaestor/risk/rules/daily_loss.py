"""After this loss since 00:00 UTC nothing is opened until the next day."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import fall_from, unless_tripped

_TRIPPED = int(Breaker.DAILY_LOSS)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return unless_tripped(account, books[index], _TRIPPED, measure(account), params["daily_loss_pct"])


@kernel
def measure(account: Row) -> float:
    """Return the loss since the day began, in % of its first equity; negative for a gain."""
    return fall_from(account, account["risk"]["day_equity"])


RULE = Rule(
    "daily_loss",
    Layer.DRAWDOWN,
    permit,
    (Setting("daily_loss_pct", 3.0, 1.5, float("inf"), "% of equity at the start", "largest loss of a UTC day"),),
    always_evaluated=True,
)
