"""The closed loop: policy → sizing → risk officer → orders → matching → ledger, one compiled function for every mode.

`advance` steps event by event. With the venue inside (backtest, sweep) it runs to the end; with the venue outside
(paper, live) it returns after every event that made orders, so that the shell can journal them and carry them out;
the venue's answers come back as events. Either way every bar leaves one decision row.
"""

from quaestor.brain.policy.target import wanted_strength
from quaestor.engine.in_flight import count_promises
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
from quaestor.risk.gate import judge
from quaestor.risk.in_flight import forget_promises
from quaestor.risk.observe import begin_anew, observe_bar
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
    answers: Table,
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
    keeping = account["keeping"]
    while i < n:
        no_room = keeping["n_rows"] + ROWS_PER_EVENT > len(stream) or account["n_decisions"] >= len(decisions)
        if no_room or keeping["n_trades"] + TRADES_PER_EVENT > len(trades) or account["fault"] != 0:
            return i
        event = events[i]
        if not 0 <= event["instrument"] < len(books) or not 0 <= event["regime"] < _N_REGIMES:
            account["fault"] = FAULT_EVENT
            return i
        rows_before = keeping["n_rows"]
        keeping["decision"] = account["risk"]["decisions"]
        if event["kind"] == EventKind.BAR:
            _on_bar(account, books, orders, instruments, params, event, decisions, stream, trades, answers[0])
        elif event["kind"] == EventKind.COMMAND:
            _on_command(account, books, orders, params, event, stream)
        else:
            apply_inbound(account, books, orders, instruments, event, stream, trades)
        sweep(keeping, orders)
        if imbalance(account["ledger"]) != 0:
            account["fault"] = FAULT_IMBALANCE
            return i
        i += 1
        if params["venue_inside"] == 0 and keeping["n_rows"] != rows_before:
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
    answer: Row,
) -> None:
    index = event["instrument"]
    book = books[index]
    instrument = instruments[index]
    decision = decisions[account["n_decisions"]]
    _clear_answer(answer, book["position"]["lots"])
    keeping = account["keeping"]
    first_id = keeping["next_id"]
    sizer = 0
    if event["flags"] & QUARANTINE == 0:
        if params["venue_inside"] != 0:
            match_bar(account["ledger"], book, instrument, keeping, orders, params["costs"], event, stream, trades)
        mark(account["ledger"], book["position"], instrument, event["close"])
        book["regime"] = event["regime"]
        observe_bar(account, books, index, instrument, params["risk"], event)
        _trail(keeping, orders, book, instrument, params, index, event, stream)
        first_id = keeping["next_id"]
        sizer = _decide(account, books, orders, instruments, params, index, event, stream, answer)
    _write_decision(account, book, event, answer, decision, first_id, sizer)
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
    answer: Row,
) -> int:
    """Ask the policy, the sizers and the exits, then the officer, then make the orders.

    Returns which sizer spoke, as a decision row names it.
    """
    book = books[index]
    instrument = instruments[index]
    position = book["position"]
    risk = account["risk"]
    expected = _expected_lots(account, orders, position, params, index, event, stream)
    strength = wanted_strength(book["policy"], params["policy"], event, position, expected)
    side = -1 if strength < 0.0 or (not strength > 0.0 and expected < 0) else 1
    stop = stop_distance(params["exits"], event, side)
    book["risk"]["stop_distance"] = stop
    wanted, sizer = expected, 0
    if strength == 0.0:
        wanted = 0
    elif abs(strength) > 0.0:
        wanted, sizer = sized_lots(account, book, instrument, params["sizing"], event, stop, strength)
    exit_purpose = _SIGNAL_EXIT
    if wanted * position["lots"] > 0:
        due = due_exit(book["exits"], params["exits"], event, position, instrument)
        if due != 0:
            wanted, sizer, exit_purpose = 0, 0, due
    approved = wanted
    answer["wanted"] = wanted
    answer["approved"] = wanted
    if risk["breakers"] & (_KILLED | _DRAWDOWN):
        approved = _flatten(account, params["risk"], wanted, answer)
        exit_purpose = Purpose.KILL if risk["breakers"] & _KILLED else Purpose.RISK_REDUCE
    elif wanted != expected:
        if len(books) > 1:
            count_promises(account, books, orders, instruments, index)
        approved = judge(account, books, index, instrument, params["risk"], event["close"], wanted, answer)
        if len(books) > 1:
            forget_promises(account, books)
        if wanted * position["lots"] < 0:
            exit_purpose = Purpose.REVERSAL
    if answer["verdict"] == Verdict.VETO:
        risk["vetoes"] += 1
    elif answer["verdict"] == Verdict.SHRINK:
        risk["shrinks"] += 1
    if approved != expected:
        _make_orders(account, orders, book, instrument, params, index, event, stream, approved, stop, exit_purpose)
    return sizer


