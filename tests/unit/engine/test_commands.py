"""Operator commands and unknown outcomes: kill, pause, resume, reset, an order that nobody answers for."""

from decimal import Decimal

import numpy as np
import pytest
from tests.builders import MINUTE, MONDAY, Bar, Outside, Record, bars_to_events, command, engine, engine_settings
from tests.builders import instrument as make

from quaestor.engine.engine import Engine
from quaestor.engine.settings import CostSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Breaker, Command, EventKind, OrderAction, OrderStatus, Purpose, Refusal, Verdict
from quaestor.ledger.rows import EVENT

SPOT = make()
LONG = Bar(100, 100, 100, 100, signal=1.0)
QUIET = Bar(100, 100, 100, 100)
FLAT = Bar(100, 100, 100, 100, signal=0.0)


class Session:
    """An engine fed bars and commands one by one."""

    def __init__(self, target: Engine) -> None:
        self.engine = target
        self.record = Record()
        self._now = MONDAY

    def bars(self, *rows: Bar) -> Table:
        """Feed bars; their decisions."""
        events = bars_to_events(rows, start_ts=self._now)
        self._now += len(rows) * MINUTE
        self.engine.run(events, 0, len(rows), self.record.keep)
        return self.record.all_decisions[-len(rows) :]

    def command(self, code: Command) -> None:
        """Feed a command between two bars."""
        self.engine.run(command(code, self._now), 0, 1, self.record.keep)

    @property
    def breakers(self) -> int:
        """What is tripped."""
        return int(self.engine.account[0]["risk"]["breakers"])

    @property
    def live(self) -> int:
        """How many orders can still trade."""
        return int(self.engine.account[0]["order_state"]["n_orders"])


def session(costs: CostSettings | None = None, algorithm: str = "market", **limits: float) -> Session:
    return Session(engine(SPOT, engine_settings("permissive", limits, costs, algorithm=algorithm)))


def test_kill_cancels_flattens_and_halts_until_reset() -> None:
    s = session(stop_loss_pct=5.0, take_profit_pct=5.0)
    s.bars(LONG, LONG)
    assert s.live == 2  # the legs of the bracket
    s.command(Command.KILL)
    s.bars(LONG)
    assert s.record.fills() == [(100, 100), (-100, 100)]
    assert s.record.all_trades["reason"].tolist() == [Purpose.KILL]
    assert s.live == 0
    rows = s.bars(LONG, LONG)
    assert rows["verdict"].tolist() == [Verdict.VETO] * 2
    s.command(Command.RESUME)
    assert s.breakers == Breaker.KILLED
    s.command(Command.RESET)
    assert s.breakers == Breaker.NONE
    assert s.bars(LONG)["verdict"].tolist() == [Verdict.ALLOW]


def test_kill_cancels_an_entry_on_its_way() -> None:
    s = session()
    s.bars(LONG)
    s.command(Command.KILL)
    s.bars(LONG)
    ended = s.record.all_orders[s.record.all_orders["action"] == OrderAction.CANCELLED]
    assert ended["reason"].tolist() == [Refusal.KILLED]
    assert s.record.fills() == []


def test_kill_flattens_even_what_an_exit_is_already_taking_off() -> None:
    s = session(CostSettings(Decimal(0), Decimal(0), 0, Decimal("0.1")))
    s.bars(LONG, LONG)
    s.bars(FLAT)
    s.command(Command.KILL)
    s.bars(Bar(100, 100, 100, 100, volume=400), Bar(100, 100, 100, 100, volume=10_000))
    assert s.record.fills() == [(100, 100), (-40, 100), (-60, 100)]


def test_pause_stops_entries_and_resume_lifts_it() -> None:
    s = session()
    s.command(Command.PAUSE)
    assert s.bars(LONG)["verdict"].tolist() == [Verdict.VETO]
    s.command(Command.RESET)
    assert s.breakers == Breaker.PAUSED  # only RESUME ends a pause
    s.command(Command.RESUME)
    assert s.bars(LONG)["verdict"].tolist() == [Verdict.ALLOW]


def test_pause_lets_exits_through() -> None:
    s = session()
    s.bars(LONG, LONG)
    s.command(Command.PAUSE)
    s.bars(FLAT, QUIET)
    assert s.record.fills() == [(100, 100), (-100, 100)]


