"""Beyond this fall from the highest equity of the last 30 UTC days nothing is opened.

It lifts when equity recovers, or when the peak that it fell from is 30 days old; the fall from the highest equity ever
is limited by `rules.drawdown`.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Breaker, Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import fall_from, unless_tripped

_TRIPPED = int(Breaker.TRAILING_DRAWDOWN)


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    return unless_tripped(account, books[index], _TRIPPED, measure(account), params["trailing_drawdown_pct"])


@kernel
def measure(account: Row) -> float:
    """Return the fall from the highest equity of the window, in % of it."""
    return fall_from(account, account["risk"]["window_peak"])


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
    always_evaluated=True,
)
