"""Protective exits: where the stop is put, that it trails and tightens, and never loosens nor goes away."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import Bar, Outside, Record, bars_to_events, engine, engine_settings, instrument, run

from quaestor.engine.settings import CostSettings
from quaestor.kernels.codes import OrderAction, OrderType, Purpose, Regime
from quaestor.kernels.layout import Table

BOTH = instrument(shortable=True)
NAN = math.nan


def ran(bars: Sequence[Bar], **limits: float) -> Record:
    return run(engine(BOTH, engine_settings("permissive", limits)), bars_to_events(bars))


def level(price: int, signal: float = 1.0, **fields: float) -> Bar:
    return Bar(price, price, price, price, signal=signal, **fields)  # type: ignore[arg-type]


def entry_of(record: Record) -> Table:
    rows = record.all_orders
    return rows[(rows["action"] == OrderAction.NEW) & (rows["order"]["purpose"] == Purpose.ENTRY)][0]["order"]


def triggers(record: Record) -> list[int]:
    """Where the stop stood, from its birth on."""
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
        ({"stop_loss_pct": 100.0}, NAN, 0, 0),  # a stop at nothing is none
        ({}, 12.5, 0, 0),
    ],
)
@pytest.mark.parametrize("signal", [1.0, -1.0])
def test_the_bracket_of_an_entry(limits: dict[str, float], atr: float, stop: int, target: int, signal: float) -> None:
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


# --- on the way


def test_a_trailing_stop_follows_the_best_price_and_never_falls_back() -> None:
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


def test_a_chandelier_hangs_from_the_best_price_by_the_present_range() -> None:
    rows = [
        level(1000, atr=20.0),
        level(1000, atr=20.0),
        Bar(1000, 1100, 1000, 1080, atr=25.0),
        Bar(1080, 1090, 1070, 1080, atr=40.0),  # wider: stays where it is
        Bar(1080, 1090, 1070, 1080, atr=10.0),
    ]
    assert triggers(ran(rows, chandelier_multiple=3.0)) == [940, 1025, 1070]


def test_a_stop_that_could_not_be_placed_at_entry_is_placed_as_soon_as_it_can() -> None:
    rows = [level(1000), level(1000), level(1000, atr=20.0), Bar(1000, 1000, 930, 950, atr=20.0)]
    record = ran(rows, chandelier_multiple=3.0)
    assert triggers(record) == [940]
    assert record.fills() == [(10, 1000), (-10, 940)]


def test_a_late_stop_reaches_an_outside_venue_too() -> None:
    rows = bars_to_events([level(1000), level(1000), level(1000, atr=20.0), Bar(1000, 1000, 930, 950, atr=20.0)])
    outside = Outside.of([BOTH], engine_settings("permissive", {"chandelier_multiple": 3.0}))
    for i in range(len(rows)):
        outside.step(rows, i)
    assert outside.record.fills() == [(10, 1000), (-10, 940)]


@settings(max_examples=100)
@given(st.integers(0, 10**6), st.sampled_from([1.0, -1.0]), st.booleans())
def test_while_a_position_is_open_its_stop_stays_and_only_tightens(seed: int, signal: float, capped: bool) -> None:
    rng = np.random.default_rng(seed)
    rows, price = [level(1000, signal, atr=10.0)], 1000
    for _ in range(40):
        opened, price = price, max(price + int(rng.normal(0, 15)), 10)
        high, low = max(opened, price) + int(rng.integers(0, 9)), min(opened, price) - int(rng.integers(0, 9))
        atr = float(rng.choice([NAN, 5.0, 10.0, 30.0]))
        rows.append(Bar(opened, high, low, price, signal=signal, atr=atr, volume=int(rng.choice([0, 40, 10**6]))))
    costs = CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1")) if capped else None
    limits = {"stop_loss_pct": 6.0, "chandelier_multiple": 2.0, "trailing_pct": 5.0, "trailing_tighten_pct": 3.0}
    target = engine(BOTH, engine_settings("permissive", limits, costs))
    events, present = bars_to_events(rows), 0
    for i in range(len(events)):
        target.advance(events, i, i + 1)
        table = target.orders[: int(target.account[0]["keeping"]["n_orders"])]
        stops = table[(table["type"] == OrderType.STOP) & (table["reduce_only"] == 1)]
        held = int(target.books[0]["position"]["lots"])
        assert len(stops) == (1 if held else 0)
        if not held:
            present = 0
            continue
        now = int(stops[0]["trigger"])
        assert present == 0 or (now >= present if held > 0 else now <= present)
        assert stops[0]["lots"] - stops[0]["filled"] >= abs(held)
        present = now
