"""Rule catalog: every rule of the officer. A new one costs its file in `rules/` and a line at the end here.

Journals hold a rule's index, so the order of the list never changes.
"""

from quaestor.risk.contract import Rule
from quaestor.risk.rules import (
    cash,
    cluster,
    correlation,
    daily_loss,
    drawdown,
    drawdown_ladder,
    emergency,
    expected_shortfall,
    leverage,
    liquidation_distance,
    losing_streak,
    open_positions,
    parametric_var,
    portfolio_heat,
    position_size,
    regime,
    risk_per_trade,
    single_asset,
    slippage,
    spread,
    streak_reduction,
    total_exposure,
    trades_per_day,
    trailing_drawdown,
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
    parametric_var.RULE,
    expected_shortfall.RULE,
    trailing_drawdown.RULE,
    drawdown_ladder.RULE,
    streak_reduction.RULE,
    portfolio_heat.RULE,
    cluster.RULE,
    spread.RULE,
    liquidation_distance.RULE,
    slippage.RULE,
)

#: Index of the rule that is named in verdicts by the venue's minimum notional.
VENUE_RULE = 0