@inlined
def _expected_lots(
    account: Row, orders: Table, position: Row, params: Row, index: int, event: Row, stream: Table
) -> int:
    """What will be held once every order in flight has filled. While a breaker is tripped no entry stays in flight."""
    keeping = account["keeping"]
    working = working_lots(keeping, orders, index)
    if working != 0 and account["risk"]["breakers"] != 0:
        cancel_entries(keeping, orders, stream, index, event["ts"], Refusal.OFFICER, params["venue_inside"] != 0)
        working = working_lots(keeping, orders, index)
    held: int = position["lots"]
    # Opposite signs: a reversal is in flight, and the exit in front of the entry takes the present position away.
    return working if held * working < 0 else held + working


@kernel
def _flatten(account: Row, params: Row, wanted: int, answer: Row) -> int:
    """A kill or a breached drawdown closes what is open, whatever the policy wants."""
    answer["approved"] = 0
    if wanted == 0:
        return 0
    answer["verdict"] = Verdict.VETO
    if account["risk"]["breakers"] & _KILLED:
        answer["rule"] = _EMERGENCY_RULE
        answer["layer"] = Layer.EMERGENCY
        answer["measured"] = float(account["risk"]["breakers"])
    else:
        answer["rule"] = _DRAWDOWN_RULE
        answer["layer"] = Layer.DRAWDOWN
        answer["measured"] = drawdown.measure(account)
        answer["limit"] = params["drawdown"]["drawdown_pct"]
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
    approved: int,
    stop: int,
    exit_purpose: int,
) -> None:
    keeping = account["keeping"]
    position = book["position"]
    ts = event["ts"]
    active_ts = ts + params["execution"]["latency_bars"] * instrument["interval_ns"]
    working = working_lots(keeping, orders, index)
    if approved * working < 0 or (approved == 0 and working != 0):
        cancel_entries(keeping, orders, stream, index, ts, Refusal.REPLACED, params["venue_inside"] != 0)
        working = 0
    k = plan_exit(keeping, orders, position, index, approved, exit_purpose, ts, active_ts)
    if k >= 0:
        refusal = check_child(account, position, instrument, orders[k], working, approved, event["close"])
        send(keeping, stream, orders[k], ts, refusal)
    target = target_distance(params["exits"], event["close"])
    algorithm = params["execution"]["algorithm"]
    k = plan_entry(keeping, orders, position, index, approved, algorithm, event, active_ts, stop, target)
    if k >= 0:
        unsettled = unsettled_lots(keeping, orders, index, orders[k]["side"])
        refusal = check_child(account, position, instrument, orders[k], unsettled, approved, event["close"])
        if send(keeping, stream, orders[k], ts, refusal):
            account["risk"]["entries_today"] += 1


