"""The trading loop: policy → sizing → risk officer → orders → matching → ledger, one compiled function for every mode.

`advance` steps event by event. With the venue inside (backtest, sweep) it runs to the end; with the venue outside
(paper, live) it returns after every event that made orders, so that the session can journal them and carry them out;
the venue's answers come back as events. Either way every bar leaves one decision row.
"""

from quaestor.brain.policy.target import target_strength
from quaestor.engine.in_flight import reserve_in_flight
from quaestor.engine.inbound import apply_inbound
from quaestor.engine.state import ROWS_PER_EVENT, TRADES_PER_EVENT
from quaestor.execution.planner import (
    cancel_entries,
    plan_entry,
    plan_exit,
    plan_stop,
    send,
    unsettled_lots,
    working_lots,
)
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import (
    QUARANTINE,
    Breaker,
    Command,
    EventKind,
    Layer,
    OrderAction,
    OrderType,
    Purpose,
    Refusal,
    Regime,
    Verdict,
)
from quaestor.ledger.ledger import equity, imbalance, mark
from quaestor.ledger.order_table import is_live, sweep, write_row
from quaestor.matching.bars import match_bar
from quaestor.risk.catalog import RULES
from quaestor.risk.child import check_child
from quaestor.risk.exits.market import due_exit
from quaestor.risk.exits.stops import stop_distance, target_distance, trailed_stop
from quaestor.risk.gate import evaluate_target
from quaestor.risk.in_flight import release_in_flight
from quaestor.risk.observe import reset_loss_baselines, update_risk_state
from quaestor.risk.rules import drawdown
from quaestor.risk.sizing.size import sized_lots

# Numba reads plain integers, not flag members, and a purpose may come from the exits.
_SIGNAL_EXIT = int(Purpose.SIGNAL_EXIT)
_KILLED = int(Breaker.KILLED)
_PAUSED = int(Breaker.PAUSED)
_DRAWDOWN = int(Breaker.DRAWDOWN)
_OUTLIVES_RESET = int(Breaker.PAUSED | Breaker.UNKNOWN_ORDER)
_N_REGIMES = len(Regime)

#: What `account["fault"]` says.
FAULT_IMBALANCE = 1
FAULT_EVENT = 2
FAULT_RAISED = 3

_RULE_NAMES = [rule.name for rule in RULES]
_DRAWDOWN_RULE = _RULE_NAMES.index("drawdown")
_EMERGENCY_RULE = _RULE_NAMES.index("emergency")


@kernel
def advance(
    account_table: Table,
    books: Table,
    orders: Table,
    instruments: Table,
    params_table: Table,
    events: Table,
    decisions: Table,
    stream: Table,
    trades: Table,
    verdicts: Table,
    i: int,
    n: int,
) -> int:
    """Process events i … n-1; returns the index of the first one not processed.

    It stops early after an event that left orders for an outside venue, before an event for whose output the streams
    have no room (drain them and call again), and for good at an event that breaks an invariant (`account["fault"]`),
    which counts as not processed.
    """
    account = account_table[0]
    params = params_table[0]
    order_state = account["order_state"]
    while i < n:
        no_room = order_state["n_rows"] + ROWS_PER_EVENT > len(stream) or account["n_decisions"] >= len(decisions)
        if no_room or order_state["n_trades"] + TRADES_PER_EVENT > len(trades) or account["fault"] != 0:
            return i
        event = events[i]
        if not 0 <= event["instrument"] < len(books) or not 0 <= event["regime"] < _N_REGIMES:
            account["fault"] = FAULT_EVENT
            return i
        rows_before = order_state["n_rows"]
        order_state["decision"] = account["risk"]["decisions"]
        if event["kind"] == EventKind.BAR:
            _on_bar(account, books, orders, instruments, params, event, decisions, stream, trades, verdicts[0])
        elif event["kind"] == EventKind.COMMAND:
            _on_command(account, books, orders, params, event, stream)
        else:
            apply_inbound(account, books, orders, instruments, event, stream, trades)
        sweep(order_state, orders)
        if imbalance(account["ledger"]) != 0:
            account["fault"] = FAULT_IMBALANCE
            return i
        i += 1
        if params["venue_inside"] == 0 and order_state["n_rows"] != rows_before:
            return i
    return i


@inlined
def _on_bar(
    account: Row,
    books: Table,
    orders: Table,
    instruments: Table,
    params: Row,
    event: Row,
    decisions: Table,
    stream: Table,
    trades: Table,
    verdict: Row,
) -> None:
    index = event["instrument"]
    book = books[index]
    instrument = instruments[index]
    decision = decisions[account["n_decisions"]]
    _clear_verdict(verdict, book["position"]["lots"])
    order_state = account["order_state"]
    first_id = order_state["next_id"]
    sizer = 0
    if event["flags"] & QUARANTINE == 0:
        if params["venue_inside"] != 0:
            match_bar(account["ledger"], book, instrument, order_state, orders, params["costs"], event, stream, trades)
        mark(account["ledger"], book["position"], instrument, event["close"])
        book["regime"] = event["regime"]
        update_risk_state(account, books, index, instrument, params["risk"], event)
        _update_trailing_stop(order_state, orders, book, instrument, params, index, event, stream)
        first_id = order_state["next_id"]
        sizer = _decide(account, books, orders, instruments, params, index, event, stream, verdict)
    _write_decision(account, book, event, verdict, decision, first_id, sizer)
    account["n_decisions"] += 1
    account["risk"]["decisions"] += 1


