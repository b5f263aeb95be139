"""What holds in every run, whatever the market and the settings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import Outside, Record, command, engine, run

from quaestor.engine.engine import Engine, Output
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Command, ContractKind, OrderAction, OrderStatus

from .scenarios import Scenario, scenarios

MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
CASH_KINDS = (ContractKind.SPOT, ContractKind.EQUITY)
LEDGER_SUMS = {"reserved": "reserved", "position_value": "value", "gross": "notional", "exposure": "exposure"}


def fresh(scenario: Scenario) -> Engine:
    return engine(scenario.instruments, scenario.settings, interval_ns=scenario.interval_ns)


def check_books(target: Engine, margined: bool) -> None:
    """The ledger's identity, and that it is the sum of its positions."""
    account = target.account[0]
    ledger, positions = account["ledger"], target.books["position"]
    assert account["fault"] == 0
    assert account["order_state"]["illegal"] == 0
    assert ledger["capital"] + ledger["realised"] - ledger["fees"] - ledger["funding"] == (
        ledger["cash"] + ledger["open_cost"]
    )
    assert {name: int(positions[part].sum()) for name, part in LEDGER_SUMS.items()} == {
        name: int(ledger[name]) for name in LEDGER_SUMS
    }
    assert ledger["open_cost"] == (0 if margined else positions["cost"].sum())


def check_orders(target: Engine) -> None:
    """Nothing that has ended stays in the table, and no id is there twice."""
    table = target.orders[: int(target.account[0]["order_state"]["n_orders"])]
    assert np.isin(table["status"], range(OrderStatus.PENDING, OrderStatus.UNKNOWN + 1)).all()
    assert len(np.unique(table["id"])) == len(table)
    assert (table["filled"] < table["lots"]).all()


@MANY
@given(scenarios())
def test_the_books_balance_at_every_event(scenario: Scenario) -> None:
    target = fresh(scenario)
    events = scenario.events
    record = Record()
    for i in range(len(events)):
        assert target.advance(events, i, i + 1) == i + 1
        record.keep(target.drain())
        check_books(target, scenario.instruments[0].is_margined)
        check_orders(target)
    assert len(record.all_decisions) == len(events)
    sent = record.all_orders[record.all_orders["action"] == OrderAction.NEW]
    assert len(np.unique(sent["order"]["id"])) == len(sent)
    assert record.all_decisions["number"].tolist() == list(range(len(events)))


@MANY
@given(scenarios(kinds=CASH_KINDS))
def test_cash_accounts_never_spend_what_they_do_not_have(scenario: Scenario) -> None:
    target = fresh(scenario)
    decisions = run(target, scenario.events).all_decisions
    if not scenario.instruments[0].shortable:
        assert (decisions["cash"] >= 0).all()
        assert (decisions["position"] >= 0).all()
        assert (decisions["equity"] >= 0).all()


@MANY
@given(scenarios())
def test_trades_add_up_to_the_account_when_it_is_flat(scenario: Scenario) -> None:
    target = fresh(scenario)
    record = run(target, scenario.events)
    closing = command(Command.KILL, int(scenario.events[-1]["ts"]))
    record.keep(drained(target, closing))
    last = scenario.events[-len(scenario.instruments) :].copy()
    for _ in range(400):
        if not target.books["position"]["lots"].any():
            break
        last["open_ts"] += scenario.interval_ns
        last["ts"] += scenario.interval_ns
        last["volume"] = 10**9
        last["flags"] = 0
        last["funding_rate"] = last["funding_rate_inside"] = 0
        last["instrument"] = range(len(last))
        record.keep(drained(target, last))
    ledger = target.account[0]["ledger"]
    assert not target.books["position"]["lots"].any()
    assert int(record.all_trades["pnl"].sum()) == ledger["cash"] - ledger["capital"]
    assert ledger["cash"] == target.equity_quanta
    assert ledger["reserved"] == 0


def drained(target: Engine, events: Table) -> Output:
    assert target.advance(events, 0, len(events)) == len(events)
    return target.drain()


