"""Circuit breakers on hourly bars from a Monday: what trips them, what they stop, what lifts them.

The account of 10,000 is all in at a price of 100, so it loses what the price loses.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from tests.builders import (
    DAY,
    MINUTE,
    MONDAY,
    Bar,
    Record,
    bars_to_events,
    command,
    engine,
    engine_settings,
    instrument,
    run,
)

from quaestor.domain.instrument import Instrument
from quaestor.engine.settings import CostSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, Command, ContractKind, Layer, Purpose, Verdict
from quaestor.risk.catalog import RULES

HOUR = 60 * MINUTE
SPOT = instrument()


def hourly(prices: Sequence[int], signals: Sequence[float], interval_ns: int = HOUR) -> Table:
    """Bars that stand still at their price."""
    return bars_to_events([Bar(p, p, p, p, signal=s) for p, s in zip(prices, signals, strict=True)], interval_ns)


def ran(events: Table, interval_ns: int = HOUR, traded: Instrument = SPOT, **limits: float) -> Record:
    return run(engine(traded, engine_settings("permissive", limits), interval_ns=interval_ns), events)


def tripped(record: Record, bit: Breaker) -> list[int]:
    """Numbers of the bars at which a breaker was tripped."""
    return np.flatnonzero(record.all_decisions["breakers"] & int(bit)).tolist()


def vetoed_by(record: Record, bar: int) -> str:
    row = record.all_decisions[bar]
    assert row["verdict"] == Verdict.VETO
    return RULES[int(row["rule"])].name


def test_a_daily_loss_stops_entries_until_the_next_utc_day() -> None:
    prices = [100] * 5 + [96] * 22
    signals = [1.0] * 6 + [0.0, 0.0] + [1.0] * 19
    record = ran(hourly(prices, signals), daily_loss_pct=3.0)
    assert tripped(record, Breaker.DAILY_LOSS) == list(range(5, 24))
    assert record.fills() == [(100, 100), (-100, 96), (100, 96)]  # the exit passes; the entry waits for Tuesday
    assert vetoed_by(record, 8) == "daily_loss"
    assert record.all_decisions[8]["measured"] == pytest.approx(4.0)
    assert record.all_decisions[8]["limit"] == 3.0
    assert record.all_decisions[24]["verdict"] == Verdict.ALLOW


def test_a_loss_in_the_first_bar_of_a_day_counts_for_that_day() -> None:
    record = ran(hourly([100] * 24 + [96] * 3, [1.0] * 27), daily_loss_pct=3.0)
    assert tripped(record, Breaker.DAILY_LOSS) == [24, 25, 26]


def test_with_one_bar_a_day_a_day_can_lose_too() -> None:
    record = ran(hourly([100, 100, 96, 96], [1.0] * 4, DAY), DAY, daily_loss_pct=3.0)
    assert tripped(record, Breaker.DAILY_LOSS) == [2]


def test_a_weekly_loss_stops_entries_until_the_next_monday() -> None:
    prices = [100, 100, 98, 96] + [94] * 6
    signals = [1.0] * 5 + [0.0] + [1.0] * 4
    record = ran(hourly(prices, signals, DAY), DAY, weekly_loss_pct=5.0)
    assert tripped(record, Breaker.WEEKLY_LOSS) == [4, 5, 6]
    assert vetoed_by(record, 6) == "weekly_loss"
    assert record.all_decisions[7]["verdict"] == Verdict.ALLOW


def alternating(days: int, losing: Sequence[bool]) -> Table:
    """A round trip every second bar, losing or winning one tick; the rest of each day is quiet."""
    prices, signals = [], []
    for day in range(days):
        for k in range(12):
            index = day * 12 + k
            opened = 100
            closed = 99 if losing[min(index, len(losing) - 1)] else 101
            prices += [opened, closed]
            signals += [0.0, 1.0]
    return hourly([100, *prices], [1.0, *signals])


def test_a_streak_of_losses_stops_entries_until_the_next_day_and_then_begins_anew() -> None:
    record = ran(alternating(2, [True]), losses_max=3.0)
    days = (record.all_trades["exit_ts"] - MONDAY) // DAY
    assert np.bincount(days).tolist() == [3, 3]
    first = tripped(record, Breaker.LOSING_STREAK)
    assert vetoed_by(record, first[0]) == "losing_streak"


def test_losses_in_a_row_are_counted_over_midnight() -> None:
    events = alternating(2, [True])
    events["signal"][6:24] = 0.0  # two or three round trips on Monday, then a pause
    monday = ran(events[:24], losses_max=4.0)
    assert not tripped(monday, Breaker.LOSING_STREAK)
    count = len(monday.all_trades)
    record = ran(events, losses_max=4.0)
    assert len(record.all_trades) == 4
    assert 0 < count < 4


def test_a_winner_ends_the_streak_that_a_pause_has_answered() -> None:
    losing = [True] * 12 + [False] + [True] * 11
    record = ran(alternating(2, losing), losses_max=3.0)
    tuesday = record.all_trades[record.all_trades["exit_ts"] >= MONDAY + DAY]
    assert (tuesday["pnl"] > 0).tolist() == [True, False, False, False]


def test_a_drawdown_flattens_and_says_how_deep_it_is() -> None:
    prices = [100, 100, 100, 80, 80, 80, 100]
    record = ran(hourly(prices, [1.0] * 7), drawdown_pct=15.0)
    assert tripped(record, Breaker.DRAWDOWN) == [3, 4, 5, 6]
    assert record.fills() == [(100, 100), (-100, 80)]
    assert record.all_trades["reason"].tolist() == [Purpose.RISK_REDUCE]
    row = record.all_decisions[3]
    assert vetoed_by(record, 3) == "drawdown"
    assert (int(row["approved_target"]), int(row["layer"])) == (0, Layer.DRAWDOWN)
    assert float(row["measured"]) == pytest.approx(20.0)
    assert float(row["limit"]) == 15.0


def test_a_drawdown_lifts_when_the_sale_that_flattens_brings_equity_back_within_its_limit() -> None:
    prices = [100, 100, 100, 80, 95, 95]
    record = ran(hourly(prices, [1.0] * 6), drawdown_pct=15.0)
    assert tripped(record, Breaker.DRAWDOWN) == [3]
    assert record.fills() == [(100, 100), (-100, 95), (100, 95)]


@pytest.mark.parametrize(
    ("name", "bit"),
    [
        ("daily_loss", Breaker.DAILY_LOSS),
        ("weekly_loss", Breaker.WEEKLY_LOSS),
        ("losing_streak", Breaker.LOSING_STREAK),
        ("drawdown", Breaker.DRAWDOWN),
        ("trailing_drawdown", Breaker.TRAILING_DRAWDOWN),
    ],
)
def test_a_limit_that_is_no_number_trips_at_once(name: str, bit: Breaker) -> None:
    target = engine(SPOT, interval_ns=HOUR)
    rule = next(rule for rule in RULES if rule.name == name)
    target.params[0]["risk"][name][rule.settings[0].name] = math.nan
    record = run(target, hourly([100] * 3, [1.0] * 3))
    assert tripped(record, bit) == [0, 1, 2]
    assert record.fills() == []


def test_a_fall_from_the_height_of_the_last_month_stops_entries_until_that_is_30_days_old() -> None:
    prices = [100, 100, 100, 90] + [90] * 32
    signals = [1.0] * 3 + [0.0] * 2 + [1.0] * 31
    record = ran(hourly(prices, signals, DAY), DAY, trailing_drawdown_pct=9.0)
    assert tripped(record, Breaker.TRAILING_DRAWDOWN) == list(range(3, 33))
    assert record.fills()[:2] == [(100, 100), (-100, 90)]
    assert vetoed_by(record, 5) == "trailing_drawdown"
    assert record.all_decisions[5]["measured"] == pytest.approx(10.0)
    assert vetoed_by(record, 32) == "trailing_drawdown"  # day 3 began at the height, and is the 30th with day 32
    assert record.all_decisions[33]["verdict"] == Verdict.ALLOW


def test_a_recovery_lifts_the_trailing_drawdown_and_so_does_a_reset() -> None:
    prices = [100, 100, 90, 90, 95, 95]
    record = ran(hourly(prices, [1.0] * 6), trailing_drawdown_pct=9.0)
    assert tripped(record, Breaker.TRAILING_DRAWDOWN) == [2, 3]
    target = engine(SPOT, engine_settings("permissive", {"trailing_drawdown_pct": 9.0}), interval_ns=HOUR)
    run(target, hourly([100, 100, 90], [1.0] * 3))
    run(target, command(Command.RESET, MONDAY + 3 * HOUR))
    again = run(target, bars_to_events([Bar(90, 90, 90, 90)] * 40, HOUR, MONDAY + 3 * HOUR))
    assert tripped(again, Breaker.TRAILING_DRAWDOWN) == []


def test_a_hole_of_months_empties_the_window() -> None:
    rows = [Bar(100, 100, 100, 100, signal=1.0)] * 2 + [Bar(90, 90, 90, 90, signal=1.0)]
    rows += [Bar(90, 90, 90, 90, signal=1.0, ts=MONDAY + 100 * DAY)]
    record = ran(bars_to_events(rows, DAY), DAY, trailing_drawdown_pct=9.0)
    assert tripped(record, Breaker.TRAILING_DRAWDOWN) == [2]


@pytest.mark.parametrize("seed", range(5))
def test_the_window_peak_is_the_highest_equity_of_30_days(seed: int) -> None:
    rng = np.random.default_rng(seed)
    prices = np.maximum(100 + rng.integers(-3, 4, 400).cumsum(), 20)
    stamps = MONDAY + np.cumsum(rng.choice([6, 12, 24, 96], 400)) * HOUR
    rows = [Bar(p, p, p, p, signal=1.0, ts=t) for p, t in zip(prices.tolist(), stamps.tolist(), strict=True)]
    events, target = bars_to_events(rows, HOUR), engine(SPOT, interval_ns=HOUR)
    seen: list[tuple[int, int]] = []
    before, yesterday = target.equity_quanta, -1
    for i in range(len(events)):
        target.advance(events, i, i + 1)
        target.drain()
        day = int(events[i]["ts"] - 1) // DAY
        if day != yesterday:
            seen.append((day, before))  # a day begins with what the day before left
        before, yesterday = target.equity_quanta, day
        seen.append((day, before))
        expected = max(worth for when, worth in seen if when > day - 30)
        assert target.account[0]["risk"]["window_peak"] == expected


def with_spreads(spreads: Sequence[float]) -> Table:
    """Quiet minutes with a signal, and a book where the spread is a number."""
    events = bars_to_events([Bar(100, 100, 100, 100, signal=1.0 if k % 2 else 0.0) for k in range(len(spreads))])
    events["spread"] = spreads
    return events


def test_a_spread_beyond_five_medians_stops_entries_while_it_lasts() -> None:
    usual = [2.0, 3.0, 2.0, 1.0] * 6
    record = ran(with_spreads([*usual, 10.0, 10.1, 50.0, 11.0, 10.0, 2.0]), MINUTE, spread_multiple=5.0)
    assert tripped(record, Breaker.SPREAD) == [25, 26, 27]
    assert vetoed_by(record, 25) == "spread"
    assert record.all_decisions[25]["measured"] == pytest.approx(5.05)
    assert record.all_decisions[29]["verdict"] == Verdict.ALLOW


def test_an_unknown_book_trips_nothing_and_a_lasting_spread_becomes_the_usual_one() -> None:
    unknown = [math.nan, 0.0] * 60
    assert tripped(ran(with_spreads(unknown), MINUTE, spread_multiple=5.0), Breaker.SPREAD) == []
    few = [1.0] * 19 + [100.0]
    assert tripped(ran(with_spreads(few), MINUTE, spread_multiple=5.0), Breaker.SPREAD) == []
    lasting = [1.0] * 200 + [100.0] * 100
    assert tripped(ran(with_spreads(lasting), MINUTE, spread_multiple=5.0), Breaker.SPREAD) == list(range(200, 251))
    blind = [1.0] * 30 + [100.0, math.nan, 100.0]
    assert tripped(ran(with_spreads(blind), MINUTE, spread_multiple=5.0), Breaker.SPREAD) == [30, 32]


def test_a_wide_spread_stops_only_its_own_instrument() -> None:
    pair = [instrument(symbol="WIDE"), instrument(symbol="TIGHT")]
    rows = [Bar(100, 100, 100, 100, instrument=k, ts=MONDAY + i * MINUTE) for i in range(31) for k in range(2)]
    events = bars_to_events(rows)
    events["spread"] = 1.0
    events["signal"][60:] = 0.4
    events["spread"][60] = 9.0
    record = run(engine(pair, engine_settings("permissive", {"spread_multiple": 5.0})), events)
    assert record.all_decisions["verdict"][60:].tolist() == [Verdict.VETO, Verdict.ALLOW]
    assert RULES[record.all_decisions[60]["rule"]].name == "spread"
    assert record.all_decisions["breakers"][60:].tolist() == [Breaker.SPREAD, 0]


def falling(low: int, before: int = 30) -> Table:
    """Minutes that swing a little, one fall, then quiet."""
    rows = [Bar(1000 + k % 2, 1002, 999, 1000 + k % 2) for k in range(before)]
    rows += [Bar(1000, 1000, low, 990, signal=1.0)]
    rows += [Bar(990, 991, 989, 990, signal=1.0) for _ in range(40)]
    return bars_to_events(rows)


def test_a_crash_stops_entries_for_half_an_hour() -> None:
    record = ran(falling(960), MINUTE, crash_fall_pct=3.0)
    assert tripped(record, Breaker.CRASH) == list(range(30, 60))
    assert vetoed_by(record, 30) == "emergency"
    assert record.all_decisions[60]["verdict"] == Verdict.ALLOW


@pytest.mark.parametrize(("low", "before"), [(971, 30), (900, 15)])
def test_a_small_fall_or_a_short_history_is_no_crash(low: int, before: int) -> None:
    assert tripped(ran(falling(low, before), MINUTE, crash_fall_pct=3.0), Breaker.CRASH) == []


def test_a_fall_spread_over_five_minutes_is_a_crash_and_over_an_hour_is_none() -> None:
    quiet = [Bar(1000 + k % 2, 1002, 999, 1000 + k % 2) for k in range(100)]
    fast = [Bar(p, p, p - 8, p - 8) for p in range(1000, 940, -10)]
    slow = [Bar(p, p, p - 1, p - 1) for p in range(1000, 940, -1)]
    assert tripped(ran(bars_to_events(quiet + fast), MINUTE, crash_fall_pct=3.0), Breaker.CRASH) == [103, 104, 105]
    assert tripped(ran(bars_to_events(quiet + slow), MINUTE, crash_fall_pct=3.0), Breaker.CRASH) == []


def late(missing: int) -> Table:
    rows = [Bar(100, 100, 100, 100) for _ in range(5)]
    rows.append(Bar(100, 100, 100, 100, signal=1.0, ts=MONDAY + (5 + missing) * MINUTE))
    rows += [Bar(100, 100, 100, 100, signal=1.0) for _ in range(6)]
    return bars_to_events(rows)


def test_stale_data_stops_entries_until_three_bars_came_on_time() -> None:
    record = ran(late(3), MINUTE, stale_recovery_bars=3.0)
    assert tripped(record, Breaker.STALE) == [5, 6, 7]
    assert vetoed_by(record, 5) == "emergency"
    assert record.all_decisions[8]["verdict"] == Verdict.ALLOW
    assert tripped(ran(late(2), MINUTE, stale_recovery_bars=3.0), Breaker.STALE) == []


def test_a_session_market_is_not_stale_after_a_night() -> None:
    record = ran(late(900), MINUTE, instrument(ContractKind.EQUITY), stale_recovery_bars=3.0)
    assert tripped(record, Breaker.STALE) == []


def test_no_number_for_stale_or_crash_stops_entries() -> None:
    for name, events, first, bit in (
        ("stale_recovery_bars", late(3), 5, Breaker.STALE),
        ("crash_fall_pct", falling(971), 30, Breaker.CRASH),
    ):
        target = engine(SPOT)
        target.params[0]["risk"]["emergency"][name] = math.nan
        assert first in tripped(run(target, events), bit)


def test_breakers_survive_a_restart() -> None:
    prices = [100] * 5 + [96] * 15
    events = hourly(prices, [1.0] * 6 + [0.0, 0.0] + [1.0] * 12)
    settings = engine_settings("permissive", {"daily_loss_pct": 3.0})
    first, second = (engine(SPOT, settings, interval_ns=HOUR) for _ in range(2))
    run(first, events[:8])
    for name in ("account", "books", "orders"):
        getattr(second, name)[:] = getattr(first, name)
    record = run(second, events[8:])
    assert set(record.all_decisions["verdict"].tolist()) == {int(Verdict.VETO)}
    assert record.fills() == []


def test_a_breaker_cancels_the_entry_that_is_still_filling() -> None:
    """Nothing is opened while a breaker is tripped, not even the rest of an order from before."""
    costs = CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1"))
    rows = [Bar(100, 100, 100, 100, volume=500, signal=1.0)] * 2 + [Bar(90, 90, 90, 90, volume=100, signal=1.0)] * 4
    settings = engine_settings("permissive", {"daily_loss_pct": 3.0}, costs)
    record = run(engine(SPOT, settings, interval_ns=HOUR), bars_to_events(rows, HOUR))
    assert record.fills() == [(50, 100), (10, 90)]
    assert tripped(record, Breaker.DAILY_LOSS) == [2, 3, 4, 5]
    assert record.all_decisions["position"].tolist() == [0, 50, 60, 60, 60, 60]