@inlined
def _trail(
    keeping: Row, orders: Table, book: Row, instrument: Row, params: Row, index: int, event: Row, stream: Table
) -> None:
    """Move protective stops to where the exits want them after this bar; place one where there is none.

    A position that was added to has a stop for each part: those further from the price than the exits allow move.
    """
    side = 1 if book["position"]["lots"] > 0 else -1
    present = 0
    for k in range(keeping["n_orders"]):
        order = orders[k]
        if _is_stop_of(order, index) and (present == 0 or side * (order["trigger"] - present) < 0):
            present = order["trigger"]
    level = trailed_stop(book["exits"], params["exits"], event, book["position"], present)
    book["risk"]["stop_level"] = level
    if present != 0 and level != present:
        for k in range(keeping["n_orders"]):
            order = orders[k]
            if _is_stop_of(order, index) and (order["trigger"] == present or side * (level - order["trigger"]) > 0):
                order["trigger"] = level
                order["purpose"] = Purpose.TRAILING_STOP
                write_row(keeping, stream, order, event["ts"], OrderAction.AMEND, Refusal.NONE, 0, level, 0, 0)
    elif present == 0 and level > 0:
        ts = event["ts"]
        active_ts = ts + params["execution"]["latency_bars"] * instrument["interval_ns"]
        k = plan_stop(keeping, orders, book["position"], index, level, ts, active_ts)
        if k >= 0:
            send(keeping, stream, orders[k], ts, Refusal.NONE)


@inlined
def _is_stop_of(order: Row, index: int) -> bool:
    is_stop: bool = order["type"] == OrderType.STOP and order["reduce_only"] != 0
    return is_stop and order["instrument"] == index and is_live(order)


@kernel
def _on_command(account: Row, books: Table, orders: Table, params: Row, event: Row, stream: Table) -> None:
    """An operator's command. A kill cancels and flattens at once, and keeps doing so at every bar until RESET."""
    risk = account["risk"]
    keeping = account["keeping"]
    code = event["code"]
    inside = params["venue_inside"] != 0
    if code == Command.PAUSE:
        risk["breakers"] |= _PAUSED
        for index in range(len(books)):
            cancel_entries(keeping, orders, stream, index, event["ts"], Refusal.OFFICER, inside)
    elif code == Command.RESUME:
        risk["breakers"] &= ~_PAUSED
    elif code == Command.RESET:
        risk["breakers"] &= _OUTLIVES_RESET
        begin_anew(risk, equity(account["ledger"]))
        risk["streak_base"] = account["ledger"]["losing_streak"]
    elif code == Command.KILL:
        risk["breakers"] |= _KILLED
        for index in range(len(books)):
            ts = event["ts"]
            cancel_entries(keeping, orders, stream, index, ts, Refusal.KILLED, inside)
            k = plan_exit(keeping, orders, books[index]["position"], index, 0, Purpose.KILL, ts, ts)
            if k >= 0:
                send(keeping, stream, orders[k], ts, Refusal.NONE)


@inlined
def _clear_answer(answer: Row, held: int) -> None:
    answer["verdict"] = Verdict.NONE
    answer["layer"] = 0
    answer["rule"] = -1
    answer["wanted"] = held
    answer["approved"] = held
    answer["measured"] = 0.0
    answer["limit"] = 0.0


@inlined
def _write_decision(account: Row, book: Row, event: Row, answer: Row, decision: Row, first_id: int, sizer: int) -> None:
    risk = account["risk"]
    keeping = account["keeping"]
    made = (keeping["next_id"] - first_id) // 3
    decision["number"] = risk["decisions"]
    decision["ts"] = event["ts"]
    decision["instrument"] = event["instrument"]
    decision["flags"] = event["flags"]
    decision["breakers"] = risk["breakers"]
    decision["regime"] = event["regime"]
    decision["verdict"] = answer["verdict"]
    decision["rule"] = answer["rule"]
    decision["layer"] = answer["layer"]
    decision["orders"] = made
    decision["sizer"] = sizer
    decision["close"] = event["close"]
    decision["signal"] = event["signal"]
    decision["confidence"] = event["confidence"]
    decision["position"] = book["position"]["lots"]
    decision["wanted"] = answer["wanted"]
    decision["approved"] = answer["approved"]
    decision["measured"] = answer["measured"]
    decision["limit"] = answer["limit"]
    decision["equity"] = equity(account["ledger"])
    decision["cash"] = account["ledger"]["cash"]
    decision["first_order"] = first_id if made > 0 else 0
