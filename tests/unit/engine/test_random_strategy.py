"""The safety proof: whatever a strategy says and a market does, no entry breaks a limit when it is made."""

from collections import Counter

import numpy as np
import pytest
from tests.builders import Record

from quaestor.engine.engine import Engine
from quaestor.engine.settings import pack_instruments, pack_params
from quaestor.risk.settings import RiskSettings

from .limits_oracle import Auditor
from .random_markets import Path, random_path

BARS = 300
#: So little of the profile is left that the limits on the whole account are reached.
CROWDED = {"position_pct": 60.0, "regime_base_pct": 60.0, "asset_pct": 60.0, "risk_per_trade_pct": 5.0}
CROWDED |= {"volatility_budget_pct": 1e6, "var_pct": 1e6, "correlated_pct": 1e6, "leverage_max": 0.9}
CROWDED |= {"open_trades_max": 3.0, "trades_per_day_max": 4.0, "losses_max": 50.0, "drawdown_pct": 40.0}
CROWDED |= {"daily_loss_pct": 20.0, "weekly_loss_pct": 30.0}

#: What an entry must have, and what stops widen and tighten by.
KEPT = ("stop_loss_pct", "take_profit_pct", "trailing_tighten_pct", "trailing_floor_pct")


def run_path(path: Path) -> Record:
    table = pack_instruments(path.instruments, path.interval_ns, path.settings.leverage)
    params = pack_params(path.settings, path.interval_ns, venue_inside=True)
    capital = path.instruments[0].to_quanta(path.settings.capital)
    target, record = Engine(table, params, capital, decision_buffer=4096), Record()
    target.run(path.events, 0, len(path.events), record.keep)
    return record


def audit(paths: int, seed: int, limits: dict[str, float], instruments_max: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for number in range(paths):
        path = random_path(np.random.default_rng([seed, number]), BARS, limits, instruments_max)
        try:
            seen += Auditor(path, run_path(path)).check()
        except AssertionError as error:
            raise AssertionError(f"path {number} of seed {seed}: {error}") from error
    return seen


@pytest.mark.parametrize("seed", range(4))
def test_a_random_strategy_never_breaches_the_default_profile(seed: int) -> None:
    """4 × 250 paths of 300 bars of up to three instruments."""
    seen = audit(250, seed, {}, 3)
    assert seen["entries"] > 1_000
    assert seen["near_position_pct"] > 100
    assert seen["trades"] > 500


def test_nor_the_limits_on_a_crowded_account() -> None:
    """Under the default profile positions are too small to reach the account's limits; here they are not."""
    seen = audit(100, 99, CROWDED, 6)
    for name in (
        "near_asset_pct_with_two",
        "near_exposure_pct",
        "near_leverage_max",
        "at_open_trades_max",
        "at_trades_per_day_max",
    ):
        assert seen[name] > 20, seen
    assert seen["liquidations"] > 0


@pytest.mark.parametrize(
    "name",
    [
        "position_pct",
        "regime_base_pct",
        "asset_pct",
        "risk_per_trade_pct",
        "exposure_pct",
        "leverage_max",
        "open_trades_max",
        "trades_per_day_max",
        "volatility_budget_pct",
        "drawdown_pct",
        "daily_loss_pct",
        "weekly_loss_pct",
        "losses_max",
        "stale_recovery_bars",
    ],
)
def test_the_auditor_misses_no_limit(name: str) -> None:
    """An officer with all limits switched off, and an auditor who knows of one: he finds it broken."""
    default = RiskSettings.from_profile("default").values
    off = {name: float("inf") for name in default if name not in KEPT} | {"stale_recovery_bars": 0.0}
    known = {**default, **off, name: default[name]}

    def breaks(number: int) -> bool:
        path = random_path(np.random.default_rng([7, number]), BARS, off, 6)
        try:
            Auditor(path, run_path(path), known).check()
        except AssertionError:
            return True
        return False

    assert any(breaks(number) for number in range(30))
