"""Gate: intersection of the rules, reductions, NaN and infinite limits, batches."""

import itertools
import math
import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.builders import instrument

from quaestor.errors import ConfigError, UnknownNameError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, ContractKind, Regime, Verdict
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule
from quaestor.risk.gate import evaluate_orders, permitted
from quaestor.risk.permissions import stricter, within_value
from quaestor.risk.settings import PROFILES, RiskSettings, all_settings
from quaestor.risk.state import VERDICT

from .officer import PRICE, Officer

PAIR = (instrument(shortable=True), instrument(symbol="OTHER", base="CCC", shortable=True))
SETTINGS = [setting.name for rule in RULES for setting in rule.settings]
#: Limits that are compared with the account or the data at every bar, and trip a breaker.
TRIPPED_BY_A_BREAKER = {
    "drawdown_pct",
    "daily_loss_pct",
    "weekly_loss_pct",
    "losses_max",
    "trailing_drawdown_pct",
    "spread_multiple",
    "crash_fall_pct",
    "stale_recovery_bars",
}
#: A least distance instead of a cap, and without meaning for spot: see `test_rules`.
FLOOR = "liquidation_distance_pct"


@st.composite
def officers(draw: st.DrawFn) -> Officer:
    """Any state of the account under any limits."""
    limits = {name: draw(st.sampled_from([0.5, 2.0, 10.0, 40.0, math.inf])) for name in SETTINGS if draw(st.booleans())}
    officer = Officer(limits, PAIR, profile=draw(st.sampled_from(PROFILES)))
    for index in range(2):
        lots = draw(st.integers(-40, 40))
        if lots:
            officer.hold(lots, draw(st.integers(50, 150)), index)
        memory = officer.books[index]["risk"]
        count = draw(st.sampled_from([0, 19, 20, 137, 500]))
        memory["returns"][:count] = np.random.default_rng(draw(st.integers(0, 99))).normal(0, 0.02, count)
        memory["n_returns"] = count
        memory["variance"] = draw(st.sampled_from([0.0, 1e-4, 4e-4]))
        memory["stop_distance"] = draw(st.sampled_from([0, 1, 5, 50]))
        memory["stop_level"] = draw(st.sampled_from([0, 80, 130]))
        memory["last_close"] = draw(st.integers(50, 150))
        memory["range_variance"] = draw(st.sampled_from([0.0, 2e-4]))
        memory["volume"] = draw(st.sampled_from([0.0, 1e2, 1e6]))
        memory["spread"] = draw(st.sampled_from([0.0, 1.0, 9.0]))
        memory["spread_median"] = draw(st.sampled_from([0.0, 1.0]))
    joint = draw(st.floats(-1, 1)) * math.sqrt(np.prod(officer.books["risk"]["variance"]))
    officer.books["risk"]["covariance"][0, 1] = officer.books["risk"]["covariance"][1, 0] = joint
    officer.books["regime"] = draw(st.integers(0, 5))
    officer.account["risk"]["breakers"] = draw(st.sampled_from([0, 0, 0, *(int(bit) for bit in Breaker)]))
    officer.account["risk"]["entries_today"] = draw(st.integers(0, 50))
    officer.account["risk"]["peak_equity"] = draw(st.sampled_from([0, 1_000_000, 1_100_000, 2_000_000]))
    officer.account["ledger"]["losing_streak"] = draw(st.integers(0, 7))
    return officer


def permits(officer: Officer, target: int, order: list[int]) -> tuple[int, int]:
    """The intersection of every rule's interval, taken in an order."""
    lowest, highest = -NO_LIMIT, NO_LIMIT
    for k in order:
        rule, rules = RULES[k], officer.engine.instruments[0]
        if rule.switch and math.isinf(officer.params[rule.name][rule.switch]):
            continue
        low, high, _, _ = rule.permit(
            officer.account, officer.books, 0, rules, officer.params[rule.name], PRICE, target
        )
        assert low <= 0 <= high
        lowest, highest = max(lowest, low), min(highest, high)
    return lowest, highest


