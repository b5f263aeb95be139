"""Streak reduction: each losing trade in a row beyond the second shrinks the largest position by a quarter.

Five losses, where `rules.losing_streak` stops, leave 42 %. A winning trade, or the pause that follows a streak,
restores the whole.
"""

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.permissions import within_share
from quaestor.risk.rules import losing_streak

#: Losses in a row without effect, the factor of each further one, and most losses that are counted.
FREE_LOSSES = 2
KEPT = 0.75
_MOST = 100


@kernel
def permit(
    account: Row, books: Table, index: int, instrument: Row, params: Row, ticks: int, target: int
) -> tuple[int, int, float, float]:
    """Return the interval of targets, the rule's figure for the target, and its limit; see `risk.contract`."""
    limit = params["streak_base_pct"] * kept_after(int(losing_streak.measure(account)))
    return within_share(account, instrument, limit, 0.0, 1.0, ticks, target)


@kernel
def kept_after(losses: int) -> float:
    """Return the share of the largest position that is permitted after so many losses in a row.

    Example:
        >>> [kept_after(losses) for losses in (0, 2, 3, 4)]
        [1.0, 1.0, 0.75, 0.5625]
    """
    kept = 1.0
    for _ in range(FREE_LOSSES, min(losses, _MOST)):
        kept *= KEPT
    return kept


RULE = Rule(
    "streak_reduction",
    Layer.DRAWDOWN,
    permit,
    (
        Setting(
            "streak_base_pct",
            10.0,
            5.0,
            float("inf"),
            "% of equity",
            "position while trades win, less after losses in a row",
            follows="position_pct",
        ),
    ),
)
