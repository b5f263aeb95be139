"""Traps of compiled code: that each exists, and how the package avoids it."""

import numpy as np
import pytest
from numba.core.errors import NumbaError
from tests.builders import MINUTE, MONDAY, Bar, bars_to_events, engine, engine_settings, flat_bars, instrument, run

from quaestor.adapters.venues.simulated import SimulatedVenue
from quaestor.domain.bars import Bars
from quaestor.engine.engine import Engine
from quaestor.engine.market_rows import Window, make_grid, write_events
from quaestor.engine.settings import pack_instruments, pack_params
from quaestor.errors import InvariantError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, EventKind, OrderAction, OrderType, Purpose, Quality, Refusal
from quaestor.ledger.order_table import ORDER_STATE, add, end, free_rows
from quaestor.ledger.rows import EVENT, ORDER, ORDER_EVENT
from quaestor.numeric.arithmetic import floor_div, muldiv_floor, round_half_even
from quaestor.ports.venue import ApprovedOrders

CELL = np.dtype([("whole", "i8")])


@kernel
def store(cell_table: Table, x: float) -> None:
    cell_table[0]["whole"] = x


@kernel
def multiply(a: int, b: int) -> int:
    return a * b


@kernel
def quotient(a: int, b: int) -> int:
    return a // b


@kernel
def to_int(x: float) -> int:
    return int(x)


@kernel
def exceeds(x: float, cap: float) -> bool:
    return abs(x) > cap


# --- a float stored in an integer field truncates silently


def test_a_float_stored_in_an_integer_field_truncates() -> None:
    cell = np.zeros(1, CELL)
    store(cell, 2.9999999)
    assert cell[0]["whole"] == 2


def test_prices_are_rounded_to_the_nearest_tick_before_they_are_stored() -> None:
    price = 29.0 * 0.01 * 100  # 28.999999999999996 ticks of 0.01 when divided
    window = written_events(price / 100, tick=0.01)
    assert int(window.events[0]["close"]) == 29


def written_events(price: float, *, tick: float, volume: float = 1.0, flags: int = 0) -> Window:
    """One bar at a price, written through the same kernel as every run."""
    bars = Bars("TEST", MINUTE, np.array([MONDAY]), np.array([[price]] * 4 + [[volume]]), np.zeros(1, np.uint32))
    window = Window.of_capacity(1)
    window.fill(bars, None, 0, 1)
    window.flags[0] = flags
    grid = make_grid(instrument(), MINUTE, 0, 0)
    grid["tick"] = tick
    features, opinion, regimes = np.zeros((1, 1)), np.zeros((2, 1)), np.zeros(1, np.int8)
    arrays = (window.ts, window.columns, window.flags, window.funding, features, opinion, regimes)
    write_events(grid, *arrays, window.events, 0, 1)
    return window


# --- int64 wraps


def test_a_product_of_64_bit_integers_wraps() -> None:
    assert multiply(2**62, 4) == 0


def test_muldiv_does_not_wrap() -> None:
    assert muldiv_floor(2**62, 4, 8) == 2**61
    with pytest.raises(OverflowError):
        muldiv_floor(2**62, 4, 1)


# --- a division by zero gives 0


def test_an_integer_division_by_zero_goes_unnoticed() -> None:
    assert quotient(7, 0) == 0


def test_integer_divisions_of_the_package_raise_on_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        floor_div(7, 0)
    with pytest.raises(ZeroDivisionError):
        muldiv_floor(7, 1, 0)


# --- int(nan)


def test_the_integer_of_nan_is_a_number() -> None:
    assert to_int(float("nan")) == -(2**63)


def test_rounding_of_the_package_refuses_nan() -> None:
    with pytest.raises(OverflowError):
        round_half_even(float("nan"))


def test_a_price_that_is_nan_never_becomes_ticks() -> None:
    with pytest.raises(OverflowError):
        written_events(float("nan"), tick=0.01)
    blank = written_events(float("nan"), tick=0.01, flags=int(Quality.NOT_FINITE))
    assert int(blank.events[0]["close"]) == 0


def test_a_volume_beyond_64_bits_is_capped() -> None:
    assert 0 < int(written_events(1.0, tick=0.01, volume=1e300).events[0]["volume"]) < 2**62 + 2**61


def test_a_quarantined_bar_clears_what_its_row_held_before() -> None:
    """Rows are reused: otherwise a decision would depend on how the bars were cut into chunks."""
    bars = Bars("TEST", MINUTE, np.array([MONDAY]), np.ones((5, 1)), np.zeros(1, np.uint32))
    window = Window.of_capacity(1)
    window.fill(bars, None, 0, 1)
    window.flags[0] = int(Quality.DUPLICATE)
    for name in ("open", "high", "low", "close", "volume", "funding_rate", "funding_mark"):
        window.events[name] = 77
    features, opinion, regimes = np.zeros((1, 1)), np.zeros((2, 1)), np.zeros(1, np.int8)
    arrays = (window.ts, window.columns, window.flags, window.funding, features, opinion, regimes)
    write_events(make_grid(instrument(), MINUTE, 0, 0), *arrays, window.events, 0, 1)
    assert [int(window.events[0][n]) for n in ("open", "close", "volume", "funding_rate", "funding_mark")] == [0] * 5