@inlined
def _decide(
    account: Row,
    books: Table,
    orders: Table,
    instruments: Table,
    params: Row,
    index: int,
    event: Row,
    stream: Table,
    verdict: Row,
) -> int:
    """Ask the policy, the sizers and the exits, then the officer, then make the orders.

    Returns which sizer spoke, as a decision row names it.
    """
    book = books[index]
    instrument = instruments[index]
    position = book["position"]
    risk = account["risk"]
    expected = _expected_lots(account, orders, position, params, index, event, stream)
    strength = target_strength(book["policy"], params["policy"], event, position, expected)
    side = -1 if strength < 0.0 or (not strength > 0.0 and expected < 0) else 1
    stop = stop_distance(params["exits"], event, side)
    book["risk"]["stop_distance"] = stop
    target, sizer = expected, 0
    if strength == 0.0:
        target = 0
    elif abs(strength) > 0.0:
        target, sizer = sized_lots(account, book, instrument, params["sizing"], event, stop, strength)
    exit_purpose = _SIGNAL_EXIT
    if target * position["lots"] > 0:
        due = due_exit(book["exits"], params["exits"], event, position, instrument)
        if due != 0:
            target, sizer, exit_purpose = 0, 0, due
    approved_target = target
    verdict["target"] = target
    verdict["approved_target"] = target
    if risk["breakers"] & (_KILLED | _DRAWDOWN):
        approved_target = _flatten(account, params["risk"], target, verdict)
        exit_purpose = Purpose.KILL if risk["breakers"] & _KILLED else Purpose.RISK_REDUCE
    elif target != expected:
        if len(books) > 1:
            reserve_in_flight(account, books, orders, instruments, index)
        approved_target = evaluate_target(
            account, books, index, instrument, params["risk"], event["close"], target, verdict
        )
        if len(books) > 1:
            release_in_flight(account, books)
        if target * position["lots"] < 0:
            exit_purpose = Purpose.REVERSAL
    if verdict["verdict"] == Verdict.VETO:
        risk["vetoes"] += 1
    elif verdict["verdict"] == Verdict.SHRINK:
        risk["shrinks"] += 1
    if approved_target != expected:
        _make_orders(
            account, orders, book, instrument, params, index, event, stream, approved_target, stop, exit_purpose
        )
    return sizer


@inlined
def _expected_lots(
    account: Row, orders: Table, position: Row, params: Row, index: int, event: Row, stream: Table
) -> int:
    """What will be held once every order in flight has filled. While a breaker is tripped no entry stays in flight."""
    order_state = account["order_state"]
    working = working_lots(order_state, orders, index)
    if working != 0 and account["risk"]["breakers"] != 0:
        cancel_entries(order_state, orders, stream, index, event["ts"], Refusal.OFFICER, params["venue_inside"] != 0)
        working = working_lots(order_state, orders, index)
    held: int = position["lots"]
    # Opposite signs: a reversal is in flight, and the exit in front of the entry takes the present position away.
    return working if held * working < 0 else held + working


@kernel
def _flatten(account: Row, params: Row, target: int, verdict: Row) -> int:
    """A kill or a breached drawdown closes what is open, whatever the policy wants."""
    verdict["approved_target"] = 0
    if target == 0:
        return 0
    verdict["verdict"] = Verdict.VETO
    if account["risk"]["breakers"] & _KILLED:
        verdict["rule"] = _EMERGENCY_RULE
        verdict["layer"] = Layer.EMERGENCY
        verdict["measured"] = float(account["risk"]["breakers"])
    else:
        verdict["rule"] = _DRAWDOWN_RULE
        verdict["layer"] = Layer.DRAWDOWN
        verdict["measured"] = drawdown.measure(account)
        verdict["limit"] = params["drawdown"]["drawdown_pct"]
    return 0


@kernel
def _make_orders(
    account: Row,
    orders: Table,
    book: Row,
    instrument: Row,
    params: Row,
    index: int,
    event: Row,
    stream: Table,
    approved_target: int,
    stop: int,
    exit_purpose: int,
) -> None:
    order_state = account["order_state"]
    position = book["position"]
    ts = event["ts"]
    active_ts = ts + params["execution"]["latency_bars"] * instrument["interval_ns"]
    working = working_lots(order_state, orders, index)
    if approved_target * working < 0 or (approved_target == 0 and working != 0):
        cancel_entries(order_state, orders, stream, index, ts, Refusal.REPLACED, params["venue_inside"] != 0)
        working = 0
    k = plan_exit(order_state, orders, position, index, approved_target, exit_purpose, ts, active_ts)
    if k >= 0:
        refusal = check_child(account, position, instrument, orders[k], working, approved_target, event["close"])
        send(order_state, stream, orders[k], ts, refusal)
    take_profit = target_distance(params["exits"], event["close"])
    algorithm = params["execution"]["algorithm"]
    k = plan_entry(
        order_state, orders, position, index, approved_target, algorithm, event, active_ts, stop, take_profit
    )
    if k >= 0:
        unsettled = unsettled_lots(order_state, orders, index, orders[k]["side"])
        refusal = check_child(account, position, instrument, orders[k], unsettled, approved_target, event["close"])
        if send(order_state, stream, orders[k], ts, refusal):
            account["risk"]["entries_today"] += 1


