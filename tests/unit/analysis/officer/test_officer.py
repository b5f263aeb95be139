"""Questions to the officer: hand-worked accounts, and the gate as the oracle."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import DAY, MONDAY, Bar, bars_to_events, command, engine, engine_settings, instrument

from quaestor.analysis.officer.account import account_of
from quaestor.analysis.officer.account_state import AccountState
from quaestor.analysis.officer.breakers import breakers_set
from quaestor.analysis.officer.limit_use import NEAR, limit_uses, suggestions
from quaestor.analysis.officer.limits import EXIT_LAYER, list_limits
from quaestor.analysis.officer.order_verdict import evaluate_order
from quaestor.app.ablation import switch_off
from quaestor.domain.instrument import Instrument
from quaestor.errors import ConfigError, DataError
from quaestor.ledger.codes import Command, ContractKind
from quaestor.ledger.rows import NO_LIMIT
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule
from quaestor.risk.gate import permitted
from quaestor.risk.settings import PROFILES, RiskSettings, all_settings


def state_after(
    bars: Sequence[Bar], limits: dict[str, float] | None = None, *traded: Instrument, **changes: Any
) -> AccountState:
    """Return the account state after the bars."""
    several = traded or (instrument(),)
    chosen = engine_settings(limits=limits, **changes)
    target = engine(several, chosen)
    events = bars_to_events(bars)
    target.run(events, 0, len(events), lambda _: None)
    symbols = tuple(f"{item.symbol}{k}" for k, item in enumerate(several))
    return AccountState(symbols, several, chosen.risk, target, int(events[-1]["ts"]))


def at(price: int, signal: float = math.nan, **changes: Any) -> Bar:
    return Bar(price, price, price, price, signal=signal, **changes)


#: Half the equity in 50 lots at 100, bought with the second bar.
HALF = [at(100, 0.5), at(100, 0.5), at(100, 0.5)]


def test_every_setting_is_listed_once_and_every_rule() -> None:
    rows = list_limits(RiskSettings.from_profile("default", {"var_pct": math.inf, "position_pct": 7.0}))
    assert [row.setting for row in rows if row.setting] == [setting.name for setting in all_settings()]
    assert {row.rule for row in rows if row.rule} == {rule.name for rule in RULES}
    by_name = {row.setting: row for row in rows}
    assert (by_name["var_pct"].off, by_name["position_pct"].off) == (True, False)
    assert by_name["position_pct"].value == 7.0
    assert by_name["position_pct"].conservative == 5.0
    assert by_name["stop_loss_pct"].layer == EXIT_LAYER
    always = [row for row in rows if not row.setting]
    assert {row.rule for row in always} == {rule.name for rule in RULES if not rule.settings}
    assert all(row.value is None and row.meaning for row in always)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.settings], ids=lambda rule: rule.name)
def test_a_rule_that_is_switched_off_has_no_bound(rule: Rule) -> None:
    state = state_after(HALF, {}, risk="default")
    params = state.engine.params
    switch_off(params[0]["risk"], rule)
    row = state.permissions(0, 100, 1_000_000)[RULES.index(rule)]
    assert (row["lowest"], row["highest"]) == (-NO_LIMIT, NO_LIMIT)


def test_account_and_position_by_hand() -> None:
    state = state_after([*HALF, at(110)])
    account = account_of(state)
    (held,) = account.positions
    assert (account.equity, account.cash, account.free) == (10_500.0, 5_000.0, 5_000.0)
    assert (held.symbol, held.quantity, held.entry_price, held.price) == ("TEST0", 50.0, 100.0, 110.0)
    assert (held.notional, held.profit, held.liquidation_price) == (5_500.0, 500.0, None)
    assert account.leverage == account.exposure == held.of_equity == pytest.approx(5_500 / 10_500)
    assert held.loss_at_stops == 5_500.0  # it has no stop
    assert account.heat == pytest.approx(5_500 / 10_500)
    assert account.correlation == [[1.0]]


@pytest.mark.parametrize(("signal", "price"), [(1.0, 81), (-1.0, 119)])
def test_liquidation_price_of_a_margined_position(signal: float, price: int) -> None:
    """100 lots at 100 with a fifth as margin, a tenth of a per cent of maintenance: gone a fifth away, nearly."""
    perpetual = instrument(ContractKind.LINEAR, maintenance_margin=Decimal("0.001"))
    state = state_after([at(100, signal), at(100, signal)], {}, perpetual, leverage=5)
    (held,) = account_of(state).positions
    # the margin left is 20 a lot less the move; maintenance is about 0.1 a lot: the first whole tick beyond is next
    assert held.liquidation_price == price - signal
    assert held.liquidation_distance == pytest.approx(0.2)
    assert held.margin == 2_000.0


def test_use_is_measured_over_limit() -> None:
    used = {use.rule: use for use in limit_uses(state_after(HALF, {"position_pct": 80.0, "leverage_max": 2.0}))}
    assert list(used) == [rule.name for rule in RULES]
    assert (used["position_size"].measured, used["position_size"].share) == (50.0, 0.625)
    assert used["leverage"].share == pytest.approx(0.25)
    assert (used["single_asset"].off, used["single_asset"].share) == (True, None)
    assert used["emergency"].share is None
    assert used["cash"].unit == "BBB"


def test_before_the_first_bar_nothing_is_measured() -> None:
    chosen = engine_settings()
    state = AccountState(("TEST0",), (instrument(),), chosen.risk, engine(instrument(), chosen), 0)
    assert limit_uses(state) == []
    assert account_of(state).positions == []
    with pytest.raises(DataError, match="no bar has closed"):
        evaluate_order(state, None, "buy", "1")
    assert evaluate_order(state, None, "buy", "1", "100").verdict == "allow"


def test_suggestions_are_ranked_and_work() -> None:
    limits = {"position_pct": 55.0, "leverage_max": 0.51}
    state = state_after(HALF, limits)
    found = suggestions(state, limit_uses(state))
    assert [(each.rule, each.what) for each in found] == [
        ("position_size", "reduce TEST0 from 50 to 44 AAA"),
        ("position_size", "raise position_pct from 55 to 62.5 % of equity"),
        ("leverage", "reduce TEST0 from 50 to 40 AAA"),
        ("leverage", "raise leverage_max from 0.51 to 0.625 × equity"),
    ]
    assert [each.change for each in found] == pytest.approx([0.12, 62.5 / 55 - 1, 0.2, 0.625 / 0.51 - 1])
    row = state.permissions(0, 100, 44)[[rule.name for rule in RULES].index("position_size")]
    assert row["measured"] / row["limit"] <= NEAR
    raised = state.under(RiskSettings.from_profile("permissive", {"position_pct": 62.5}))
    assert suggestions(raised, limit_uses(raised)) == []
    assert state.settings.values["position_pct"] == 55.0


def test_a_loss_limit_waits_for_its_day() -> None:
    state = state_after([*HALF, at(95)], {"daily_loss_pct": 3.0})
    found = suggestions(state, limit_uses(state))
    assert [each.what for each in found] == [
        "wait for the next UTC day",
        "raise daily_loss_pct from 3 to 3.125 % of equity at the start",
    ]


def test_breakers_name_when_they_lift() -> None:
    state = state_after([*HALF, at(90)], {"daily_loss_pct": 3.0, "weekly_loss_pct": 4.0, "drawdown_pct": 5.0})
    assert [(each.breaker, each.lifts_ts) for each in breakers_set(state)] == [
        ("daily_loss", MONDAY + DAY),
        ("weekly_loss", MONDAY + 7 * DAY),
        ("drawdown", None),
    ]
    state.engine.advance(command(Command.KILL, state.ts), 0, 1)
    assert "reset" in breakers_set(state)[0].until


def test_an_order_that_is_too_large_names_what_would_pass() -> None:
    limits = {"position_pct": 60.0, "asset_pct": 70.0}
    answer = evaluate_order(state_after(HALF, limits), None, "buy", "30")
    assert (answer.verdict, answer.rule, answer.measured, answer.limit) == ("shrink", "position_size", 80.0, 60.0)
    assert (answer.position, answer.target, answer.approved_target, answer.passing) == (50.0, 80.0, 60.0, 10.0)
    assert answer.changes == ["buy 10 AAA", "raise position_pct from 60 to 80 % of equity"]
    first, second = answer.rules[:2]
    assert (first.rule, first.lowest, first.highest, first.room) == ("position_size", -60.0, 60.0, 10.0)
    assert (second.rule, second.room, second.passes) == ("single_asset", 20.0, False)
    assert answer.rules[-1].room is None
    allowed = evaluate_order(state_after(HALF, limits), "TEST0", "buy", "10")
    assert (allowed.verdict, allowed.changes, allowed.rule) == ("allow", [], "")


def test_reducing_orders_pass_every_breaker() -> None:
    state = state_after([*HALF, at(90)], {"daily_loss_pct": 3.0})
    assert evaluate_order(state, None, "sell", "50").verdict == "allow"
    answer = evaluate_order(state, None, "buy", "1")
    assert (answer.verdict, answer.rule, answer.passing, answer.breakers) == ("veto", "daily_loss", 0.0, ["daily_loss"])
    assert answer.changes == ["wait until the next UTC day"]


def test_a_short_without_borrow_and_an_order_below_the_minimum_are_vetoed() -> None:
    state = state_after([at(100)], {}, instrument(min_notional=Decimal(1000)))
    assert (evaluate_order(state, None, "sell", "20").rule, evaluate_order(state, None, "sell", "20").verdict) == (
        "venue",
        "veto",
    )
    small = evaluate_order(state, None, "buy", "3")
    assert (small.verdict, small.rule, small.measured, small.limit, small.unit) == ("veto", "venue", 300, 1000, "BBB")
    assert small.changes == ["buy at least 10 AAA: the venue takes no smaller order"]
    assert evaluate_order(state, None, "buy", "10").verdict == "allow"


def test_a_rule_without_a_figure_suggests_more_bars() -> None:
    answer = evaluate_order(state_after([at(100)], {"var_pct": 5.0}), None, "buy", "1")
    assert (answer.verdict, answer.rule) == ("veto", "value_at_risk")
    assert answer.changes == ["wait for more bars: value_at_risk has no figure yet"]


def test_an_entry_in_flight_counts() -> None:
    state = state_after([at(100, 0.5)], {"position_pct": 60.0})
    assert (state.held(0), state.expected(0)) == (0, 50)
    assert evaluate_order(state, None, "buy", "30").passing == 10.0


def test_limits_of_several_instruments_are_separate() -> None:
    first, second = instrument(symbol="A"), instrument(symbol="B")
    bars = [at(100, 0.5, ts=MONDAY), at(200, 0.0, ts=MONDAY, instrument=1), at(100, 0.5), at(200, 0.0, instrument=1)]
    bars[2:] = [at(100, 0.5, ts=MONDAY + 60_000_000_000), at(200, 0.0, ts=MONDAY + 60_000_000_000, instrument=1)]
    state = state_after(bars, {"exposure_pct": 60.0}, first, second)
    assert {use.rule: use.symbol for use in limit_uses(state)}["position_size"] == "A0"
    assert evaluate_order(state, "B1", "buy", "10").approved_target == 5.0
    with pytest.raises(ConfigError, match="several symbols and the question names none — name one of: A0, B1"):
        evaluate_order(state, None, "buy", "1")


@pytest.mark.parametrize(
    ("side", "quantity", "price", "message"),
    [
        ("hold", "1", None, "unknown side 'hold' — give buy or sell"),
        ("buy", "much", None, "'much' is no number above 0"),
        ("buy", "-1", None, "'-1' is no number above 0"),
        ("buy", "nan", None, "'nan' is no number above 0"),
        ("buy", "1.5", None, "1.5 is no whole number of lots of 1 AAA — give 1"),
        ("buy", "0.2", None, "no whole number of lots of 1 AAA — give 1"),
        ("buy", "1e30", None, "1e30 is more than can be counted"),
        ("buy", "1", "0", "--price: '0' is no number above 0"),
        ("buy", "1", "1e9", "--price: 1e9 is beyond 1000000"),
    ],
)
def test_invalid_orders_are_refused(side: str, quantity: str, price: str | None, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        evaluate_order(state_after([at(100)]), None, side, quantity, price)
    assert message in str(caught.value)


@settings(max_examples=60)
@given(
    profile=st.sampled_from(PROFILES),
    lots=st.integers(1, 300),
    side=st.sampled_from(["buy", "sell"]),
    prices=st.lists(st.integers(80, 120), min_size=22, max_size=40),
    signal=st.sampled_from([0.5, -0.5, 0.0]),
)
def test_the_intersection_of_the_intervals_is_the_gates_verdict(
    profile: str, lots: int, side: str, prices: list[int], signal: float
) -> None:
    """Evaluating twice gives the same."""
    perpetual = instrument(ContractKind.LINEAR)
    state = state_after([at(price, signal) for price in prices], {}, perpetual, risk=profile)
    before = state.engine.digest()
    answer = evaluate_order(state, None, side, str(lots))
    assert evaluate_order(state, None, side, str(lots)) == answer
    assert state.engine.digest() == before
    target = state.engine
    ends = permitted(
        target.account.copy()[0],
        target.books.copy(),
        0,
        target.instruments[0],
        target.params[0]["risk"],
        state.last_ticks(0),
    )
    lowest = [-np.inf if rule.lowest is None else rule.lowest for rule in answer.rules]
    highest = [np.inf if rule.highest is None else rule.highest for rule in answer.rules]
    assert (max(lowest), min(highest)) == (ends[0], ends[1])
    if answer.verdict == "allow":
        assert answer.passing == lots
    else:
        assert answer.passing < lots
        assert not next(rule for rule in answer.rules if rule.rule == answer.rule).passes
        if answer.passing > 0:
            assert evaluate_order(state, None, side, str(int(answer.passing))).verdict == "allow"
