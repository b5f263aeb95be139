"""Multi-symbol plans: one call for many symbols."""

import numpy as np
import pytest
from tests.contract.market import chunks, random_columns

from quaestor.domain.market_matrix import Column
from quaestor.features.plan import compute, make_plan
from quaestor.features.symbols import advance_symbols, new_states

ROWS, SYMBOLS = 400, 5
NAMES = ["rsi_14", "bbands_20_2", "stoch_14_3_3.d", "obv"]


def test_multi_symbol_plan_equals_single_plans_in_any_chunks() -> None:
    plan = make_plan(NAMES)
    columns = np.stack([random_columns(ROWS, seed) for seed in range(SYMBOLS)])
    columns[2, Column.CLOSE, 50:60] = np.nan
    ts = np.broadcast_to(np.arange(ROWS, dtype=np.int64), (SYMBOLS, ROWS)).copy()
    states, out = new_states(plan, SYMBOLS), np.zeros((SYMBOLS, plan.n_outputs, ROWS))
    advance = advance_symbols(plan)
    for i, n in chunks(ROWS, 3):
        advance(states, ts, columns, out, i, n)
    for symbol in range(SYMBOLS):
        assert np.array_equal(out[symbol], compute(plan, columns[symbol]), equal_nan=True)


@pytest.mark.parametrize("short", ["ts", "columns", "out"])
def test_arrays_of_too_few_symbols_raise(short: str) -> None:
    plan = make_plan(["ema_20"])
    count = {name: SYMBOLS - (name == short) for name in ("ts", "columns", "out")}
    ts = np.zeros((count["ts"], 3), np.int64)
    columns, out = np.zeros((count["columns"], 5, 3)), np.zeros((count["out"], plan.n_outputs, 3))
    with pytest.raises(ValueError, match="every state"):
        advance_symbols(plan)(new_states(plan, SYMBOLS), ts, columns, out, 0, 3)
