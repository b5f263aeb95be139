"""Risk rules, each alone: where it vetoes, where it shrinks, its measured value and its limit."""

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from tests.builders import engine_settings, instrument

from quaestor.domain.instrument import Instrument
from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, ContractKind, Regime, Verdict
from quaestor.ledger.ledger import is_liquidated
from quaestor.risk.catalog import RULES
from quaestor.risk.rules.drawdown_ladder import kept_at
from quaestor.risk.rules.streak_reduction import kept_after
from quaestor.risk.state import DAY_NS, LOOKBACK, RISK_BOOK
from quaestor.risk.tails import estimate_tails

from .officer import PRICE, RULE_INDEX, Officer

Arrange = Callable[[Officer], None]
SPOT, PERP = instrument(shortable=True), instrument(ContractKind.LINEAR)
PAIR = (SPOT, instrument(symbol="OTHER", base="CCC", shortable=True))
#: Three of one asset on one account, and one of another: spot, spot at another venue, a perpetual.
SIBLINGS = (SPOT, PAIR[1], instrument(symbol="ELSEWHERE", shortable=True), instrument(ContractKind.LINEAR))


def nothing(_: Officer) -> None:
    """Leave the account as it is."""


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


def holding(lots: int, index: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.hold(lots, index=index)

    return arrange


def holding_other(lots: int) -> Arrange:
    return holding(lots, 1)


def with_returns(loss: float, count: int) -> Arrange:
    """Give every bar so far (of one day) the same loss or gain."""

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


def in_turn(*steps: Arrange) -> Arrange:
    def arrange(officer: Officer) -> None:
        for step in steps:
            step(officer)

    return arrange


def below_the_peak(drawdown_pct: float) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.account["risk"]["peak_equity"] = round(1_000_000 / (1.0 - drawdown_pct / 100.0))

    return arrange


def having_lost(times: int) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.account["ledger"]["losing_streak"] = times

    return arrange


def with_other_stop(level: int) -> Arrange:
    """Give the other instrument a stop at a level, at a close of 100."""

    def arrange(officer: Officer) -> None:
        officer.books[1]["risk"]["last_close"], officer.books[1]["risk"]["stop_level"] = PRICE, level

    return arrange


def with_book(spread: float, median: float = 0.0) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.books[0]["risk"]["spread"], officer.books[0]["risk"]["spread_median"] = spread, median

    return arrange


def in_a_market(lots_a_bar: float, volatility: float) -> Arrange:
    def arrange(officer: Officer) -> None:
        officer.books[0]["risk"]["volume"], officer.books[0]["risk"]["variance"] = lots_a_bar, volatility**2

    return arrange


def leveraged(times: int, held: int = 0, ticks: int = 50) -> Arrange:
    """Give the account this leverage and 0.5 % maintenance, and a position opened at `ticks`."""

    def arrange(officer: Officer) -> None:
        officer.engine.instruments["initial_margin_rate"] = 10**8 // times
        if held:
            officer.hold(held, ticks)

    return arrange


MANY_RETURNS = with_returns(0.01, 100)
HEATED = in_turn(holding_other(30), with_other_stop(90), with_stop(5))

# rule, limits, instruments, arrangement, target, measured, limit
VETOES = [
    ("venue", {}, (instrument(),), nothing, -10, -10, 0),
    ("venue", {}, (instrument(min_notional=Decimal(500)),), nothing, 4, 40_000, 50_000),
    ("cash", {}, (instrument(quantum=Decimal(1), tick_size=Decimal(200)),), nothing, 1, 20_000, 10_000),
    ("position_size", {"position_pct": 0.5}, (SPOT,), nothing, 50, 50, 0.5),
    ("risk_per_trade", {"risk_per_trade_pct": 0.01}, (SPOT,), with_stop(5), 50, 2.5, 0.01),
    ("single_asset", {"asset_pct": 0.9}, (SPOT,), nothing, 50, 50, 0.9),
    ("single_asset", {"asset_pct": 30}, SIBLINGS, holding(30, 2), 10, 40, 30),
    ("single_asset", {"asset_pct": 30}, SIBLINGS, in_turn(leveraged(2), holding(60, 3)), -10, 40, 30),
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
    ("parametric_var", {"parametric_var_pct": 5}, (SPOT,), with_returns(0.01, 19), 10, math.nan, 5),
    ("parametric_var", {"parametric_var_pct": 0.01}, (SPOT,), MANY_RETURNS, 50, 50 * 0.01 * 1.644853627, 0.01),
    ("expected_shortfall", {"shortfall_pct": 5}, (SPOT,), with_returns(0.01, 19), 10, math.nan, 5),
    ("expected_shortfall", {"shortfall_pct": 0.001}, (SPOT,), MANY_RETURNS, 50, 0.5, 0.001),
    ("expected_shortfall", {"shortfall_pct": 5}, PAIR, in_turn(MANY_RETURNS, holding_other(1)), 10, math.nan, 5),
    ("trailing_drawdown", {"trailing_drawdown_pct": 9}, (SPOT,), with_breaker(Breaker.TRAILING_DRAWDOWN), 10, 0, 9),
    ("drawdown_ladder", {"ladder_base_pct": 1, "ladder_drawdown_pct": 15}, (SPOT,), below_the_peak(8), 50, 50, 0.5),
    ("streak_reduction", {"streak_base_pct": 1}, (SPOT,), having_lost(4), 50, 50, 0.5625),
    (
        "portfolio_heat",
        {"heat_pct": 3},
        PAIR,
        HEATED,
        50,
        5.5,
        3,
    ),
    ("portfolio_heat", {"heat_pct": 30}, PAIR, in_turn(holding_other(30), with_stop(5)), 50, 32.5, 30),
    ("cluster", {"cluster_pct": 30}, PAIR, correlated(0.9, 30), 10, 40, 30),
    ("cluster", {"cluster_pct": 30}, PAIR, correlated(0.9, -30), 10, 40, 30),
    ("spread", {"spread_multiple": 5}, (SPOT,), with_book(11.0, 2.0), 10, 5.5, 5),
    ("liquidation_distance", {"liquidation_distance_pct": 10}, (PERP,), leveraged(10), 50, 9.54774, 10),
    ("liquidation_distance", {"liquidation_distance_pct": 10}, (PERP,), leveraged(10), -50, 9.45274, 10),
    ("slippage", {"slippage_bps_max": 99}, (SPOT,), in_turn(in_a_market(1e12, 0.01), with_book(2.0)), 1, 100.0001, 99),
]

# … target, approved target, measured, limit
SHRINKS = [
    ("venue", {}, (instrument(max_quantity=Decimal(20)),), nothing, 50, 20, 50, 20),
    ("cash", {}, (SPOT,), nothing, 130, 100, 1_300_000, 1_000_000),
    ("cash", {}, (instrument(taker_fee=Decimal("0.01")),), nothing, 100, 99, 1_000_000, 1_000_000),
    ("position_size", {"position_pct": 10}, (SPOT,), nothing, 50, 10, 50, 10),
    ("position_size", {"position_pct": 10}, (SPOT,), nothing, -50, -10, 50, 10),
    ("risk_per_trade", {"risk_per_trade_pct": 2}, (SPOT,), with_stop(5), 50, 40, 2.5, 2),
    ("single_asset", {"asset_pct": 20}, (SPOT,), nothing, 50, 20, 50, 20),
    ("single_asset", {"asset_pct": 40}, SIBLINGS, in_turn(holding_other(30), holding(-30, 2)), 20, 10, 50, 40),
    ("single_asset", {"asset_pct": 40}, SIBLINGS, in_turn(leveraged(2), holding(20, 3)), -50, -30, 60, 40),
    ("single_asset", {"asset_pct": 40}, SIBLINGS[::-1], in_turn(leveraged(2), holding(30, 3)), 50, 20, 55, 40),
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
    ("risk_per_trade", {"normal_risk_pct": 2}, (SPOT,), with_stop(5), 50, 40, 2.5, 2),
    (
        "risk_per_trade",
        {"risk_per_trade_pct": 2, "volatile_risk_pct": 1},
        (SPOT,),
        in_turn(with_stop(5), in_regime(Regime.VOLATILE)),
        50,
        20,
        2.5,
        1,
    ),
    ("parametric_var", {"parametric_var_pct": 0.5}, (SPOT,), MANY_RETURNS, 50, 30, 0.8224268, 0.5),
    (
        "parametric_var",
        {"parametric_var_pct": 0.83},
        PAIR,
        in_turn(MANY_RETURNS, correlated(0.0, 30)),
        60,
        40,
        1.644853627 * math.hypot(0.6, 0.3),
        0.83,
    ),
    (
        "parametric_var",
        {"parametric_var_pct": 0.83},
        PAIR,
        in_turn(MANY_RETURNS, correlated(1.0, 10)),
        -65,
        -60,
        1.644853627 * 0.55,
        0.83,
    ),
    ("expected_shortfall", {"shortfall_pct": 0.25}, (SPOT,), MANY_RETURNS, 50, 25, 0.5, 0.25),
    ("drawdown_ladder", {"ladder_base_pct": 10, "ladder_drawdown_pct": 15}, (SPOT,), below_the_peak(8), 50, 5, 50, 5),
    ("streak_reduction", {"streak_base_pct": 10}, (SPOT,), having_lost(4), 50, 5, 50, 5.625),
    (
        "portfolio_heat",
        {"heat_pct": 4},
        PAIR,
        HEATED,
        50,
        20,
        5.5,
        4,
    ),
    (
        "portfolio_heat",
        {"heat_pct": 2},
        PAIR,
        in_turn(holding_other(30), with_other_stop(105), with_stop(5)),
        50,
        40,
        2.5,
        2,
    ),
    ("cluster", {"cluster_pct": 50}, PAIR, correlated(0.9, 30), 40, 20, 70, 50),
    ("cluster", {"cluster_pct": 50}, PAIR, correlated(0.6, 30), 60, 50, 60, 50),
    ("liquidation_distance", {"liquidation_distance_pct": 20}, (PERP,), leveraged(10, held=10), 60, 43, 17.085427, 20),
    ("slippage", {"slippage_bps_max": 5}, (SPOT,), in_a_market(10_000, 0.01), 50, 25, 100 * 0.005**0.5, 5),
    (
        "slippage",
        {"slippage_bps_max": 55},
        (SPOT,),
        in_turn(in_a_market(10_000, 0.01), with_book(1.0)),
        -50,
        -25,
        50 + 100 * 0.005**0.5,
        55,
    ),
]


@pytest.mark.parametrize(("rule", "limits", "traded", "arrange", "target", "measured", "limit"), VETOES)
def test_a_single_rule_vetoes(
    rule: str,
    limits: dict[str, float],
    traded: tuple[Instrument, ...],
    arrange: Arrange,
    target: int,
    measured: float,
    limit: float,
) -> None:
    officer = Officer(limits, traded)
    arrange(officer)
    found = officer.evaluate_target(target)
    assert (found.verdict, found.approved_target, found.rule) == (Verdict.VETO, 0, rule)
    assert found.measured == pytest.approx(measured, nan_ok=True)
    assert found.limit == pytest.approx(limit)
    assert found.layer == RULES[RULE_INDEX[rule]].layer


@pytest.mark.parametrize(
    ("rule", "limits", "traded", "arrange", "target", "approved_target", "measured", "limit"), SHRINKS
)
def test_a_single_rule_shrinks_to_the_nearest_target_that_passes(
    rule: str,
    limits: dict[str, float],
    traded: tuple[Instrument, ...],
    arrange: Arrange,
    target: int,
    approved_target: int,
    measured: float,
    limit: float,
) -> None:
    officer = Officer(limits, traded)
    arrange(officer)
    found = officer.evaluate_target(target)
    assert (found.verdict, found.approved_target, found.rule) == (Verdict.SHRINK, approved_target, rule)
    assert found.measured == pytest.approx(measured)
    assert found.limit == pytest.approx(limit)
    step = 1 if target > 0 else -1
    assert officer.evaluate_target(approved_target).verdict is Verdict.ALLOW
    assert officer.evaluate_target(approved_target + step).approved_target == approved_target


def test_every_rule_has_a_veto_case_and_every_rule_by_size_a_shrink_case() -> None:
    vetoing, shrinking = {case[0] for case in VETOES}, {case[0] for case in SHRINKS}
    assert vetoing == {rule.name for rule in RULES}
    yes_or_no = {"open_positions", "drawdown", "daily_loss", "weekly_loss", "losing_streak", "emergency"}
    assert shrinking == vetoing - yes_or_no - {"trades_per_day", "trailing_drawdown", "spread"}


def test_perpetuals_count_by_their_margin_and_spot_by_its_notional() -> None:
    settings = engine_settings("permissive", {"asset_pct": 20.0}, leverage=10)
    assert Officer(None, (PERP,), settings).evaluate_target(500).approved_target == 200
    settings = engine_settings("permissive", {"exposure_pct": 20.0}, leverage=10)
    assert Officer(None, (PERP,), settings).evaluate_target(500).approved_target == 200
    settings = engine_settings("permissive", {"leverage_max": 3.0}, leverage=10)
    assert Officer(None, (PERP,), settings).evaluate_target(500).approved_target == 300


def test_a_day_of_bars_scales_the_value_at_risk_by_the_root_of_time() -> None:
    officer = Officer({"var_pct": 1.0})
    with_returns(0.01, 100)(officer)
    officer.engine.instruments["interval_ns"] = DAY_NS // 4
    assert officer.evaluate_target(60).approved_target == 50


def test_the_tail_quantile_is_the_loss_not_exceeded_in_19_bars_of_20() -> None:
    officer = Officer({"var_pct": 1.0})
    memory = officer.books[0]["risk"]
    memory["returns"][:100] = np.arange(-50, 50) / 1000.0
    memory["n_returns"] = 100
    officer.evaluate_target(60)
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


#: Numbers that are no limits, or least values: smaller is not stricter.
OTHER_NUMBERS = {"stale_recovery_bars", "cluster_correlation", "liquidation_distance_pct"}


def test_a_conservative_limit_is_never_wider_than_the_default_nor_that_than_the_permissive() -> None:
    for setting in (setting for rule in RULES for setting in rule.settings if setting.name not in OTHER_NUMBERS):
        assert setting.conservative <= setting.default <= setting.permissive == math.inf


def test_the_shortfall_is_the_mean_of_the_worst_twentieth() -> None:
    books = np.zeros(1, RISK_BOOK)
    books[0]["returns"][:100] = np.random.default_rng(1).permutation(np.arange(-50, 50)) / 1000.0
    books[0]["n_returns"] = 100
    tails_of(books)
    assert books[0]["shortfall_down"] == pytest.approx(np.mean([0.050, 0.049, 0.048, 0.047, 0.046]))
    assert books[0]["shortfall_up"] == pytest.approx(np.mean([0.049, 0.048, 0.047, 0.046, 0.045]))


def test_the_summed_shortfall_bounds_the_portfolios() -> None:
    """Subadditivity, on returns of two assets of every degree of dependence."""
    generator = np.random.default_rng(7)
    for share in np.linspace(-1.0, 1.0, 9):
        first = generator.standard_t(3, 500) / 100.0
        second = share * first + (1.0 - abs(share)) * generator.standard_t(3, 500) / 100.0
        books = np.zeros(2, RISK_BOOK)
        for book, returns in zip(books, (first, second), strict=True):
            book["returns"][:] = returns
            book["n_returns"] = 500
        tails_of(books[:1])
        tails_of(books[1:])
        together = -np.sort(0.6 * first + 0.4 * second)[:25].mean()
        assert together <= 0.6 * books[0]["shortfall_down"] + 0.4 * books[1]["shortfall_down"] + 1e-15


@pytest.mark.parametrize(
    ("measured", "kept"),
    [(5.0, 1.0), (5.1, 0.75), (7.5, 0.75), (7.6, 0.5), (10.0, 0.5), (10.1, 0.25), (99.0, 0.25)],
)
def test_the_ladder_steps_at_a_third_a_half_and_two_thirds(measured: float, kept: float) -> None:
    assert kept_at(measured, 15.0) == kept


@pytest.mark.parametrize(("losses", "kept"), [(0, 1.0), (1, 1.0), (2, 1.0), (3, 0.75), (4, 0.5625), (5, 0.421875)])
def test_each_loss_beyond_the_second_shrinks_the_position_by_a_quarter(losses: int, kept: float) -> None:
    assert kept_after(losses) == kept


def test_heat_counts_an_entry_in_flight_by_its_stop() -> None:
    officer = Officer({"heat_pct": 4}, PAIR)
    memory = officer.books[1]["risk"]
    memory["last_close"], memory["stop_distance"], memory["in_flight_lots"] = PRICE, 10, 30
    memory["in_flight_notional"] = 300_000
    officer.books[0]["risk"]["stop_distance"] = 5
    assert officer.evaluate_target(50).approved_target == 20


def test_a_liquidation_price_out_of_reach_does_not_bind() -> None:
    far = {"liquidation_distance_pct": 90.0}
    # leverage 1: liquidated at a price of 0
    assert Officer(far, (PERP,)).evaluate_target(50).verdict is Verdict.ALLOW
    assert Officer(far, (SPOT,)).evaluate_target(50).verdict is Verdict.ALLOW
    inverse = Officer({"liquidation_distance_pct": 49.0}, (instrument(ContractKind.INVERSE),))
    assert inverse.evaluate_target(1).verdict is Verdict.ALLOW
    inverse.params["liquidation_distance"]["liquidation_distance_pct"] = 50.0
    found = inverse.evaluate_target(1)
    assert (found.verdict, found.rule) == (Verdict.VETO, "liquidation_distance")
    assert found.measured == pytest.approx(100.0 * (1.0 - 1.005 / 2.0))


@pytest.mark.parametrize("kind", [ContractKind.LINEAR, ContractKind.INVERSE, ContractKind.SPOT])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("times", [2, 5, 20])
def test_the_liquidation_distance_is_where_the_ledger_liquidates(kind: ContractKind, side: int, times: int) -> None:
    ticks = 1_000_000
    officer = Officer({"liquidation_distance_pct": 99.0}, (instrument(kind, shortable=True, max_price=Decimal(10**7)),))
    leveraged(times)(officer)
    officer.account["ledger"]["cash"] = 10**14
    found = officer.evaluate_target(side * 1000, ticks)
    if kind is ContractKind.SPOT and side > 0:
        assert found.verdict is Verdict.ALLOW
        return
    assert (found.verdict, found.rule) == (Verdict.VETO, "liquidation_distance")
    officer.hold(side * 1000, ticks)
    position, rules = officer.books[0]["position"], officer.engine.instruments[0]
    if not math.isfinite(found.measured):
        assert not is_liquidated(position, rules, 10**9)
        return
    price = ticks * (1.0 - side * found.measured / 100.0)
    assert is_liquidated(position, rules, int(price - side * 20))
    assert not is_liquidated(position, rules, int(price + side * 20))
