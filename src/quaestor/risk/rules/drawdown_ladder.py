"""Drawdown ladder: the largest position shrinks in steps as the drawdown nears its limit.

Beyond a third of the limit 75 % of the position are permitted, beyond half 50 %, beyond two thirds 25 %; at a new peak
of equity all of it.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import within_share
from quaestor.risk.rules import drawdown


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["ladder_base_pct"] * kept_at(drawdown.measure(account), params["ladder_drawdown_pct"])
    return within_share(account, instrument, limit, 0.0, 1.0, ticks, target)


@kernel
def kept_at(drawdown_pct: float, limit_pct: float) -> float:
    """Return the share of the largest position that is permitted at a drawdown; 0 where the limit is NaN.

    Example:
        >>> [kept_at(measured, 15.0) for measured in (5.0, 5.1, 7.6, 10.1, 20.0)]
        [1.0, 0.75, 0.5, 0.25, 0.25]
    """
    if drawdown_pct <= limit_pct / 3.0:
        return 1.0
    if drawdown_pct <= limit_pct / 2.0:
        return 0.75
    if drawdown_pct <= limit_pct * 2.0 / 3.0:
        return 0.5
    return 0.25 if limit_pct == limit_pct else 0.0


RULE = Rule(
    "drawdown_ladder",
    Layer.DRAWDOWN,
    permit,
    (
        Setting(
            "ladder_base_pct",
            10.0,
            5.0,
            float("inf"),
            "% of equity",
            "position at the peak of equity, less in a drawdown",
            follows="position_pct",
        ),
        Setting(
            "ladder_drawdown_pct",
            15.0,
            8.0,
            float("inf"),
            "% of the peak",
            "drawdown of which a third, a half and two thirds are the steps",
            follows="drawdown_pct",
        ),
    ),
    always_evaluated=True,
)
