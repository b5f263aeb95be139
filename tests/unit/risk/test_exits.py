"""Exits: stops and targets at entry, trailing stops, and market exits."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import Bar, Outside, Record, bars_to_events, engine, engine_settings, instrument, run

from quaestor.engine.settings import CostSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import ContractKind, OrderAction, OrderStatus, OrderType, Purpose, Regime

BOTH = instrument(shortable=True)
NAN = math.nan
CAPPED = CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1"))


def ran(bars: Sequence[Bar], **limits: float) -> Record:
    return run(engine(BOTH, engine_settings("permissive", limits)), bars_to_events(bars))


def level(price: int, signal: float = 1.0, **fields: float) -> Bar:
    return Bar(price, price, price, price, signal=signal, **fields)  # type: ignore[arg-type]


def entry_of(record: Record) -> Table:
    rows = record.all_orders
    return rows[(rows["action"] == OrderAction.NEW) & (rows["order"]["purpose"] == Purpose.ENTRY)][0]["order"]


def triggers(record: Record) -> list[int]:
    """Triggers of the stop, from its placement on."""
    rows = record.all_orders
    is_stop = rows["order"]["type"] == OrderType.STOP
    moves = np.isin(rows["action"], (OrderAction.NEW, OrderAction.AMEND))
    return rows[is_stop & moves]["order"]["trigger"].tolist()


# --- at entry


@pytest.mark.parametrize(
    ("limits", "atr", "stop", "target"),
    [
        ({"stop_loss_pct": 5.0}, NAN, 50, 0),
        ({"stop_loss_pct": 5.01}, NAN, 51, 0),  # 50.1 ticks, rounded up
        ({"take_profit_pct": 10.0}, NAN, 0, 100),
        ({"stop_loss_pct": 5.0, "take_profit_pct": 10.0}, NAN, 50, 100),
        ({"atr_stop_multiple": 3.0}, 12.5, 38, 0),
        ({"atr_stop_multiple": 3.0}, NAN, 0, 0),
        ({"atr_stop_multiple": 3.0}, 0.0, 0, 0),
        ({"chandelier_multiple": 2.0}, 12.5, 25, 0),
        ({"trailing_pct": 4.0}, NAN, 40, 0),
        ({"stop_loss_pct": 5.0, "atr_stop_multiple": 3.0, "trailing_pct": 4.0}, 12.5, 38, 0),  # the tightest holds
        ({"stop_loss_pct": 5.0, "atr_stop_multiple": 3.0}, NAN, 50, 0),
        ({"stop_loss_pct": 100.0}, NAN, 0, 0),  # a stop at a price of 0 is none
        ({}, 12.5, 0, 0),
    ],
)
@pytest.mark.parametrize("signal", [1.0, -1.0])
def test_an_entry_carries_the_tightest_stop_and_the_target(
    limits: dict[str, float], atr: float, stop: int, target: int, signal: float
) -> None:
    order = entry_of(ran([level(1000, signal, atr=atr)], **limits))
    assert (int(order["bracket_stop"]), int(order["bracket_target"])) == (stop, target)


@pytest.mark.parametrize(
    ("regime", "stop"),
    [
        (Regime.NORMAL, 50),
        (Regime.VOLATILE, 75),
        (Regime.TRENDING, 40),
        (Regime.CRASH, 100),
        (Regime.BULL_RUN, 35),
        (Regime.RECOVERY, 65),
    ],
)
def test_stops_follow_the_regime_at_entry(regime: Regime, stop: int) -> None:
    order = entry_of(ran([level(1000, regime=regime)], stop_loss_pct=5.0))
    assert int(order["bracket_stop"]) == stop


def test_the_stop_is_measured_from_the_price_of_the_fill() -> None:
    assert triggers(ran([level(1000), level(990)], stop_loss_pct=5.0)) == [940]
    assert triggers(ran([level(1000, -1.0), level(990, -1.0)], stop_loss_pct=5.0)) == [1040]


# --- while a position is held


def test_a_trailing_stop_follows_the_best_price_and_never_loosens() -> None:
    rows = [level(1000), level(1000), Bar(1000, 1100, 1000, 1050), level(1050), Bar(1060, 1200, 1060, 1190)]
    record = ran([*rows, Bar(1190, 1190, 1080, 1100), level(1080)], trailing_pct=10.0)
    assert triggers(record) == [900, 990, 1080]
    assert record.fills()[-1] == (-10, 1080)
    assert record.all_trades["reason"].tolist() == [Purpose.TRAILING_STOP]


def test_a_trailing_stop_of_a_short_follows_downwards() -> None:
    rows = [level(1000, -1.0), level(1000, -1.0), Bar(1000, 1000, 900, 950), Bar(950, 995, 950, 980)]
    record = ran(rows, trailing_pct=10.0)
    assert triggers(record) == [1100, 990]
    assert record.fills()[-1] == (10, 990)


def test_a_trailing_stop_tightens_with_time_down_to_its_floor() -> None:
    rows = [level(1000)] * 8
    record = ran(rows, trailing_pct=10.0, trailing_tighten_pct=20.0, trailing_floor_pct=50.0)
    assert triggers(record) == [900, 920, 940, 950]


def test_a_chandelier_stop_is_the_present_range_below_the_best_price() -> None:
    rows = [
        level(1000, atr=20.0),
        level(1000, atr=20.0),
        Bar(1000, 1100, 1000, 1080, atr=25.0),
        Bar(1080, 1090, 1070, 1080, atr=40.0),  # wider: stays where it is
        Bar(1080, 1090, 1070, 1080, atr=10.0),
    ]
    assert triggers(ran(rows, chandelier_multiple=3.0)) == [940, 1025, 1070]


def test_a_stop_unknown_at_entry_is_placed_once_it_is_known() -> None:
    rows = [level(1000), level(1000), level(1000, atr=20.0), Bar(1000, 1000, 930, 950, atr=20.0)]
    record = ran(rows, chandelier_multiple=3.0)
    assert triggers(record) == [940]
    assert record.fills() == [(10, 1000), (-10, 940)]


def test_a_late_stop_covers_the_position_despite_a_reversal_in_flight() -> None:
    """A reversal waits for volume: what it will open on the other side is not deducted from the position."""
    rows = [level(1000), level(1000), level(1000, -1.0), level(1000, -1.0, atr=20.0, volume=0)]
    target = engine(BOTH, engine_settings("permissive", {"chandelier_multiple": 3.0}, CAPPED))
    run(target, bars_to_events(rows))
    table = target.orders[: int(target.account[0]["order_state"]["n_orders"])]
    assert int(target.books[0]["position"]["lots"]) == 10
    assert table["lots"][table["type"] == OrderType.STOP].tolist() == [10]


def test_a_late_stop_is_sent_to_an_outside_venue() -> None:
    rows = bars_to_events([level(1000), level(1000), level(1000, atr=20.0), Bar(1000, 1000, 930, 950, atr=20.0)])
    outside = Outside.of([BOTH], engine_settings("permissive", {"chandelier_multiple": 3.0}))
    for i in range(len(rows)):
        outside.step(rows, i)
    assert outside.record.fills() == [(10, 1000), (-10, 940)]


# --- beyond a level


@pytest.mark.parametrize(
    ("fields", "signal", "stop"),
    [
        ({"support": 960.0, "atr": 10.0}, 1.0, 45),
        ({"support": 960.0, "atr": 10.0, "regime": Regime.VOLATILE}, 1.0, 45),  # a level does not move with the regime
        ({"support": 960.4, "atr": 10.0}, 1.0, 45),  # 44.6, rounded up
        ({"support": 1000.0, "atr": 0.0}, 1.0, 1),  # just beyond
        ({"resistance": 1030.0, "atr": 10.0}, -1.0, 35),
        ({"resistance": 1030.0, "atr": 10.0}, 1.0, 0),  # of no use to a long
        ({"support": 1010.0, "atr": 10.0}, 1.0, 0),  # on the wrong side
        ({"support": NAN, "atr": 10.0}, 1.0, 0),
        ({"support": 960.0, "atr": NAN}, 1.0, 0),
        ({"support": math.inf, "resistance": math.inf, "atr": 10.0}, -1.0, 0),
    ],
)
def test_a_level_stop_lies_the_buffer_beyond_the_nearest_level(
    fields: dict[str, float], signal: float, stop: int
) -> None:
    order = entry_of(ran([level(1000, signal, **fields)], level_buffer_multiple=0.5))
    assert int(order["bracket_stop"]) == stop


def test_a_level_stop_follows_to_nearer_levels_only() -> None:
    supports = [950.0, 950.0, 960.0, 940.0, NAN, 985.0]
    rows = [level(1000, atr=10.0, support=support) for support in supports]
    assert triggers(ran(rows, level_buffer_multiple=1.0)) == [940, 950, 975]


# --- market exits


def reasons(record: Record) -> list[int]:
    return record.all_trades["reason"].tolist()


@pytest.mark.parametrize("bars", [1, 2, 4])
def test_a_time_stop_closes_after_its_bars(bars: int) -> None:
    record = ran([level(1000)] * 8, time_stop_bars=float(bars))
    assert record.all_decisions["position"].tolist() == [0] + [10] * bars + [0] * (7 - bars)
    assert reasons(record) == [Purpose.TIME_STOP]
    assert (record.all_decisions["target"][1 + bars :] == 0).all()  # nor is the same signal entered again


@pytest.mark.parametrize("kind", [ContractKind.SPOT, ContractKind.LINEAR, ContractKind.INVERSE])
@pytest.mark.parametrize(("price", "signal", "closes"), [(1000, 1.0, True), (1001, 1.0, False), (1001, -1.0, True)])
def test_a_position_without_profit_closes_after_the_idle_bars(
    kind: ContractKind, price: int, signal: float, closes: bool
) -> None:
    rows = [level(1000, signal), level(1000, signal), *[level(price, signal)] * 4]
    limits = {"time_stop_idle_bars": 3.0, "time_stop_bars": 100.0}
    record = run(engine(instrument(kind, shortable=True), engine_settings("permissive", limits)), bars_to_events(rows))
    assert reasons(record) == ([Purpose.TIME_STOP] if closes else [])


def test_a_time_stop_is_sent_to_an_outside_venue_once() -> None:
    rows = bars_to_events([level(1000)] * 12)
    late = CostSettings(Decimal(0), Decimal(0), 180_000, None)  # three bars of latency: due again while in flight
    outside = Outside.of([BOTH], engine_settings("permissive", {"time_stop_bars": 1.0}, late))
    for i in range(len(rows)):
        outside.step(rows, i)
    assert outside.record.fills() == [(10, 1000), (-10, 1000)]


def test_a_strong_reversal_closes_within_the_shortest_holding_time() -> None:
    """The policy waits for its shortest holding time; the exit does not, and leaves weak signals to the policy."""
    rows = [level(1000), level(1000), level(1000, 0.0), level(1000, -0.3), level(1000, -0.8, confidence=0.0)]
    held = [0, 10, 10, 10, 10, 0, 0]
    settings_ = engine_settings("permissive", {"reversal_strength": 0.8}, hold_bars_min=100, confidence_min=0.5)
    record = run(engine(BOTH, settings_), bars_to_events([*rows, level(1000, 0.0), level(1000, NAN)]))
    assert record.all_decisions["position"].tolist() == held
    assert reasons(record) == [Purpose.SIGNAL_REVERSAL]
    without = engine_settings("permissive", hold_bars_min=100, confidence_min=0.5)
    assert reasons(run(engine(BOTH, without), bars_to_events([*rows, level(1000, 0.0)]))) == []


def test_after_a_reversal_exit_the_other_side_may_be_entered() -> None:
    settings_ = engine_settings("permissive", {"reversal_strength": 0.8}, hold_bars_min=100)
    rows = [level(1000), level(1000), level(1000, -1.0), level(1000, -1.0), level(1000, -1.0)]
    assert run(engine(BOTH, settings_), bars_to_events(rows)).fills() == [(10, 1000), (-10, 1000), (-10, 1000)]


# --- always


STOPS = st.fixed_dictionaries(
    {"stop_loss_pct": st.sampled_from([2.0, 6.0])},
    optional={
        "atr_stop_multiple": st.sampled_from([1.0, 4.0]),
        "chandelier_multiple": st.sampled_from([1.0, 2.0]),
        "trailing_pct": st.sampled_from([2.0, 5.0]),
        "trailing_tighten_pct": st.sampled_from([3.0, 30.0]),
        "level_buffer_multiple": st.sampled_from([0.0, 0.5]),
        "take_profit_pct": st.sampled_from([3.0, 20.0]),
    },
)


def leaving_at_target(table: Table) -> int:
    """Lots that a triggered target has still to close."""
    begun = np.isin(table["status"], (OrderStatus.TRIGGERED, OrderStatus.PARTIAL))
    rows = table[(table["type"] == OrderType.TAKE_PROFIT) & begun]
    return int((rows["lots"] - rows["filled"]).sum())


@settings(max_examples=150)
@given(st.integers(0, 10**6), st.sampled_from([1.0, -1.0]), st.booleans(), STOPS)
def test_while_a_position_is_open_its_stop_stays_and_only_tightens(
    seed: int, signal: float, capped: bool, limits: dict[str, float]
) -> None:
    """For any regimes, ranges, levels and volumes, missing ones included."""
    rng = np.random.default_rng(seed)
    rows, price = [level(1000, signal, atr=10.0)], 1000
    for _ in range(40):
        opened, price = price, max(price + int(rng.normal(0, 15)), 10)
        high, low = max(opened, price) + int(rng.integers(0, 9)), min(opened, price) - int(rng.integers(0, 9))
        fields = {
            "atr": rng.choice([NAN, 0.0, 5.0, 10.0, 30.0, math.inf]),
            "support": rng.choice([NAN, -1.0, math.inf, price - 3.0, price - 30.5]),
            "resistance": rng.choice([NAN, 0.0, math.inf, price + 3.0, price + 30.5]),
        }
        volume, regime = int(rng.choice([0, 40, 10**6])), int(rng.integers(0, 6))
        rows.append(Bar(opened, high, low, price, volume, signal, regime=regime, **fields))
    target = engine(BOTH, engine_settings("permissive", limits, CAPPED if capped else None))
    events, present = bars_to_events(rows), 0
    for i in range(len(events)):
        target.advance(events, i, i + 1)
        table = target.orders[: int(target.account[0]["order_state"]["n_orders"])]
        stops = table[(table["type"] == OrderType.STOP) & (table["reduce_only"] == 1)]
        held = int(target.books[0]["position"]["lots"])
        if (left := leaving_at_target(table)) > 0:  # the stop is cancelled: the rest of the target is a market order
            assert held == 0 or left >= abs(held)
            break
        assert len(stops) == (1 if held else 0)
        if not held:
            present = 0
            continue
        now = int(stops[0]["trigger"])
        assert present == 0 or (now >= present if held > 0 else now <= present)
        assert stops[0]["lots"] - stops[0]["filled"] >= abs(held)
        present = now
