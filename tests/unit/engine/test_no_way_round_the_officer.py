"""No way round the officer: not for hostile numbers, not for a hostile venue, not for code that would like to."""

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import MINUTE, MONDAY, engine, engine_settings, instrument

import quaestor
from quaestor.engine.engine import Engine
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Command, ContractKind, EventKind, OrderAction, OrderStatus, OrderType, Refusal
from quaestor.ledger.rows import EVENT
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.risk.sizing.settings import SizingSettings

# --- fuzz: what the policy, the sizers and the officer read may be anything

ANYTHING = st.one_of(
    st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, 0.0, -0.0, 1.0, -1.0, 0.5]),
    st.floats(),
)
#: Of the `default` profile, what needs no history: the rest would stop everything in so few bars.
LIMITS = {
    "position_pct": 10.0,
    "asset_pct": 20.0,
    "leverage_max": 3.0,
    "risk_per_trade_pct": 2.0,
    "daily_loss_pct": 3.0,
}
LIMITS |= {"stop_loss_pct": 5.0, "take_profit_pct": 10.0}
SANE = (1.0, -1.0, 0.5, 1.0)
FLOATS = ("signal", "confidence", "edge", "edge_error", "edge_bars", "atr", "spread", "support", "resistance")
ANSWERS = (EventKind.ACCEPTED, EventKind.REJECTED, EventKind.CANCELLED, EventKind.UNKNOWN, EventKind.EXECUTION)
TRADED = (instrument(shortable=True), instrument(ContractKind.LINEAR))


def happenings_of(rng: np.random.Generator, pool: list[float], count: int) -> list[Any]:
    """Bars whose figures come from `pool`, a venue's messages, and now and then a command."""
    found: list[Any] = []
    for dice in rng.random(count):
        if dice < 0.85:
            figures = tuple(pool[k] for k in rng.integers(len(pool), size=len(FLOATS)))
            found.append((int(rng.integers(2)), int(rng.integers(900, 1100)), figures, int(rng.integers(6))))
        elif dice < 0.995:
            found.append((ANSWERS[int(rng.integers(len(ANSWERS)))], int(rng.integers(99)), int(rng.integers(10**6))))
        else:
            found.append(Command(int(rng.integers(1, 5))))
    return found


def bar(ts: int, index: int, price: int, floats: tuple[float, ...], regime: int) -> Table:
    events = np.zeros(1, EVENT)
    row = events[0]
    row["kind"], row["open_ts"], row["ts"], row["instrument"], row["regime"] = (
        EventKind.BAR,
        ts,
        ts + MINUTE,
        index,
        regime,
    )
    row["open"], row["high"], row["low"], row["close"], row["volume"] = price, price + 5, price - 5, price, 10**6
    for name, value in zip(FLOATS, floats, strict=True):
        row[name] = value
    return events


def message(target: Engine, ts: int, kind: EventKind, which: int, lots: int) -> Table:
    """Something about one of our orders, as a venue might say it, late or early; never more lots than were ordered."""
    events = np.zeros(1, EVENT)
    table = target.orders[: int(target.account[0]["order_state"]["n_orders"])]
    row: Any = events[0]
    row["kind"], row["ts"], row["order_id"], row["code"] = kind, ts, 10**9, Refusal.VENUE
    if len(table):
        order = table[which % len(table)]
        row["order_id"], row["instrument"] = order["id"], order["instrument"]
        held = int(target.books[int(order["instrument"])]["position"]["lots"])
        left = int(order["lots"] - order["filled"])
        if order["reduce_only"]:
            left = min(left, max(-held * int(order["side"]), 0))
        row["lots"] = int(order["side"]) * min(1 + lots, left)
        row["price"] = int(order["trigger"]) or int(order["limit"]) or 1000
    if kind == EventKind.EXECUTION and row["lots"] == 0:
        row["kind"], row["order_id"] = EventKind.ACCEPTED, 10**9
    return events


def command_event(ts: int, code: Command) -> Table:
    events = np.zeros(1, EVENT)
    events[0]["kind"], events[0]["ts"], events[0]["code"] = EventKind.COMMAND, ts, code
    return events


def check_new_orders(target: Engine, decisions: Table, rows: Table) -> int:
    """Every order that leaves reduces, or keeps all that may still fill within what was just approved."""
    entries = [row["order"] for row in rows if row["action"] == OrderAction.NEW and not row["order"]["reduce_only"]]
    for order in entries:
        assert len(decisions) == 1, "an entry without a decision"
        approved_target, index = int(decisions[0]["approved_target"]), int(order["instrument"])
        assert decisions[0]["instrument"] == index
        assert decisions[0]["breakers"] == 0
        held = int(target.books[index]["position"]["lots"])
        kept = held if held * approved_target > 0 else 0
        assert int(order["side"]) * np.sign(approved_target) > 0
        assert abs(kept) + may_fill(target, order) <= abs(approved_target) <= abs(int(decisions[0]["target"]))
        assert order["type"] in (OrderType.MARKET, OrderType.LIMIT)
    return len(entries)