# --- comparisons with nan


def test_a_comparison_with_a_nan_cap_passes_everything() -> None:
    assert not exceeds(1e9, float("nan"))


def test_a_nan_signal_is_no_opinion_and_a_nan_confidence_opens_nothing() -> None:
    events = bars_to_events(
        [
            Bar(100, 100, 100, 100, signal=float("nan")),
            Bar(100, 100, 100, 100, signal=2.0),
            Bar(100, 100, 100, 100, signal=1.0, confidence=float("nan")),
        ]
    )
    assert run(engine(instrument()), events).all_decisions["target"].tolist() == [0, 0, 0]


# --- reads and writes out of bounds succeed


@pytest.mark.parametrize(("field", "value"), [("instrument", 1), ("instrument", -1), ("regime", 6), ("regime", -1)])
@pytest.mark.parametrize("kind", [EventKind.BAR, EventKind.EXECUTION, EventKind.FUNDING])
def test_an_event_of_an_unknown_instrument_or_regime_stops_the_engine(field: str, value: int, kind: EventKind) -> None:
    target = engine(instrument())
    events = bars_to_events(flat_bars([100]))
    events[0][field] = value
    events[0]["kind"] = kind
    before = target.digest()
    with pytest.raises(InvariantError):
        target.advance(events, 0, 1)
    target.account["fault"] = 0
    assert target.digest() == before


def test_the_engine_stops_when_its_decision_buffer_is_full() -> None:
    target = Engine(
        pack_instruments([instrument()], MINUTE, 1), pack_params(engine_settings(), MINUTE, venue_inside=True), 10**6
    )
    small = Engine(target.instruments, target.params, 10**6, decision_buffer=3)
    events = bars_to_events(flat_bars([100] * 10))
    assert small.advance(events, 0, 10) == 3
    assert small.advance(events, 3, 10) == 3
    small.drain()
    assert small.advance(events, 3, 10) == 6


def test_a_full_order_table_refuses_further_orders() -> None:
    order_state, orders = np.zeros(1, ORDER_STATE), np.zeros(2, ORDER)
    rows = [add(order_state[0], orders) for _ in range(4)]
    assert rows == [0, 1, -1, -1]
    assert int(order_state[0]["n_orders"]) == 2


def test_rows_for_the_legs_of_a_bracket_are_reserved() -> None:
    order_state, orders = np.zeros(1, ORDER_STATE), np.zeros(8, ORDER)
    k = add(order_state[0], orders)
    assert free_rows(order_state[0], orders) == 7
    orders[k]["status"], orders[k]["bracket_stop"], orders[k]["bracket_target"] = 1, 5, 5
    assert free_rows(order_state[0], orders) == 5
    end(order_state[0], np.zeros(4, ORDER_EVENT), orders[k], 0, 8, Refusal.KILLED)
    assert free_rows(order_state[0], orders) == 7


def test_a_full_venue_refuses_new_orders_and_keeps_room_for_their_legs() -> None:
    params = pack_params(engine_settings(), MINUTE, venue_inside=False)
    venue = SimulatedVenue(pack_instruments([instrument()], MINUTE, 1), params[0]["costs"], 10**9, 10)
    rows = np.zeros(5, ORDER_EVENT)
    rows["action"] = OrderAction.NEW
    for k, row in enumerate(rows):
        order = row["order"]
        order["id"], order["side"], order["type"], order["lots"] = 3 + 3 * k, 1, OrderType.MARKET, 1
        order["purpose"], order["bracket_stop"], order["bracket_target"] = Purpose.ENTRY, 5, 5
    venue_events = venue.submit(ApprovedOrders(rows))
    assert venue_events["kind"].tolist() == [EventKind.ACCEPTED] * 3 + [EventKind.REJECTED] * 2
    assert venue_events["code"].tolist() == [0, 0, 0, Refusal.TABLE_FULL, Refusal.TABLE_FULL]
    filled = venue.on_bar(bars_to_events(flat_bars([100])), 0)
    assert filled["kind"].tolist() == [EventKind.EXECUTION] * 3
    assert int(venue.venue[0]["order_state"]["n_orders"]) == 6


# --- what allocates counts references, atomically, at every row it touches


@kernel
def sorted_copy(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(np.sort(values)[0])


def test_a_kernel_that_allocates_does_not_compile() -> None:
    with pytest.raises(NumbaError):
        sorted_copy(np.array([2.0, 1.0]))


# --- flags are plain integers in kernels


def test_every_breaker_bit_fits_its_field() -> None:
    assert sum(Breaker) < 2**31
    assert EVENT.fields is not None
    assert EVENT.fields["flags"][0].itemsize == 4
