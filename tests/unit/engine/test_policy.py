"""From a signal to a position: sizing, reversals, protective exits, targets that change on the way."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from tests.builders import MINUTE, MONDAY, Bar, Record, bars_to_events, engine, engine_settings, instrument, run

from quaestor.engine.settings import CostSettings
from quaestor.ledger.codes import EventKind, OrderAction, Purpose, Refusal, Verdict
from quaestor.ledger.rows import EVENT

NAN = float("nan")
BOTH = instrument(shortable=True)


def signalled(signals: Sequence[float], price: int = 100, **fields: float) -> list[Bar]:
    return [Bar(price, price, price, price, signal=signal, **fields) for signal in signals]  # type: ignore[arg-type]


def ran(bars: Sequence[Bar], limits: dict[str, float] | None = None, **changes: object) -> Record:
    return run(engine(BOTH, engine_settings("permissive", limits, **changes)), bars_to_events(bars))  # type: ignore[arg-type]


def test_a_position_is_sized_once_and_then_left_alone() -> None:
    rows = [Bar(p, p, p, p, signal=s) for p, s in [(100, 1), (100, 1), (150, 0.5), (50, NAN), (60, 0.1), (60, 0)]]
    record = ran([*rows, Bar(60, 60, 60, 60)])
    assert record.fills() == [(100, 100), (-100, 60)]


@pytest.mark.parametrize(
    ("signal", "size", "lots"), [(1.0, 1.0, 100), (0.5, 1.0, 50), (-0.25, 1.0, -25), (1.0, 0.333, 33), (0.0, 1.0, 0)]
)
def test_strength_and_size_scale_the_position(signal: float, size: float, lots: int) -> None:
    assert ran(signalled([signal]), size=size).all_decisions["target"].tolist() == [lots]


def test_the_fee_is_reserved() -> None:
    traded = instrument(taker_fee=Decimal("0.01"))
    record = run(engine(traded), bars_to_events(signalled([1.0, 1.0])))
    assert record.fills() == [(99, 100)]
    assert record.all_decisions[-1]["cash"] == 1_000_000 - 990_000 - 9_900


def test_a_reversal_is_two_trades_and_says_so() -> None:
    record = ran(signalled([1, 1, -1, -1, 0, 0]))
    assert record.fills() == [(100, 100), (-100, 100), (-100, 100), (100, 100)]
    assert record.all_trades["side"].tolist() == [1, -1]
    assert record.all_trades["reason"].tolist() == [Purpose.REVERSAL, Purpose.SIGNAL_EXIT]


def test_too_little_confidence_enters_nothing() -> None:
    rows = [*signalled([1.0], confidence=0.5), *signalled([1.0], confidence=0.7), *signalled([1.0])]
    assert ran(rows, confidence_min=0.6).fills() == [(100, 100)]


def test_a_position_is_held_for_its_shortest_time_whatever_the_signal_says() -> None:
    record = ran(signalled([1, 1, 0, -1, -1, -1, 0, 0]), hold_bars_min=3)
    assert record.all_decisions["position"].tolist() == [0, 100, 100, 100, -100, -100, -100, 0]
    assert record.all_trades["reason"].tolist() == [Purpose.REVERSAL, Purpose.SIGNAL_EXIT]


def test_an_entry_that_has_not_filled_is_called_back_in_its_shortest_time() -> None:
    assert ran(signalled([1, 1, 0, 0, 0, 0, 0]), costs=LATE, hold_bars_min=9).fills() == []


# --- strength that moves


def test_a_position_follows_its_strength_by_steps() -> None:
    record = ran(signalled([0.5, 0.5, 0.55, 0.75, 0.75, 0.7, 0.25, 0.25, NAN, 0.25]), resize_step=0.2)
    assert record.fills() == [(50, 100), (25, 100), (-50, 100)]
    assert record.all_trades["exit_decision"].size == 0


def test_an_infinite_step_sizes_once() -> None:
    rows = signalled([0.5, 0.5, 1.0, 0.1, 0.9, 0.0, 0.0])
    assert ran(rows).fills() == [(50, 100), (-50, 100)]


def test_what_was_refused_is_not_asked_again_at_every_bar() -> None:
    record = ran(signalled([0.1] * 2 + [1.0] * 5), {"position_pct": 20.0}, resize_step=0.2)
    assert record.fills() == [(10, 100), (10, 100)]
    assert np.count_nonzero(record.all_decisions["verdict"]) == 2


def test_every_part_of_a_position_has_its_stop_and_all_are_trailed() -> None:
    bars = [*signalled([0.5, 1.0, 1.0]), Bar(100, 120, 100, 120, signal=1.0), Bar(120, 120, 100, 100, signal=1.0)]
    record = ran(bars, {"stop_loss_pct": 10.0, "trailing_pct": 5.0}, resize_step=0.2)
    assert record.fills() == [(50, 100), (50, 100), (-50, 114), (-50, 114)]


def test_a_weight_scales_the_position_and_follows_the_same_step() -> None:
    several = [instrument(symbol=f"S{k}", base=f"A{k}") for k in range(2)]
    target = engine(several, engine_settings(size=0.3, resize_step=0.1))
    bars = [Bar(100, 100, 100, 100, signal=1.0, instrument=k, ts=MONDAY + i * MINUTE) for i in range(9) for k in (0, 1)]
    events, record = bars_to_events(bars), Record()
    for i, weights in enumerate([None, (75, 25), None, (72, 28), (50, 50), (100, 0), None, (50, 50), None]):
        if weights is not None:
            allocation = np.zeros(2, EVENT)
            allocation["kind"], allocation["instrument"] = EventKind.ALLOCATION, (0, 1)
            allocation["amount"] = np.array(weights) * 1_000_000
            target.run(allocation, 0, 2, record.keep)
        target.run(events, 2 * i, 2 * i + 2, record.keep)
    held = record.all_decisions["position"].reshape(-1, 2).tolist()
    assert held == [[0, 0], [30, 30], [45, 15], [45, 15], [45, 15], [30, 30], [60, 0], [60, 0], [30, 30]]


# --- after a protective exit

STOPPED = [
    Bar(100, 100, 100, 100, signal=1.0),
    Bar(100, 100, 100, 100, signal=1.0),
    Bar(100, 100, 94, 98, signal=1.0),  # stopped at 95
    Bar(98, 98, 98, 98, signal=1.0),
    Bar(98, 98, 98, 98, signal=1.0),
]


def test_no_reentry_after_a_stop_until_the_signal_changes() -> None:
    changed = [*signalled([0.0, 1.0, 1.0], 98)]
    record = ran([*STOPPED, *changed], {"stop_loss_pct": 5.0})
    assert record.fills()[:3] == [(100, 100), (-100, 95), (96, 98)]
    assert record.all_decisions["target"].tolist() == [100, 100, 0, 0, 0, 0, 96, 96]
    assert record.all_trades["reason"].tolist() == [Purpose.STOP_LOSS]


def test_the_other_direction_may_be_entered_at_once() -> None:
    record = ran([*STOPPED, *signalled([-1.0, -1.0], 98)], {"stop_loss_pct": 5.0})
    assert record.fills()[2] == (-96, 98)


def test_reentry_can_be_allowed() -> None:
    record = ran(STOPPED, {"stop_loss_pct": 5.0}, reenter=True)
    assert record.fills() == [(100, 100), (-100, 95), (96, 98)]


def test_a_target_blocks_the_same_way() -> None:
    rows = [*signalled([1.0, 1.0]), Bar(100, 111, 100, 110, signal=1.0), *signalled([1.0, 1.0], 110)]
    record = ran(rows, {"take_profit_pct": 10.0})
    assert record.fills() == [(100, 100), (-100, 110)]
    assert record.all_trades["reason"].tolist() == [Purpose.TAKE_PROFIT]


# --- orders on their way

LATE = CostSettings(Decimal(0), Decimal(0), 180_000, None)  # three bars of latency


def test_a_target_that_changes_while_a_reversal_is_on_its_way() -> None:
    """Flat is flat: the short half of the reversal is called back although the books add up to zero already."""
    record = ran(signalled([1, 1, 1, 1, 1, -1, 0, 0, 0, 0, 0, 0]), costs=LATE)
    assert record.fills() == [(100, 100), (-100, 100)]
    assert record.all_decisions["position"].min() == 0


def test_an_unchanged_signal_sends_nothing_twice_while_orders_are_on_their_way() -> None:
    record = ran(signalled([1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1]), costs=LATE)
    assert record.fills() == [(100, 100), (-100, 100), (-100, 100)]
    assert (record.all_orders["action"] == OrderAction.NEW).sum() == 3


def test_an_entry_called_back_before_it_arrives_never_fills() -> None:
    record = ran(signalled([1, 1, 0, 0, 0, 0, 0]), costs=LATE)
    assert record.fills() == []
    ended = record.all_orders[record.all_orders["action"] == OrderAction.CANCELLED]
    assert ended["reason"].tolist() == [Refusal.REPLACED]


def test_a_position_stopped_out_while_its_entry_still_fills_is_not_refilled() -> None:
    capped = CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1"))
    rows = [
        Bar(100, 100, 100, 100, signal=1.0),
        Bar(100, 100, 100, 100, signal=1.0, volume=300),
        Bar(96, 96, 90, 92, signal=1.0, volume=600),
        *signalled([1.0] * 4, 92),
    ]
    record = ran(rows, {"stop_loss_pct": 5.0}, costs=capped)
    assert record.fills() == [(30, 100), (60, 96), (-90, 92)]
    assert record.all_decisions["position"].tolist() == [0, 30, 90, 0, 0, 0, 0]


def test_what_the_venue_refuses_is_asked_again() -> None:
    rows = [Bar(100, 100, 100, 100, signal=1.0), Bar(98, 98, 98, 98, signal=1.0), Bar(98, 99, 96, 98, signal=1.0)]
    record = ran(rows, algorithm="passive")
    refused = record.all_orders[record.all_orders["action"] == OrderAction.REJECTED]
    assert refused["reason"].tolist() == [Refusal.WOULD_TAKE]
    assert record.fills() == [(102, 97)]


def test_a_veto_is_counted_and_named() -> None:
    target = engine(instrument(), engine_settings("permissive"))
    record = run(target, bars_to_events(signalled([-1.0])))
    assert record.all_decisions["verdict"].tolist() == [Verdict.VETO]
    assert target.account[0]["risk"]["vetoes"] == 1