@inlined
def _update_trailing_stop(
    order_state: Row, orders: Table, book: Row, instrument: Row, params: Row, index: int, event: Row, stream: Table
) -> None:
    """Move protective stops to where the exits want them after this bar; place one where there is none.

    A position that was added to has a stop for each part: those further from the price than the exits allow move.
    """
    side = 1 if book["position"]["lots"] > 0 else -1
    present = 0
    for k in range(order_state["n_orders"]):
        order = orders[k]
        if _is_stop_of(order, index) and (present == 0 or side * (order["trigger"] - present) < 0):
            present = order["trigger"]
    level = trailed_stop(book["exits"], params["exits"], event, book["position"], present)
    book["risk"]["stop_level"] = level
    if present != 0 and level != present:
        for k in range(order_state["n_orders"]):
            order = orders[k]
            if _is_stop_of(order, index) and (order["trigger"] == present or side * (level - order["trigger"]) > 0):
                order["trigger"] = level
                order["purpose"] = Purpose.TRAILING_STOP
                write_row(order_state, stream, order, event["ts"], OrderAction.AMEND, Refusal.NONE, 0, level, 0, 0)
    elif present == 0 and level > 0:
        ts = event["ts"]
        active_ts = ts + params["execution"]["latency_bars"] * instrument["interval_ns"]
        k = plan_stop(order_state, orders, book["position"], index, level, ts, active_ts)
        if k >= 0:
            send(order_state, stream, orders[k], ts, Refusal.NONE)


@inlined
def _is_stop_of(order: Row, index: int) -> bool:
    is_stop: bool = order["type"] == OrderType.STOP and order["reduce_only"] != 0
    return is_stop and order["instrument"] == index and is_live(order)


@kernel
def _on_command(account: Row, books: Table, orders: Table, params: Row, event: Row, stream: Table) -> None:
    """An operator's command. A kill cancels and flattens at once, and keeps doing so at every bar until RESET."""
    risk = account["risk"]
    order_state = account["order_state"]
    code = event["code"]
    inside = params["venue_inside"] != 0
    if code == Command.PAUSE:
        risk["breakers"] |= _PAUSED
        for index in range(len(books)):
            cancel_entries(order_state, orders, stream, index, event["ts"], Refusal.OFFICER, inside)
    elif code == Command.RESUME:
        risk["breakers"] &= ~_PAUSED
    elif code == Command.RESET:
        risk["breakers"] &= _OUTLIVES_RESET
        reset_loss_baselines(risk, equity(account["ledger"]))
        risk["streak_base"] = account["ledger"]["losing_streak"]
    elif code == Command.KILL:
        risk["breakers"] |= _KILLED
        for index in range(len(books)):
            ts = event["ts"]
            cancel_entries(order_state, orders, stream, index, ts, Refusal.KILLED, inside)
            k = plan_exit(order_state, orders, books[index]["position"], index, 0, Purpose.KILL, ts, ts)
            if k >= 0:
                send(order_state, stream, orders[k], ts, Refusal.NONE)


@inlined
def _clear_verdict(verdict: Row, held: int) -> None:
    verdict["verdict"] = Verdict.NONE
    verdict["layer"] = 0
    verdict["rule"] = -1
    verdict["target"] = held
    verdict["approved_target"] = held
    verdict["measured"] = 0.0
    verdict["limit"] = 0.0


@inlined
def _write_decision(
    account: Row, book: Row, event: Row, verdict: Row, decision: Row, first_id: int, sizer: int
) -> None:
    risk = account["risk"]
    order_state = account["order_state"]
    made = (order_state["next_id"] - first_id) // 3
    decision["number"] = risk["decisions"]
    decision["ts"] = event["ts"]
    decision["instrument"] = event["instrument"]
    decision["flags"] = event["flags"]
    decision["breakers"] = risk["breakers"]
    decision["regime"] = event["regime"]
    decision["verdict"] = verdict["verdict"]
    decision["rule"] = verdict["rule"]
    decision["layer"] = verdict["layer"]
    decision["orders"] = made
    decision["sizer"] = sizer
    decision["close"] = event["close"]
    decision["signal"] = event["signal"]
    decision["confidence"] = event["confidence"]
    decision["position"] = book["position"]["lots"]
    decision["target"] = verdict["target"]
    decision["approved_target"] = verdict["approved_target"]
    decision["measured"] = verdict["measured"]
    decision["limit"] = verdict["limit"]
    decision["equity"] = equity(account["ledger"])
    decision["cash"] = account["ledger"]["cash"]
    decision["first_order"] = first_id if made > 0 else 0
