"""Beyond this fall from the highest equity of the last 30 UTC days nothing is opened.

It lifts when equity recovers, or when the height that it fell from is 30 days old: the fall from the highest equity
ever is what `rules.drawdown` watches.
"""

from quaestor.kernels.codes import Breaker, Layer
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import NO_LIMIT, Row, Table
from quaestor.kernels.ledger import equity
from quaestor.risk.contract import Rule, Setting, no_increase

_TRIPPED = int(Breaker.TRAILING_DRAWDOWN)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, wanted: int
) -> tuple[int, int, float, float]:
    """The rule's interval of targets, its figure for the wanted one, and its limit; see `risk.contract`."""

    measured = measure(account)
    limit = params["trailing_drawdown_pct"]
    if account["risk"]["breakers"] & _TRIPPED:
        lowest, highest = no_increase(books[index]["position"]["lots"])
        return lowest, highest, measured, limit
    return -NO_LIMIT, NO_LIMIT, measured, limit


@kernel
def measure(account: Row) -> float:
    """The figure that the limit is held against."""
    return 100.0 * (1.0 - equity(account["ledger"]) / max(float(account["risk"]["window_peak"]), 1.0))


RULE = Rule(
    "trailing_drawdown",
    Layer.DRAWDOWN,
    permit,
    (
        Setting(
            "trailing_drawdown_pct",
            10.0,
            5.0,
            float("inf"),
            "% of the highest equity",
            "largest fall from the highest equity of the last 30 UTC days",
        ),
    ),
)
