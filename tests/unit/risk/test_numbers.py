"""Numbers of the specification (R2, R3, R6): each default is the specified one."""

import math

import pytest

from quaestor.ledger.codes import Regime
from quaestor.risk.catalog import RULES
from quaestor.risk.profiles import REGIME_PROFILES, STOP_MULTIPLIER
from quaestor.risk.rules.parametric_var import Z_95
from quaestor.risk.settings import RiskSettings
from quaestor.risk.state import LOOKBACK, TAIL_SHARE

from .officer import PRICE, Officer

BY_NAME = {rule.name: rule for rule in RULES}
DEFAULT = RiskSettings.from_profile("default").values

R2 = {
    "position ≤ 10 % of equity": ("position_pct", 10.0),
    "total exposure ≤ 80 %": ("exposure_pct", 80.0),
    "single asset ≤ 20 %": ("asset_pct", 20.0),
    "daily VaR ≤ 5 % (historical simulation 95 %)": ("var_pct", 5.0),
    "daily VaR ≤ 5 % (parametric)": ("parametric_var_pct", 5.0),
    "drawdown ≤ 15 %": ("drawdown_pct", 15.0),
    "leverage ≤ 3×": ("leverage_max", 3.0),
    "≤ 100 trades a day": ("trades_per_day_max", 100.0),
    "≤ 2 % loss a trade": ("risk_per_trade_pct", 2.0),
    "≤ 5 losses in a row": ("losses_max", 5.0),
    "≤ 5 open trades": ("open_trades_max", 5.0),
    "daily loss ≤ 3 %": ("daily_loss_pct", 3.0),
    "weekly loss ≤ 6 %": ("weekly_loss_pct", 6.0),
    "spread blow-out > 5 × its median (R6)": ("spread_multiple", 5.0),
    "price crash > 3 % inside 5 min (R6)": ("crash_fall_pct", 3.0),
}


@pytest.mark.parametrize("line", R2)
def test_a_default_limit_is_the_specified_one(line: str) -> None:
    name, value = R2[line]
    assert DEFAULT[name] == value


def test_the_value_at_risk_looks_back_500_bars_at_95_percent() -> None:
    assert (LOOKBACK, 1.0 - 1.0 / TAIL_SHARE) == (500, 0.95)
    assert pytest.approx(1.645, abs=2e-4) == Z_95


#: position multiplier / stop multiplier / risk per trade / max positions
R3 = {
    Regime.NORMAL: (1.0, 1.0, 2.0, 10),
    Regime.VOLATILE: (0.5, 1.5, 1.0, 5),
    Regime.TRENDING: (1.2, 0.8, 2.5, 12),
    Regime.CRASH: (0.2, 2.0, 0.5, 2),
    Regime.BULL_RUN: (1.5, 0.7, 3.0, 15),
    Regime.RECOVERY: (0.7, 1.3, 1.5, 6),
}


@pytest.mark.parametrize("regime", Regime)
def test_a_regimes_profile_is_the_specified_one(regime: Regime) -> None:
    position, stop, risk, positions = R3[regime]
    profile = REGIME_PROFILES[regime]
    assert (profile.position_multiple, profile.stop_multiple, profile.risk_pct, profile.positions_max) == R3[regime]
    name = regime.name.lower()
    assert DEFAULT[f"{name}_position_multiple"] == position
    assert STOP_MULTIPLIER[regime] == stop
    assert DEFAULT[f"{name}_risk_pct"] == risk
    assert DEFAULT[f"{name}_positions_max"] == positions


def limit_of(name: str, officer: Officer) -> float:
    """The present limit of a rule."""
    permit, rules = BY_NAME[name].permit, officer.engine.instruments[0]
    return permit(officer.account, officer.books, 0, rules, officer.params[name], PRICE, 1)[3]


@pytest.mark.parametrize("regime", Regime)
def test_no_regime_lifts_a_limit(regime: Regime) -> None:
    """A position of 10 %, 2 % a trade and five instruments hold in every regime."""
    position, _, risk, positions = R3[regime]
    officer = Officer(profile="default")
    officer.books[0]["regime"] = regime
    officer.books[0]["risk"]["stop_distance"] = 5
    assert limit_of("regime", officer) == pytest.approx(10.0 * min(position, 1.0))
    assert limit_of("risk_per_trade", officer) == min(risk, 2.0)
    assert limit_of("open_positions", officer) == min(positions, 5)


@pytest.mark.parametrize("regime", Regime)
def test_a_raised_number_of_positions_is_capped_by_the_regimes_own(regime: Regime) -> None:
    officer = Officer({"open_trades_max": 15.0}, profile="default")
    officer.books[0]["regime"] = regime
    assert limit_of("open_positions", officer) == R3[regime][3]


def test_the_permissive_profile_has_no_limits_by_regime() -> None:
    values = RiskSettings.from_profile("permissive").values
    for regime in Regime:
        name = regime.name.lower()
        assert math.isinf(values[f"{name}_risk_pct"])
        assert math.isinf(values[f"{name}_positions_max"])