@given(officers(), st.integers(-300, 300), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(officer: Officer, target: int, shuffler: random.Random) -> None:
    order = list(range(len(RULES)))
    shuffler.shuffle(order)
    lowest, highest = permits(officer, target, order)
    rules = officer.engine.instruments[0]
    fused = permitted(officer.account, officer.books, 0, rules, officer.params, PRICE)
    held = int(officer.books[0]["position"]["lots"])
    if fused[:2] != (lowest, highest):  # the gate stops once nothing may be added
        assert min(held, 0) <= fused[0] <= lowest <= highest <= fused[1] <= max(held, 0)
    base = held if held * target > 0 else 0
    found = officer.evaluate_target(target)
    if abs(target) <= abs(base):
        assert found.approved_target == target
    elif target > 0:
        assert found.approved_target == max(min(target, highest), base)
    else:
        assert found.approved_target == min(max(target, lowest), base)


def test_of_equal_bounds_the_first_in_the_catalog_is_named() -> None:
    """Position, regime, drawdown ladder and streak rules all have a limit of 10 %."""
    alike = ("position_pct", "regime_base_pct", "ladder_base_pct", "streak_base_pct")
    for first, name in enumerate(("position_size", "regime", "drawdown_ladder", "streak_reduction")):
        officer = Officer(dict.fromkeys(alike[first:], 10.0))
        assert officer.evaluate_target(50).rule == name


def test_a_tripped_breaker_ends_the_evaluation_before_estimates_are_refreshed() -> None:
    officer = Officer({"var_pct": 5.0, "losses_max": 5.0})
    memory = officer.books[0]["risk"]
    memory["n_returns"], memory["returns"][:100] = 100, 0.01 * (-1.0) ** np.arange(100)
    officer.account["risk"]["breakers"] = int(Breaker.LOSING_STREAK)
    assert officer.evaluate_target(10).rule == "losing_streak"
    assert memory["tail_down"] == 0.0
    officer.account["risk"]["breakers"] = 0
    assert officer.evaluate_target(10).verdict is Verdict.ALLOW
    assert memory["tail_down"] > 0.0


def test_a_breaker_is_named_before_an_exceeded_limit() -> None:
    officer = Officer({"position_pct": 10.0, "losses_max": 5.0})
    officer.hold(50)
    assert officer.evaluate_target(60).rule == "position_size"
    officer.account["risk"]["breakers"] = int(Breaker.LOSING_STREAK)
    assert officer.evaluate_target(60).rule == "losing_streak"


@given(officers(), st.integers(-300, 300))
def test_the_officer_only_reduces_targets_and_names_the_rule(officer: Officer, target: int) -> None:
    found = officer.evaluate_target(target)
    held = int(officer.books[0]["position"]["lots"])
    base = held if held * target > 0 else 0
    assert min(base, target, 0) <= found.approved_target <= max(base, target, 0)
    assert abs(found.approved_target) <= max(abs(target), abs(base))
    assert (found.verdict is Verdict.ALLOW) == (found.approved_target == target)
    assert (found.rule == "") == (found.approved_target == target)
    assert officer.evaluate_target(found.approved_target).approved_target == found.approved_target


@pytest.mark.parametrize("bit", [bit for bit in Breaker if bit])
@pytest.mark.parametrize(("held", "target"), [(50, 20), (50, 0), (50, 50), (-50, -1), (-50, 0)])
def test_reductions_always_pass(bit: Breaker, held: int, target: int) -> None:
    tiny = dict.fromkeys(SETTINGS, 1e-9)
    officer = Officer(tiny)
    officer.hold(held)
    officer.account["risk"]["breakers"] = int(bit)
    found = officer.evaluate_target(target)
    assert (found.verdict, found.approved_target) == (Verdict.ALLOW, target)


def test_a_vetoed_reversal_still_closes() -> None:
    officer = Officer({"position_pct": 0.001})
    officer.hold(50)
    found = officer.evaluate_target(-50)
    assert (found.verdict, found.approved_target, found.rule) == (Verdict.VETO, 0, "position_size")


def test_a_limit_never_reduces_the_held_position() -> None:
    officer = Officer({"position_pct": 10.0})
    officer.hold(50)
    found = officer.evaluate_target(60)
    assert (found.verdict, found.approved_target, found.rule) == (Verdict.VETO, 50, "position_size")


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in TRIPPED_BY_A_BREAKER | {FLOOR}])
def test_a_nan_limit_permits_nothing(name: str) -> None:
    officer = Officer({"cluster_pct": 1e3} if name == "cluster_correlation" else None)
    memory = officer.books[0]["risk"]
    memory["n_returns"], memory["variance"], memory["stop_distance"], memory["volume"] = 100, 1e-4, 5, 1e6
    memory["returns"][:100] = 0.01 * (-1.0) ** np.arange(100)
    assert officer.evaluate_target(10).verdict is Verdict.ALLOW
    rule = next(rule for rule in RULES if name in [setting.name for setting in rule.settings])
    officer.params[rule.name][name] = math.nan
    for target in (10, -10):
        found = officer.evaluate_target(target)
        assert (found.verdict, found.approved_target, found.rule) == (Verdict.VETO, 0, rule.name)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.regimes])
