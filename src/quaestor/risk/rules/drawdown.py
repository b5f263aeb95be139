"""Beyond this fall from the peak of equity nothing is opened, and what is open is closed."""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import fall_from, unless_tripped

_TRIPPED = int(Breaker.DRAWDOWN)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return unless_tripped(account, books[index], _TRIPPED, measure(account), params["drawdown_pct"])


@kernel
def measure(account: Row) -> float:
    """Return the fall from the peak of equity, in % of it."""
    return fall_from(account, account["risk"]["peak_equity"])


RULE = Rule(
    "drawdown",
    Layer.DRAWDOWN,
    permit,
    (Setting("drawdown_pct", 15.0, 8.0, float("inf"), "% of the peak", "largest fall from the peak of equity"),),
    always_evaluated=True,
)