def test_pause_cancels_a_resting_entry() -> None:
    s = session(algorithm="passive")
    s.bars(LONG, LONG)
    assert s.live == 1
    s.command(Command.PAUSE)
    assert s.live == 0
    s.bars(Bar(100, 100, 90, 95, signal=1.0))
    assert s.record.fills() == []


def test_a_reset_measures_losses_from_the_present_equity() -> None:
    s = session(daily_loss_pct=3.0, weekly_loss_pct=3.0, drawdown_pct=3.0)
    s.bars(LONG, LONG, Bar(95, 95, 95, 95, signal=1.0), Bar(95, 95, 95, 95, signal=0.0))
    assert s.breakers == Breaker.DAILY_LOSS | Breaker.WEEKLY_LOSS | Breaker.DRAWDOWN
    s.command(Command.RESET)
    assert s.bars(Bar(95, 95, 95, 95, signal=1.0))["verdict"].tolist() == [Verdict.ALLOW]
    assert s.breakers == Breaker.NONE


# --- an order whose outcome is unknown


def answer(kind: EventKind, order_id: int, **fields: int) -> Table:
    rows = np.zeros(1, EVENT)
    rows[0]["kind"], rows[0]["order_id"], rows[0]["ts"] = kind, order_id, MONDAY
    for name, value in fields.items():
        rows[0][name] = value
    return rows


def unknown() -> tuple[Engine, int]:
    """An engine whose first entry got no answer."""
    target = engine(SPOT, venue_inside=False)
    target.advance(bars_to_events([LONG]), 0, 1)
    order_id = int(target.drain().orders[0]["order"]["id"])
    target.advance(answer(EventKind.UNKNOWN, order_id), 0, 1)
    target.drain()
    return target, order_id


def breakers(target: Engine) -> int:
    return int(target.account[0]["risk"]["breakers"])


def test_an_unknown_outcome_freezes_entries_and_is_never_taken_for_a_failure() -> None:
    target, order_id = unknown()
    assert breakers(target) == Breaker.UNKNOWN_ORDER
    target.advance(bars_to_events([LONG, LONG], start_ts=MONDAY + MINUTE), 0, 2)
    output = target.drain()
    assert len(output.orders) == 0  # neither sent again nor cancelled
    assert int(target.orders[0]["id"]) == order_id
    assert target.orders[0]["status"] == OrderStatus.UNKNOWN


def test_a_reset_does_not_answer_for_the_venue() -> None:
    target, _ = unknown()
    target.advance(command(Command.RESET, MONDAY), 0, 1)
    assert breakers(target) == Breaker.UNKNOWN_ORDER


@pytest.mark.parametrize(
    ("kind", "fields", "position"),
    [
        (EventKind.ACCEPTED, {}, 0),
        (EventKind.REJECTED, {"code": Refusal.VENUE}, 0),
        (EventKind.CANCELLED, {}, 0),
        (EventKind.EXECUTION, {"lots": 100, "price": 100}, 100),
        (EventKind.EXECUTION, {"lots": 40, "price": 100}, 40),
    ],
)
def test_any_answer_lifts_the_freeze(kind: EventKind, fields: dict[str, int], position: int) -> None:
    target, order_id = unknown()
    target.advance(answer(kind, order_id, **fields), 0, 1)
    assert breakers(target) == Breaker.NONE
    assert target.books[0]["position"]["lots"] == position
    assert target.account[0]["risk"]["unknown_orders"] == 0


# --- the venue's side


def test_the_venue_never_executes_an_order_twice() -> None:
    outside = Outside.of([SPOT], engine_settings(size=0.3))
    events = bars_to_events([LONG, LONG, LONG])
    outside.step(events, 0)
    sent = outside.record.all_orders[:1].copy()
    outside.venue.submit(sent)  # type: ignore[arg-type]  # sent again while it works
    outside.step(events, 1)
    again = outside.venue.submit(sent)  # type: ignore[arg-type]  # and after it has filled
    assert again["kind"].tolist() == [EventKind.ACCEPTED]
    outside.step(events, 2)
    assert outside.venue.books[0]["position"]["lots"] == 30
    assert outside.record.fills() == [(30, 100)]
