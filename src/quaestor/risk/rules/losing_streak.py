"""After this many losing trades in a row nothing is opened until the next UTC day."""

from quaestor.kernels.codes import Breaker, Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.risk.contract import Rule, Setting, no_increase

_TRIPPED = int(Breaker.LOSING_STREAK)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    measured = measure(account)
    limit = params["losses_max"]
    if account["risk"]["breakers"] & _TRIPPED:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, measured, limit
    return -NO_LIMIT, NO_LIMIT, measured, limit


@kernel
def measure(account: Row) -> float:
    """The figure that the limit is held against."""
    return float(account["ledger"]["losing_streak"] - account["risk"]["streak_base"])


RULE = Rule(
    "losing_streak",
    Layer.DRAWDOWN,
    permit,
    (Setting("losses_max", 5.0, 3.0, float("inf"), "trades", "losing trades in a row"),),
)