@pytest.mark.parametrize("regime", Regime)
def test_a_nan_limit_of_a_regime_permits_nothing_in_that_regime(rule: Rule, regime: Regime) -> None:
    officer = Officer({"regime_base_pct": 100.0})
    officer.books[0]["risk"]["stop_distance"] = 5
    officer.books[0]["regime"] = regime
    assert officer.evaluate_target(10).verdict is Verdict.ALLOW
    assert rule.regimes is not None
    officer.params[rule.name][rule.regimes.name][regime] = math.nan
    assert officer.evaluate_target(10).rule == rule.name
    officer.books[0]["regime"] = (regime + 1) % len(Regime)
    assert officer.evaluate_target(10).verdict is Verdict.ALLOW


def test_a_nan_least_distance_permits_nothing() -> None:
    officer = Officer(None, (instrument(ContractKind.LINEAR),))
    officer.params["liquidation_distance"][FLOOR] = math.nan
    for target in (10, -10):
        assert officer.evaluate_target(target).rule == "liquidation_distance"


@pytest.mark.parametrize("limit", [1e18, 1e200, 1e299, math.inf])
def test_a_very_wide_limit_does_not_overflow(limit: float) -> None:
    officer = Officer(dict.fromkeys([name for name in SETTINGS if name != FLOOR], limit), PAIR)
    memory = officer.books["risk"]
    memory["n_returns"], memory["variance"], memory["stop_distance"] = 100, 1e-4, 5
    memory["returns"][:, :100] = 0.01 * (-1.0) ** np.arange(100)
    officer.hold(10, index=1)
    assert officer.evaluate_target(80).verdict is Verdict.ALLOW
    assert officer.evaluate_target(-80).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.nan, (0, 0)), (-1.0, (0, 0)), (-math.inf, (0, 0)), (math.inf, (-NO_LIMIT, NO_LIMIT)), (25_000.0, (-2, 2))],
)
def test_a_value_in_quanta_permits_whole_lots_on_both_sides(value: float, expected: tuple[int, int]) -> None:
    rules = Officer().engine.instruments[0]
    assert within_value(rules, value, PRICE) == expected


@pytest.mark.parametrize("kind", [ContractKind.SPOT, ContractKind.LINEAR, ContractKind.INVERSE])
def test_an_equity_of_zero_or_less_permits_nothing(kind: ContractKind) -> None:
    officer = Officer(None, (instrument(kind),), profile="default")
    officer.account["ledger"]["cash"] = 0
    assert officer.evaluate_target(1).approved_target == 0
    officer.account["ledger"]["cash"] = -1000
    assert officer.evaluate_target(1).approved_target == 0


def test_128_orders_in_a_batch_get_the_verdicts_of_single_orders() -> None:
    rng = np.random.default_rng(5)
    batch = Officer(None, PAIR, profile="default")
    batch.hold(7, index=1)
    memory = batch.books["risk"]
    memory["returns"][:] = np.random.default_rng(1).normal(0, 0.01, memory["returns"].shape)
    memory["n_returns"], memory["variance"] = 500, 1e-4
    closes = (90, 140)
    memory["last_close"] = closes
    indices, lots = rng.integers(0, 2, 128), rng.integers(-4, 5, 128)
    verdicts = evaluated(batch, indices, lots)
    passed = {(index, side): 0 for index in range(2) for side in (1, -1)}
    for index, lot, verdict in zip(indices.tolist(), lots.tolist(), verdicts, strict=True):
        price = closes[index]
        start = int(batch.books[index]["position"]["lots"]) + passed[index, 1 if lot > 0 else -1]
        target = start + lot
        base = start if start * target > 0 else 0
        expected = target
        if start * target < 0 or abs(target) > abs(start):
            rules = batch.engine.instruments[index]
            low, high, _, _ = permitted(batch.account, batch.books, index, rules, batch.params, price)
            expected = max(min(target, high), base) if target > 0 else min(max(target, low), base)
            if abs(expected - base) * price * int(rules["multiplier"]) < int(rules["min_notional"]):
                expected = base
        assert int(verdict["approved_target"]) == expected
        assert (verdict["verdict"] == Verdict.ALLOW) == (expected == target)
        passed[index, 1 if lot > 0 else -1] += expected - start
    assert len(set(verdicts["verdict"].tolist())) == 3


