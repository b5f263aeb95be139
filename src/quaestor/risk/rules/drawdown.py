"""Beyond this fall from the peak of equity nothing is opened, and what is open is closed."""

from quaestor.kernels.codes import Breaker, Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.kernels.ledger import equity
from quaestor.risk.contract import Rule, Setting, no_increase

_TRIPPED = int(Breaker.DRAWDOWN)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    measured = measure(account)
    limit = params["drawdown_pct"]
    if account["risk"]["breakers"] & _TRIPPED:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, measured, limit
    return -NO_LIMIT, NO_LIMIT, measured, limit


@kernel
def measure(account: Row) -> float:
    """The figure that the limit is held against."""
    return 100.0 * (1.0 - equity(account["ledger"]) / max(float(account["risk"]["peak_equity"]), 1.0))


RULE = Rule(
    "drawdown",
    Layer.DRAWDOWN,
    permit,
    (Setting("drawdown_pct", 15.0, 8.0, float("inf"), "% of the peak", "largest fall from the peak of equity"),),
)