@FEW
@given(scenarios())
def test_the_venue_outside_makes_the_same_run_as_the_venue_inside(scenario: Scenario) -> None:
    inside = run(fresh(scenario), scenario.events)
    outside = Outside.of(scenario.instruments, scenario.settings, scenario.interval_ns)
    for i in range(len(scenario.events)):
        outside.step(scenario.events, i)
        venue = outside.venue
        assert outside.engine.account[0]["order_state"]["illegal"] == venue.venue[0]["order_state"]["illegal"] == 0
        for name in ("cash", "realised", "fees", "funding", "open_cost", "reserved", "liquidations"):
            assert outside.engine.account[0]["ledger"][name] == venue.venue[0]["ledger"][name]
        assert live_ids(outside.engine.account, outside.engine.orders) == live_ids(venue.venue, venue.orders)
    assert outside.record.all_decisions.tobytes() == inside.all_decisions.tobytes()
    assert outside.record.all_trades.tobytes() == inside.all_trades.tobytes()
    assert outside.record.fills() == inside.fills()


def live_ids(owner: Table, orders: Table) -> list[int]:
    count = int(owner[0]["order_state"]["n_orders"])
    return sorted(orders["id"][:count].tolist())


@FEW
@given(scenarios(), st.data())
def test_a_restart_from_the_bytes_of_the_state_changes_nothing(scenario: Scenario, data: st.DataObject) -> None:
    events = scenario.events
    cut = data.draw(st.integers(0, len(events)))
    whole = fresh(scenario)
    expected = run(whole, events)
    first, second = fresh(scenario), fresh(scenario)
    record = run(first, events[:cut])
    for name in ("account", "books", "orders"):
        kept = getattr(first, name)
        getattr(second, name)[:] = np.frombuffer(kept.tobytes(), kept.dtype)
    second.run(events, cut, len(events), record.keep)
    assert record.all_decisions.tobytes() == expected.all_decisions.tobytes()
    assert record.all_orders.tobytes() == expected.all_orders.tobytes()
    assert record.all_trades.tobytes() == expected.all_trades.tobytes()
    assert second.digest() == whole.digest()


@FEW
@given(scenarios(), st.integers(1, 13))
def test_the_cut_into_chunks_does_not_matter(scenario: Scenario, size: int) -> None:
    events = scenario.events
    expected, record = run(fresh(scenario), events), Record()
    target = fresh(scenario)
    for i in range(0, len(events), size):
        target.run(events, i, min(i + size, len(events)), record.keep)
    assert record.all_decisions.tobytes() == expected.all_decisions.tobytes()
    assert record.all_orders.tobytes() == expected.all_orders.tobytes()


@FEW
@given(scenarios(), st.data())
def test_what_comes_later_changes_no_decision(scenario: Scenario, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(scenario.events)))
    whole = run(fresh(scenario), scenario.events).all_decisions
    assert run(fresh(scenario), scenario.events[:cut]).all_decisions.tobytes() == whole[:cut].tobytes()


@FEW
@given(scenarios(), st.lists(st.tuples(st.integers(0, 59), st.sampled_from(Command)), max_size=6))
def test_commands_at_any_time_keep_the_books(scenario: Scenario, given_at: list[tuple[int, Command]]) -> None:
    inside, outside = fresh(scenario), Outside.of(scenario.instruments, scenario.settings, scenario.interval_ns)
    record = Record()
    for i in range(len(scenario.events)):
        for _, code in [item for item in given_at if item[0] == i]:
            row = command(code, int(scenario.events[i]["open_ts"]))
            inside.run(row, 0, 1, record.keep)
            outside.step(row, 0)
        inside.run(scenario.events, i, i + 1, record.keep)
        outside.step(scenario.events, i)
        check_books(inside, scenario.instruments[0].is_margined)
        check_orders(inside)
    assert outside.record.all_decisions.tobytes() == record.all_decisions.tobytes()
    assert outside.record.all_trades.tobytes() == record.all_trades.tobytes()


@pytest.mark.parametrize("kind", [ContractKind.SPOT, ContractKind.LINEAR])
def test_random_runs_do_trade(kind: ContractKind) -> None:
    """The properties above would hold for an engine that never trades."""
    counts = []

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
    @given(scenarios(kinds=(kind,)))
    def count(scenario: Scenario) -> None:
        counts.append(len(run(fresh(scenario), scenario.events).all_trades))

    count()
    assert sum(counts) > 2 * len(counts) > 0