def test_many_small_orders_do_not_add_up_beyond_a_limit() -> None:
    officer = Officer({"position_pct": 10.0})
    rules, count = officer.engine.instruments[0], 128
    _, highest, _, _ = permitted(officer.account, officer.books, 0, rules, officer.params, PRICE)
    officer.books["risk"]["last_close"] = PRICE
    one = np.ones(count, np.int64)
    verdicts = evaluated(officer, 0 * one, one)
    assert 0 < highest < count
    assert verdicts["approved_target"].max() == highest
    assert (verdicts["verdict"] == Verdict.ALLOW).sum() == highest


def evaluated(officer: Officer, indices: NDArray[np.int64], lots: NDArray[np.int64]) -> Table:
    """Verdicts about a batch; the officer's own state stays as it was."""
    engine, verdicts = officer.engine, np.zeros(len(lots), VERDICT)
    account, books = engine.account.copy(), officer.books.copy()
    refused = evaluate_orders(account, books, engine.instruments, engine.params["risk"], indices, lots, verdicts)
    assert refused == int((verdicts["verdict"] == Verdict.VETO).sum())
    for in_flight in ("in_flight_gross", "in_flight_exposure", "in_flight_funds"):
        assert account[0]["risk"][in_flight] == 0
    for left in ("in_flight_lots", "in_flight_notional", "in_flight_exposure", "batch_bought", "batch_sold"):
        assert not books["risk"][left].any()
    return verdicts


@pytest.mark.parametrize("mixed", [False, True])
def test_a_batch_counts_its_allowed_orders_on_other_instruments(mixed: bool) -> None:
    """Each instrument is within 25 % of equity; together they may not exceed it either."""
    officer = Officer({"exposure_pct": 25.0}, PAIR)
    officer.books["risk"]["last_close"] = PRICE
    indices = np.tile([0, 1], 20) if mixed else np.repeat([0, 1], 20)
    verdicts = evaluated(officer, indices, np.ones(len(indices), np.int64))
    assert [int(verdicts["approved_target"][indices == index].max()) for index in range(2)] == [20, 5]


BATCHES = st.lists(st.tuples(st.integers(0, 1), st.integers(-30, 30)), min_size=1, max_size=24)


@given(officers(), BATCHES)
def test_a_mixed_batch_gets_the_verdicts_of_a_batch_grouped_by_instrument(
    officer: Officer, batch: list[tuple[int, int]]
) -> None:
    """Grouped in the order in which instruments first appear, the orders of each as given."""
    indices, lots = (np.array(column) for column in zip(*batch, strict=True))
    ahead = indices[0]
    grouped = np.argsort(indices != ahead, kind="stable")
    verdicts, together = evaluated(officer, indices, lots), evaluated(officer, indices[grouped], lots[grouped])
    first = indices == ahead
    alone = evaluated(officer, indices[first], lots[first])
    for name in VERDICT.names or ():
        np.testing.assert_array_equal(verdicts[grouped][name], together[name])
        np.testing.assert_array_equal(verdicts[first][name], alone[name])


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-30, 30)), min_size=1, max_size=40),
    st.lists(st.integers(50, 150), min_size=3, max_size=3),
    st.sampled_from([5.0, 25.0, 60.0]),
)
def test_no_limit_is_exceeded_whichever_orders_of_a_batch_fill(
    batch: list[tuple[int, int]], closes: list[int], limit: float
) -> None:
    traded = tuple(instrument(symbol=name, base=base, shortable=True) for name, base in zip("ABC", "ABA", strict=True))
    limits = {"exposure_pct": limit, "leverage_max": limit / 100.0, "open_trades_max": 2.0, "asset_pct": 20.0}
    officer = Officer(limits, traded)
    officer.books["risk"]["last_close"] = closes
    indices, lots = (np.array(column) for column in zip(*batch, strict=True))
    verdicts = evaluated(officer, indices, lots)
    reached = [int(np.abs(verdicts["approved_target"][indices == index]).max(initial=0)) for index in range(3)]
    worth = [size * close * 100 for size, close in zip(reached, closes, strict=True)]
    assert sum(worth) <= officer.engine.equity_quanta * limit / 100.0
    assert worth[0] + worth[2] <= officer.engine.equity_quanta * 0.2
    assert np.count_nonzero(reached) <= 2


