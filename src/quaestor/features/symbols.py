"""Multi-symbol plan: computes the features of a plan for many symbols in one compiled call."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from quaestor.features.plan import FeaturePlan
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Table

#: Market matrices of several symbols: float64, shape (symbols, m, n), C order.
Cube: TypeAlias = NDArray[np.float64]

_SOURCE = '''"""Generated: a set of features for many symbols."""

from quaestor.jit.compile import kernel
from {module} import advance as advance_features


@kernel
def advance(states, ts, columns, out, i, n):
    symbols = len(states)
    if len(ts) < symbols or len(columns) < symbols or len(out) < symbols:
        raise ValueError("stamps, columns and outputs are needed for every state")
    for symbol in range(symbols):
        advance_features(states[symbol : symbol + 1], ts[symbol], columns[symbol], out[symbol], i, n)
'''


def new_states(plan: FeaturePlan, symbols: int) -> Table:
    """Return fresh states: one element for each symbol."""
    return np.zeros(symbols, plan.chain.state_dtype)


def advance_symbols(plan: FeaturePlan) -> Callable[[Table, NDArray[np.int64], Cube, Cube, int, int], None]:
    """Return the kernel of a plan for rows i … n−1 of every symbol: ``advance(states, ts, columns, out, i, n)``.

    For each symbol it computes the same bits as ``plan.advance``, without returning to Python in between. Matrices of
    a single row, i = 0 and n = 1, hold one new row of every symbol, NaN for symbols without one.

    - `states`: one element for each symbol (see `new_states`);
    - `ts`: int64 ns UTC, shape (symbols, N);
    - `columns`: float64 (symbols, m, N), rows by `domain.market_matrix.Column`;
    - `out`: float64 (symbols, n_outputs, N).

    The call raises ValueError for arrays of fewer symbols than there are states, or matrices with too few rows.

    Example:
        >>> from quaestor.features.plan import make_plan
        >>> plan = make_plan(["ema_2"])
        >>> close = np.array([[1.0, 3.0, 6.0], [2.0, 2.0, 5.0]])
        >>> columns, out = np.repeat(close[:, None, :], 5, axis=1), np.empty((2, 1, 3))
        >>> advance_symbols(plan)(new_states(plan, 2), np.zeros((2, 3), np.int64), columns, out, 0, 3)
        >>> out[:, 0].round(3).tolist()
        [[nan, 2.0, 4.667], [nan, 2.0, 4.0]]
    """
    advance: Callable[[Table, NDArray[np.int64], Cube, Cube, int, int], None] = fuse(
        "symbols", _SOURCE.format(module=plan.advance.__module__)
    ).advance
    return advance
