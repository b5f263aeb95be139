"""After this loss since Monday 00:00 UTC nothing is opened until the next week."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import fall_from, unless_tripped

_TRIPPED = int(Breaker.WEEKLY_LOSS)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return unless_tripped(account, books[index], _TRIPPED, measure(account), params["weekly_loss_pct"])


@kernel
def measure(account: Row) -> float:
    """Return the loss since the week began, in % of its first equity; negative for a gain."""
    return fall_from(account, account["risk"]["week_equity"])


RULE = Rule(
    "weekly_loss",
    Layer.DRAWDOWN,
    permit,
    (Setting("weekly_loss_pct", 6.0, 3.0, float("inf"), "% of equity at the start", "largest loss of a UTC week"),),
    always_evaluated=True,
)