def test_a_batch_that_reverses_another_position_counts_the_new_side() -> None:
    officer = Officer({"leverage_max": 0.5}, PAIR)
    officer.hold(10, index=1)
    officer.books["risk"]["last_close"] = PRICE
    verdicts = evaluated(officer, np.array([1, 0]), np.array([-40, 40]))
    assert verdicts["approved_target"].tolist() == [-30, 20]


@pytest.mark.parametrize(("a", "b", "least"), [(1, 2, 1), (2, 1, 1), (1, 1, 1), (math.inf, 3, 3)])
def test_the_stricter_of_two_limits_is_the_smaller_and_nan_with_nan(a: float, b: float, least: float) -> None:
    assert stricter(a, b) == least
    assert math.isnan(stricter(math.nan, b))
    assert math.isnan(stricter(a, math.nan))


# --- settings


def test_every_profile_packs_every_number() -> None:
    names = [setting.name for setting in all_settings()]
    assert len(set(names)) == len(names)
    for profile in PROFILES:
        officer = Officer(profile=profile)
        chosen = RiskSettings.from_profile(profile)
        for rule, setting in itertools.chain.from_iterable(((r, s) for s in r.settings) for r in RULES):
            assert officer.params[rule.name][setting.name] == chosen.values[setting.name]
        for rule in RULES:
            if rule.regimes:
                packed = officer.params[rule.name][rule.regimes.name].tolist()
                assert packed == [chosen.values[setting.name] for setting in rule.regimes.settings]


@pytest.mark.parametrize("value", [math.nan, -1.0, 0.0, -math.inf])
def test_a_limit_that_is_nan_or_not_positive_is_refused(value: float) -> None:
    with pytest.raises(ConfigError, match="position_pct"):
        RiskSettings.from_profile("default", {"position_pct": value})


def test_unknown_names_are_refused_with_similar_names() -> None:
    with pytest.raises(UnknownNameError, match="position_pct"):
        RiskSettings.from_profile("default", {"positon_pct": 5.0})
    with pytest.raises(UnknownNameError, match="default"):
        RiskSettings.from_profile("defualt")


def test_an_override_replaces_one_number() -> None:
    plain, changed = RiskSettings.from_profile("default"), RiskSettings.from_profile("default", {"var_pct": 1})
    assert {n for n in plain.values if plain.values[n] != changed.values[n]} == {"var_pct"}


def test_dependent_settings_follow_unless_given_or_off() -> None:
    followers = ("regime_base_pct", "ladder_base_pct", "streak_base_pct")
    chosen = RiskSettings.from_profile("default", {"position_pct": 4, "drawdown_pct": 12, "streak_base_pct": 3}).values
    assert [chosen[name] for name in followers] == [4, 4, 3]
    assert chosen["ladder_drawdown_pct"] == 12
    off = RiskSettings.from_profile("permissive", {"position_pct": 4, "drawdown_pct": 12}).values
    assert all(math.isinf(off[name]) for name in (*followers, "ladder_drawdown_pct"))


def test_the_permissive_profile_keeps_the_cash_venue_and_emergency_rules() -> None:
    officer = Officer(None, (instrument(min_notional=Decimal(500)),))
    assert officer.evaluate_target(1_000).rule == "cash"
    assert officer.evaluate_target(-1).rule == "venue"
    assert officer.evaluate_target(1).rule == "venue"
    officer.account["risk"]["breakers"] = int(Breaker.STALE)
    assert officer.evaluate_target(10).rule == "emergency"
