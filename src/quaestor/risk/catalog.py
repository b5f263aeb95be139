"""Every rule of the officer. A new rule: a file in `rules/`, a line at the end here (journals hold the index)."""

from quaestor.risk.contract import Rule
from quaestor.risk.rules import (
    cash,
    correlation,
    daily_loss,
    drawdown,
    emergency,
    leverage,
    losing_streak,
    open_positions,
    position_size,
    regime,
    risk_per_trade,
    single_asset,
    total_exposure,
    trades_per_day,
    value_at_risk,
    venue,
    volatility,
    weekly_loss,
)

RULES: tuple[Rule, ...] = (
    venue.RULE,
    cash.RULE,
    position_size.RULE,
    risk_per_trade.RULE,
    single_asset.RULE,
    total_exposure.RULE,
    leverage.RULE,
    open_positions.RULE,
    value_at_risk.RULE,
    drawdown.RULE,
    daily_loss.RULE,
    weekly_loss.RULE,
    losing_streak.RULE,
    volatility.RULE,
    regime.RULE,
    correlation.RULE,
    emergency.RULE,
    trades_per_day.RULE,
)

#: Index of the rule that also speaks for the venue's minimum notional.
VENUE_RULE = 0
