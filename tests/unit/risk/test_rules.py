"""Every rule of the officer, alone: where it vetoes, where it shrinks, and what it says."""

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from tests.builders import engine_settings, instrument

from quaestor.domain.instrument import Instrument
from quaestor.kernels.codes import Breaker, ContractKind, Regime, Verdict
from quaestor.kernels.compile import interpreted, kernel
from quaestor.kernels.layout import Table
from quaestor.risk.catalog import RULES
from quaestor.risk.state import DAY_NS, LOOKBACK, RISK_BOOK
from quaestor.risk.tails import estimate_tails

from .officer import RULE_INDEX, Officer

Arrange = Callable[[Officer], None]
SPOT, PERP = instrument(shortable=True), instrument(ContractKind.LINEAR)
PAIR = (SPOT, instrument(symbol="OTHER", shortable=True))


def nothing(_: Officer) -> None:
    """The account as it is."""


def with_breaker(bit: Breaker) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.account["risk"]["breakers"] = int(bit)

    return arrange


def with_stop(ticks: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.books[0]["risk"]["stop_distance"] = ticks

    return arrange


def in_regime(regime: Regime) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.books[0]["regime"] = regime

    return arrange


def holding_other(lots: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.hold(lots, index=1)

    return arrange


def with_returns(loss: float, count: int) -> Arrange:
    """Every bar so far (of one day) lost or won the same."""

    def arrange(officer: Officer) -> None:
        memory = officer.books[0]["risk"]
        memory["returns"][:count] = np.where(np.arange(count) % 2 == 0, -loss, loss)
        memory["n_returns"] = count
        memory["variance"] = loss * loss

    return arrange


def correlated(value: float, lots: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.hold(lots, index=1)
        officer.books["risk"]["variance"] = 0.0001
        officer.books["risk"]["covariance"][0, 1] = officer.books["risk"]["covariance"][1, 0] = 0.0001 * value

    return arrange


def entered(times: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.account["risk"]["entries_today"] = times

    return arrange


# rule, limits, instruments, arrangement, wanted, measured, limit
VETOES = [
    ("venue", {}, (instrument(),), nothing, -10, -10, 0),
    ("venue", {}, (instrument(min_notional=Decimal(500)),), nothing, 4, 40_000, 50_000),
    ("cash", {}, (instrument(quantum=Decimal(1), tick_size=Decimal(200)),), nothing, 1, 20_000, 10_000),
    ("position_size", {"position_pct": 0.5}, (SPOT,), nothing, 50, 50, 0.5),
    ("risk_per_trade", {"risk_per_trade_pct": 0.01}, (SPOT,), with_stop(5), 50, 2.5, 0.01),
    ("single_asset", {"asset_pct": 0.9}, (SPOT,), nothing, 50, 50, 0.9),
    ("total_exposure", {"exposure_pct": 30}, PAIR, holding_other(30), 10, 40, 30),
    ("leverage", {"leverage_max": 0.3}, PAIR, holding_other(30), 10, 0.4, 0.3),
    ("open_positions", {"open_trades_max": 1}, PAIR, holding_other(1), 10, 2, 1),
    ("value_at_risk", {"var_pct": 5}, (SPOT,), with_returns(0.01, 19), 10, math.nan, 5),
    ("value_at_risk", {"var_pct": 0.001}, (SPOT,), with_returns(0.01, 100), 50, 0.5, 0.001),
    ("drawdown", {"drawdown_pct": 15}, (SPOT,), with_breaker(Breaker.DRAWDOWN), 10, 0, 15),
    ("daily_loss", {"daily_loss_pct": 3}, (SPOT,), with_breaker(Breaker.DAILY_LOSS), 10, 0, 3),
    ("weekly_loss", {"weekly_loss_pct": 6}, (SPOT,), with_breaker(Breaker.WEEKLY_LOSS), 10, 0, 6),
    ("losing_streak", {"losses_max": 5}, (SPOT,), with_breaker(Breaker.LOSING_STREAK), 10, 0, 5),
    ("volatility", {"volatility_budget_pct": 0.01}, (SPOT,), with_returns(0.01, 100), 50, 50 * 0.01 * 365**0.5, 0.01),
    ("regime", {"regime_base_pct": 4}, (SPOT,), in_regime(Regime.CRASH), 50, 50, 0.8),
    ("correlation", {"correlated_pct": 30}, PAIR, correlated(1.0, 30), 10, 40, 30),
    ("emergency", {}, (SPOT,), with_breaker(Breaker.KILLED), 10, 1, 0),
    ("emergency", {}, (SPOT,), with_breaker(Breaker.PAUSED), 10, 2, 0),
    ("emergency", {}, (SPOT,), with_breaker(Breaker.CRASH), 10, 64, 0),
    ("emergency", {}, (SPOT,), with_breaker(Breaker.STALE), 10, 128, 0),
    ("emergency", {}, (SPOT,), with_breaker(Breaker.UNKNOWN_ORDER), 10, 256, 0),
    ("trades_per_day", {"trades_per_day_max": 7}, (SPOT,), entered(7), 10, 8, 7),
]

# … wanted, approved, measured, limit
SHRINKS = [
    ("venue", {}, (instrument(max_quantity=Decimal(20)),), nothing, 50, 20, 50, 20),
    ("cash", {}, (SPOT,), nothing, 130, 100, 1_300_000, 1_000_000),
    ("cash", {}, (instrument(taker_fee=Decimal("0.01")),), nothing, 100, 99, 1_000_000, 1_000_000),
    ("position_size", {"position_pct": 10}, (SPOT,), nothing, 50, 10, 50, 10),
    ("position_size", {"position_pct": 10}, (SPOT,), nothing, -50, -10, 50, 10),
    ("risk_per_trade", {"risk_per_trade_pct": 2}, (SPOT,), with_stop(5), 50, 40, 2.5, 2),
    ("single_asset", {"asset_pct": 20}, (SPOT,), nothing, 50, 20, 50, 20),
    ("total_exposure", {"exposure_pct": 80}, PAIR, holding_other(30), 60, 50, 90, 80),
    ("leverage", {"leverage_max": 0.8}, PAIR, holding_other(-30), 60, 50, 0.9, 0.8),
    ("value_at_risk", {"var_pct": 0.25}, (SPOT,), with_returns(0.01, 100), 50, 25, 0.5, 0.25),
    ("value_at_risk", {"var_pct": 0.25}, (SPOT,), with_returns(0.01, 100), -50, -25, 0.5, 0.25),
    ("volatility", {"volatility_budget_pct": 4}, (SPOT,), with_returns(0.01, 100), 50, 20, 50 * 0.01 * 365**0.5, 4),
    ("regime", {"regime_base_pct": 10}, (SPOT,), in_regime(Regime.VOLATILE), 50, 5, 50, 5),
    ("regime", {"regime_base_pct": 10}, (SPOT,), in_regime(Regime.BULL_RUN), 50, 10, 50, 10),
    ("correlation", {"correlated_pct": 50}, PAIR, correlated(1.0, 30), 40, 20, 70, 50),
    ("correlation", {"correlated_pct": 50}, PAIR, correlated(0.0, 30), 60, 40, 100 * math.hypot(0.6, 0.3), 50),
    ("correlation", {"correlated_pct": 10}, PAIR, correlated(1.0, -30), 60, 40, 30, 10),
]


@pytest.mark.parametrize(("rule", "limits", "traded", "arrange", "wanted", "measured", "limit"), VETOES)
def test_a_rule_alone_vetoes(
    rule: str,
    limits: dict[str, float],
    traded: tuple[Instrument, ...],
    arrange: Arrange,
    wanted: int,
    measured: float,
    limit: float,
) -> None:
    officer = Officer(limits, traded)
    arrange(officer)
    ruling = officer.judge(wanted)
    assert (ruling.verdict, ruling.approved, ruling.rule) == (Verdict.VETO, 0, rule)
    assert ruling.measured == pytest.approx(measured, nan_ok=True)
    assert ruling.limit == pytest.approx(limit)
    assert ruling.layer == RULES[RULE_INDEX[rule]].layer


@pytest.mark.parametrize(("rule", "limits", "traded", "arrange", "wanted", "approved", "measured", "limit"), SHRINKS)
def test_a_rule_alone_shrinks_to_the_nearest_target_that_passes(
    rule: str,
    limits: dict[str, float],
    traded: tuple[Instrument, ...],
    arrange: Arrange,
    wanted: int,
    approved: int,
    measured: float,
    limit: float,
) -> None:
    officer = Officer(limits, traded)
    arrange(officer)
    ruling = officer.judge(wanted)
    assert (ruling.verdict, ruling.approved, ruling.rule) == (Verdict.SHRINK, approved, rule)
    assert ruling.measured == pytest.approx(measured)
    assert ruling.limit == pytest.approx(limit)
    step = 1 if wanted > 0 else -1
    assert officer.judge(approved).verdict is Verdict.ALLOW
    assert officer.judge(approved + step).approved == approved


def test_every_rule_has_a_case_and_every_rule_with_a_size_shrinks() -> None:
    vetoing, shrinking = {case[0] for case in VETOES}, {case[0] for case in SHRINKS}
    assert vetoing == {rule.name for rule in RULES}
    yes_or_no = {"open_positions", "drawdown", "daily_loss", "weekly_loss", "losing_streak", "emergency"}
    assert shrinking == vetoing - yes_or_no - {"trades_per_day"}


def test_perpetuals_count_by_their_margin_and_spot_by_its_notional() -> None:
    settings = engine_settings("permissive", {"asset_pct": 20.0}, leverage=10)
    assert Officer(None, (PERP,), settings).judge(500).approved == 200
    settings = engine_settings("permissive", {"exposure_pct": 20.0}, leverage=10)
    assert Officer(None, (PERP,), settings).judge(500).approved == 200
    settings = engine_settings("permissive", {"leverage_max": 3.0}, leverage=10)
    assert Officer(None, (PERP,), settings).judge(500).approved == 300


def test_a_day_of_bars_scales_the_value_at_risk_by_the_root_of_time() -> None:
    officer = Officer({"var_pct": 1.0})
    with_returns(0.01, 100)(officer)
    officer.engine.instruments["interval_ns"] = DAY_NS // 4
    assert officer.judge(60).approved == 50


def test_the_tail_quantile_is_the_loss_not_exceeded_in_19_bars_of_20() -> None:
    officer = Officer({"var_pct": 1.0})
    memory = officer.books[0]["risk"]
    memory["returns"][:100] = np.arange(-50, 50) / 1000.0
    memory["n_returns"] = 100
    officer.judge(60)
    assert memory["tail_down"] == pytest.approx(0.045)
    assert memory["tail_up"] == pytest.approx(0.044)


@pytest.mark.parametrize("count", [20, 21, 39, 40, 499, 500, 1200])
def test_the_tail_quantiles_are_those_of_the_sorted_returns(count: int) -> None:
    generator = np.random.default_rng(count)
    books = np.zeros(1, RISK_BOOK)
    kept = min(count, LOOKBACK)
    for returns in (generator.normal(0.0, 0.01, kept), generator.integers(-2, 3, kept) / 100.0, np.full(kept, 0.01)):
        books[0]["returns"][:kept] = returns
        books[0]["n_returns"] = count
        for estimate in (tails_of, interpreted(tails_of)):
            estimate(books)
            ordered = np.sort(returns)
            assert books[0]["tail_down"] == max(-ordered[kept // 20], 0.0)
            assert books[0]["tail_up"] == max(ordered[kept - 1 - kept // 20], 0.0)


@kernel
def tails_of(books: Table) -> None:
    estimate_tails(books[0])


def test_a_conservative_limit_is_never_wider_than_the_default_nor_that_than_the_permissive() -> None:
    limits = [setting for rule in RULES for setting in rule.settings if setting.name != "stale_recovery_bars"]
    for setting in limits:
        assert setting.conservative <= setting.default <= setting.permissive == math.inf
