"""Trading loop: policy → sizing → risk officer → orders → matching → ledger, one compiled function for every mode.

`advance` steps event by event. With the venue inside (backtest, sweep) it runs to the end; with the venue outside
(paper, live) it returns after every event that made orders, so that the session can journal and send them; the venue's
messages come back as events. Either way every bar produces one decision row.
"""

from quaestor.brain.policy.target import target_strength
from quaestor.engine.commands import apply_command
from quaestor.engine.in_flight import reserve_in_flight
from quaestor.engine.inbound import apply_inbound
from quaestor.engine.ordering import Proposal, expected_lots, make_orders, update_trailing_stop
from quaestor.engine.state import ROWS_PER_EVENT, TRADES_PER_EVENT, EventContext
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import NO_RULE, QUARANTINE, Breaker, EventKind, Layer, Purpose, Regime, Verdict
from quaestor.ledger.fills import FillTables
from quaestor.ledger.ledger import equity, imbalance, mark
from quaestor.ledger.order_table import IDS_PER_ORDER, sweep
from quaestor.matching.bars import match_bar
from quaestor.risk.catalog import RULES
from quaestor.risk.exits.market import due_exit
from quaestor.risk.exits.stops import stop_distance
from quaestor.risk.gate import evaluate_target
from quaestor.risk.in_flight import release_in_flight
from quaestor.risk.observe import update_risk_state
from quaestor.risk.rules import drawdown
from quaestor.risk.sizing.size import sized_lots

# Numba reads plain integers, not flag members, and a purpose may come from the exits.
_SIGNAL_EXIT = int(Purpose.SIGNAL_EXIT)
_KILLED = int(Breaker.KILLED)
_FLATTENING = int(Breaker.KILLED | Breaker.DRAWDOWN)
_N_REGIMES = len(Regime)

#: Codes of `account["fault"]`.
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
    """Process events i … n-1 and return the index of the first one not processed.

    It stops early after an event that left orders for an outside venue, before an event for whose output the streams
    have no room (drain them and call again), and for good at an event that breaks an invariant (`account["fault"]`),
    which counts as not processed.
    """
    account, params = account_table[0], params_table[0]
    order_state = account["order_state"]
    while i < n:
        no_room = order_state["n_rows"] + ROWS_PER_EVENT > len(stream) or account["n_decisions"] >= len(decisions)
        if no_room or order_state["n_trades"] + TRADES_PER_EVENT > len(trades) or account["fault"] != 0:
            return i
        event = events[i]
        index = event["instrument"]
        if not 0 <= index < len(books) or not 0 <= event["regime"] < _N_REGIMES:
            account["fault"] = FAULT_EVENT
            return i
        book, instrument = books[index], instruments[index]
        context = EventContext(
            account, books, orders, instruments, params, stream, trades, event, index, book, instrument
        )
        rows_before = order_state["n_rows"]
        order_state["decision"] = account["risk"]["decisions"]
        if event["kind"] == EventKind.BAR:
            _on_bar(context, decisions[account["n_decisions"]], verdicts[0])
        elif event["kind"] == EventKind.COMMAND:
            apply_command(context)
        else:
            apply_inbound(context)
        sweep(order_state, orders)
        if imbalance(account["ledger"]) != 0:
            account["fault"] = FAULT_IMBALANCE
            return i
        i += 1
        if params["venue_inside"] == 0 and order_state["n_rows"] != rows_before:
            return i
    return i


@inlined
def _on_bar(context: EventContext, decision: Row, verdict: Row) -> None:
    """Match the bar, update the risk state, decide and order; a quarantined bar only writes its decision row."""
    account = context.account
    order_state = account["order_state"]
    _clear_verdict(verdict, context.book["position"]["lots"])
    first_id = order_state["next_id"]
    sizer = 0
    if context.event["flags"] & QUARANTINE == 0:
        _match(context)
        _observe(context)
        first_id = order_state["next_id"]
        proposal = _propose(context)
        approved_target = _approve_target(context, proposal, verdict)
        if approved_target != proposal.expected:
            make_orders(context, proposal, approved_target)
        sizer = proposal.sizer
    _write_decision(context, verdict, decision, first_id, sizer)
    account["n_decisions"] += 1
    account["risk"]["decisions"] += 1


