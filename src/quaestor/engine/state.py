"""State and parameters of the trading loop, composed of the tables that each stage declares beside its kernels."""

from typing import NamedTuple

from quaestor.brain.policy.target import POLICY_PARAMS_TABLE, POLICY_STATE_TABLE
from quaestor.execution.planner import EXECUTION_PARAMS_TABLE
from quaestor.jit.tables import Field, Row, Table, table
from quaestor.ledger.ledger import LEDGER_TABLE, POSITION_TABLE
from quaestor.ledger.order_table import ORDER_STATE_TABLE
from quaestor.matching.costs import COSTS_TABLE
from quaestor.matching.fill import MATCHING_STATE_TABLE
from quaestor.risk.exits.stops import EXIT_PARAMS, EXIT_STATE_TABLE
from quaestor.risk.gate import RISK_PARAMS
from quaestor.risk.sizing.size import SIZING_PARAMS
from quaestor.risk.state import MAX_INSTRUMENTS, RISK_ACCOUNT_TABLE, RISK_BOOK_TABLE

ACCOUNT_TABLE = table(
    "account",
    "State of an account: one row.",
    Field("ledger", LEDGER_TABLE),
    Field("order_state", ORDER_STATE_TABLE),
    Field("risk", RISK_ACCOUNT_TABLE),
    Field("n_decisions", "i8", "rows", "written to the decision stream since it was last drained"),
    Field("fault", "i8", "code", "not 0: an invariant broke, and no further event is processed"),
)
ACCOUNT = ACCOUNT_TABLE.dtype

BOOK_TABLE = table(
    "book",
    "State of an instrument on an account: one row each.",
    Field("position", POSITION_TABLE),
    Field("matching", MATCHING_STATE_TABLE),
    Field("policy", POLICY_STATE_TABLE),
    Field("exits", EXIT_STATE_TABLE),
    Field("risk", RISK_BOOK_TABLE),
    Field("regime", "i8", "`Regime`", "of the last bar"),
)
BOOK = BOOK_TABLE.dtype

PARAMS_TABLE = table(
    "parameters",
    "Parameters of a run, fixed before it begins: one row.",
    Field("policy", POLICY_PARAMS_TABLE),
    Field("sizing", SIZING_PARAMS, "", "numbers of the sizers"),
    Field("risk", RISK_PARAMS, "", "numbers of the rules"),
    Field("exits", EXIT_PARAMS, "", "numbers of the exits"),
    Field("costs", COSTS_TABLE),
    Field("execution", EXECUTION_PARAMS_TABLE),
    Field(
        "venue_inside", "i8", "0 or 1", "1: matching runs inside `advance`; 0: the session carries orders to a venue"
    ),
)
PARAMS = PARAMS_TABLE.dtype

#: Live orders an engine can hold: per instrument a stop, a target, an exit, an entry, the legs of that entry, and two
#: rows in reserve (see `planner.ROWS_KEPT`).
ORDER_CAPACITY = 8 * MAX_INSTRUMENTS
#: Rows one event can write to the order stream, and the number of trades it can close, at most.
ROWS_PER_EVENT = 3 * ORDER_CAPACITY
TRADES_PER_EVENT = ORDER_CAPACITY


class EventContext(NamedTuple):
    """Event with the tables that it reads and changes, as one argument; see decision 0018.

    `book` and `instrument` are those of the event's instrument, looked up once: a second look-up of the same row is
    another address to the compiler, which then loads again the values that it has in registers.
    """

    account: Row
    books: Table
    orders: Table
    instruments: Table
    params: Row
    stream: Table
    trades: Table
    event: Row
    instrument_index: int
    book: Row
    instrument: Row
