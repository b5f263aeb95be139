"""The trading loop's whole state and parameters, composed of what each stage declares beside its kernels."""

import numpy as np

from quaestor.brain.policy.target import POLICY_PARAMS, POLICY_STATE
from quaestor.execution.planner import EXECUTION_PARAMS
from quaestor.ledger.ledger import LEDGER, POSITION
from quaestor.ledger.order_table import ORDER_STATE
from quaestor.matching.costs import COSTS
from quaestor.matching.fill import MATCHING_STATE
from quaestor.risk.exits.stops import EXIT_PARAMS, EXIT_STATE
from quaestor.risk.gate import RISK_PARAMS
from quaestor.risk.sizing.size import SIZING_PARAMS
from quaestor.risk.state import MAX_INSTRUMENTS, RISK_ACCOUNT, RISK_BOOK

#: One row: the account.
ACCOUNT = np.dtype(
    [
        ("ledger", LEDGER),
        ("order_state", ORDER_STATE),
        ("risk", RISK_ACCOUNT),
        ("n_decisions", "i8"),  # rows written to the decision stream since it was last drained
        ("fault", "i8"),  # not 0: an invariant broke, nothing is processed any more
    ],
    align=True,
)

#: One row an instrument.
BOOK = np.dtype(
    [
        ("position", POSITION),
        ("matching", MATCHING_STATE),
        ("policy", POLICY_STATE),
        ("exits", EXIT_STATE),
        ("risk", RISK_BOOK),
        ("regime", "i8"),
    ],
    align=True,
)

#: One row: everything that was chosen before the run.
PARAMS = np.dtype(
    [
        ("policy", POLICY_PARAMS),
        ("sizing", SIZING_PARAMS),
        ("risk", RISK_PARAMS),
        ("exits", EXIT_PARAMS),
        ("costs", COSTS),
        ("execution", EXECUTION_PARAMS),
        ("venue_inside", "i8"),  # 1: matching runs inside `advance`; 0: the session carries orders to a venue
    ],
    align=True,
)

#: Live orders an engine can hold: per instrument a stop, a target, an exit, an entry, the legs of that entry, and two
#: rows in reserve (see `planner.ROWS_KEPT`).
ORDER_CAPACITY = 8 * MAX_INSTRUMENTS
#: Rows one event can write to the order stream, and the number of trades it can close, at most.
ROWS_PER_EVENT = 3 * ORDER_CAPACITY
TRADES_PER_EVENT = ORDER_CAPACITY