def may_fill(target: Engine, like: Row) -> int:
    """Lots of every live entry on the same side, whether its cancel has been asked for or its fate is unknown."""
    table = target.orders[: int(target.account[0]["order_state"]["n_orders"])]
    live = (table["status"] >= OrderStatus.PENDING) & (table["status"] <= OrderStatus.UNKNOWN)
    same = (table["instrument"] == like["instrument"]) & (table["side"] == like["side"]) & (table["reduce_only"] == 0)
    return int((table["lots"] - table["filled"])[live & same].sum())


def hostile_run(happenings: list[Any], inside: bool, algorithm: str) -> int:
    """Feed one sequence, checking after every event; returns how many entries left."""
    every = SizingSettings.choose([sizer.name for sizer in SIZERS][:3], {"confidence_weight": "0.5"})
    chosen = engine_settings("permissive", LIMITS, size=50.0, sizing=every, algorithm=algorithm, reenter=True)
    target = engine(TRADED, chosen, venue_inside=inside)
    ts, left = MONDAY, 0
    for item in happenings:
        if isinstance(item, Command):
            events = command_event(ts, item)
        elif isinstance(item[0], EventKind):
            if inside:
                continue
            events = message(target, ts, *item)
        else:
            index, price, floats, regime = item
            events = bar(ts, index, price, floats, regime)
            ts += MINUTE
        assert target.advance(events, 0, 1) == 1
        output = target.drain()
        left += check_new_orders(target, output.decisions, output.orders)
    return left


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32 - 1),
    st.lists(ANYTHING, max_size=6),
    st.booleans(),
    st.sampled_from(["market", "passive"]),
)
def test_whatever_is_said_no_order_leaves_that_was_not_approved(
    seed: int, pool: list[float], inside: bool, algorithm: str
) -> None:
    happenings = happenings_of(np.random.default_rng(seed), [*pool, *SANE, float("nan")], 60)
    hostile_run(happenings, inside, algorithm)


def test_hostile_runs_do_trade() -> None:
    """The property above would hold for an engine that never sends anything."""
    rng = np.random.default_rng(5)
    pool = [*SANE, float("nan"), float("inf"), 1e308, 3.0]
    assert sum(hostile_run(happenings_of(rng, pool, 80), k % 2 == 0, "market") for k in range(120)) > 100


def test_an_entry_waits_until_the_cancel_of_the_one_before_is_certain() -> None:
    """A cancel that was only asked for may come too late: both would fill, and make twice of what was approved."""
    said = {"signal": 1.0, "confidence": 1.0}
    target = engine(TRADED[0], engine_settings("permissive", algorithm="passive"), venue_inside=False)
    sent: list[tuple[int, int]] = []
    for step, signal in enumerate([1.0, 0.0, 1.0]):
        floats = tuple({**said, "signal": signal}.get(name, float("nan")) for name in FLOATS)
        target.advance(bar(MONDAY + step * MINUTE, 0, 1000, floats, 0), 0, 1)
        sent += [(int(row["action"]), int(row["reason"])) for row in target.drain().orders]
    assert sent == [
        (OrderAction.NEW, Refusal.NONE),
        (OrderAction.CANCEL, Refusal.REPLACED),
        (OrderAction.REJECTED, Refusal.OFFICER),
    ]


# --- types: an order that the officer has not seen is no ApprovedOrders

SOURCES = Path(quaestor.__file__).parent


def test_only_the_engine_makes_approved_orders() -> None:
    makers = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "ApprovedOrders":
                makers.add(path.relative_to(SOURCES).as_posix())
    assert makers == {"engine/engine.py"}


SUBMITS = {
    "approved_target": ("def go(venue: Venue, output: Output) -> Table: return venue.submit(output.leaving())", ""),
    "rows": ("def go(venue: Venue, rows: Table) -> Table: return venue.submit(rows)", "[arg-type]"),
    "empty": ("def go(venue: Venue) -> Table: return venue.submit(np.zeros(1, ORDER_EVENT))", "[arg-type]"),
    "output": ("def go(venue: Venue, output: Output) -> Table: return venue.submit(output.orders)", "[arg-type]"),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What mypy says about each snippet, one a line, all in one call."""
    folder = tmp_path_factory.mktemp("typed")
    imports = """\
        import numpy as np
        from quaestor.engine.engine import Output
        from quaestor.jit.tables import Table
        from quaestor.ledger.rows import ORDER_EVENT
        from quaestor.ports.venue import Venue
    """
    for name, (code, _) in SUBMITS.items():
        (folder / f"{name}.py").write_text(f"{dedent(imports)}\n{code}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *map(str, folder.glob("*.py"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SOURCES.parents[1])
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error:" in line]


@pytest.mark.parametrize("name", SUBMITS)
def test_orders_that_were_made_otherwise_do_not_type_check(name: str, complaints: list[str]) -> None:
    found = [line for line in complaints if f"{name}.py:" in line]
    expected = SUBMITS[name][1]
    assert len(found) == (1 if expected else 0), complaints
    assert all(expected in line and "ApprovedOrders" in line for line in found)