@inlined
def _match(context: EventContext) -> None:
    """Match the bar against the orders where the venue is inside, and mark the position at its close."""
    account, book, event, instrument = context.account, context.book, context.event, context.instrument
    ledger, position, order_state = account["ledger"], book["position"], account["order_state"]
    if context.params["venue_inside"] != 0:
        own = FillTables(ledger, position, instrument, order_state, context.orders, context.stream, context.trades)
        match_bar(own, book["matching"], context.params["costs"], event)
    mark(ledger, position, instrument, event["close"])


@inlined
def _observe(context: EventContext) -> None:
    """Update the regime, the risk officer's measurements and the trailing stops from the bar."""
    event, risk_params = context.event, context.params["risk"]
    context.book["regime"] = event["regime"]
    update_risk_state(context.account, context.books, context.instrument_index, context.instrument, risk_params, event)
    update_trailing_stop(context)


@inlined
def _propose(context: EventContext) -> Proposal:
    """Return the target of the policy, the sizers and the exits."""
    params, book, event, instrument = context.params, context.book, context.event, context.instrument
    position = book["position"]
    expected = expected_lots(context)
    strength = target_strength(book["policy"], params["policy"], event, position, expected)
    side = -1 if strength < 0.0 or (not strength > 0.0 and expected < 0) else 1
    stop = stop_distance(params["exits"], event, side)
    book["risk"]["stop_distance"] = stop
    target, sizer, purpose = expected, 0, _SIGNAL_EXIT
    if strength == 0.0:
        target = 0
    elif abs(strength) > 0.0:
        target, sizer = sized_lots(context.account, book, instrument, params["sizing"], event, stop, strength)
    if target * position["lots"] > 0:
        due = due_exit(book["exits"], params["exits"], event, position, instrument)
        if due != 0:
            target, sizer, purpose = 0, 0, due
    return Proposal(expected, target, stop, purpose, sizer)


@inlined
def _approve_target(context: EventContext, proposal: Proposal, verdict: Row) -> int:
    """Return the target that the risk officer approves, and write the verdict; an unchanged target is not judged."""
    account, books, index, params = context.account, context.books, context.instrument_index, context.params["risk"]
    risk, target = account["risk"], proposal.target
    approved_target = target
    verdict["target"] = target
    verdict["approved_target"] = target
    if risk["breakers"] & _FLATTENING:
        approved_target = _flatten(account, params, target, verdict)
    elif target != proposal.expected:
        ticks = context.event["close"]
        if len(books) > 1:
            reserve_in_flight(account, books, context.orders, context.instruments, index)
        approved_target = evaluate_target(account, books, index, context.instrument, params, ticks, target, verdict)
        if len(books) > 1:
            release_in_flight(account, books)
    if verdict["verdict"] == Verdict.VETO:
        risk["vetoes"] += 1
    elif verdict["verdict"] == Verdict.SHRINK:
        risk["shrinks"] += 1
    return approved_target


@kernel
def _flatten(account: Row, params: Row, target: int, verdict: Row) -> int:
    """Return 0, the approved target after a kill or a breached drawdown, and write the veto of any other target."""
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


@inlined
def _clear_verdict(verdict: Row, held: int) -> None:
    verdict["verdict"] = Verdict.NONE
    verdict["layer"] = Layer.ACCOUNT
    verdict["rule"] = NO_RULE
    verdict["target"] = held
    verdict["approved_target"] = held
    verdict["measured"] = 0.0
    verdict["limit"] = 0.0


@inlined
def _write_decision(context: EventContext, verdict: Row, decision: Row, first_id: int, sizer: int) -> None:
    account, event = context.account, context.event
    risk = account["risk"]
    made = (account["order_state"]["next_id"] - first_id) // IDS_PER_ORDER
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
    decision["position"] = context.book["position"]["lots"]
    decision["target"] = verdict["target"]
    decision["approved_target"] = verdict["approved_target"]
    decision["measured"] = verdict["measured"]
    decision["limit"] = verdict["limit"]
    decision["equity"] = equity(account["ledger"])
    decision["cash"] = account["ledger"]["cash"]
    decision["first_order"] = first_id if made > 0 else 0
