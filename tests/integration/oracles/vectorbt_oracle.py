"""vectorbt oracle: a script over given prices and directions, run in an environment of its own."""

import json
import sys
from typing import Any

import numpy as np
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio import nb
from vectorbt.portfolio.enums import Direction, NoOrder, SizeType


@njit  # type: ignore[untyped-decorator]
def equity_at_the_decision(c: Any) -> Any:
    """Return the value of the account at the close of bar i − 1."""
    return (c.last_value[c.group],)


@njit  # type: ignore[untyped-decorator]
def order_of(c: Any, equity: Any, opens: Any, closes: Any, directions: Any, fee: Any, notional_min: Any) -> Any:
    """Return the orders of bar i, decided at the close of bar i − 1 and filled at the open of bar i: first out, then
    in."""
    if c.i == 0 or c.call_idx > 1:
        return -1, NoOrder
    direction = directions[c.i - 1]
    held = c.last_position[0]
    if direction != direction or (held * direction > 0.0):
        return -1, NoOrder
    price = opens[c.i]
    if held != 0.0:
        return 0, nb.order_nb(-held, price, SizeType.Amount, Direction.Both, fee, size_granularity=1.0)
    close = closes[c.i - 1]
    size = np.floor(equity / ((1.0 + fee) * close))
    if direction == 0.0 or size * close < notional_min:
        return -1, NoOrder
    least = min(size, np.ceil(notional_min / price))
    order = nb.order_nb(
        direction * size,
        price,
        SizeType.Amount,
        Direction.Both,
        fee,
        min_size=least,
        size_granularity=1.0,
        lock_cash=True,
    )
    return 0, order


def run(path: str) -> dict[str, object]:
    """Simulate one case."""
    case = np.load(path)
    opens = case["opens"].astype(float)
    closes = case["closes"].astype(float)
    portfolio = vbt.Portfolio.from_order_func(
        closes,
        order_of,
        opens,
        closes,
        case["directions"],
        float(case["fee"]),
        float(case["notional_min"]),
        flexible=True,
        pre_segment_func_nb=equity_at_the_decision,
        init_cash=float(case["capital"]),
        cash_sharing=True,
        max_orders=2 * len(opens),
    )
    records = portfolio.positions.records
    trades = zip(
        records["entry_idx"].tolist(),
        np.where(records["status"] == 0, -1, records["exit_idx"]).tolist(),
        np.where(records["direction"] == 0, 1, -1).tolist(),
        records["size"].tolist(),
        records["entry_price"].tolist(),
        records["exit_price"].tolist(),
        strict=True,
    )
    return {"equity": float(portfolio.final_value()), "trades": [list(row) for row in trades]}


if __name__ == "__main__":
    json.dump([run(path) for path in sys.argv[1:]], sys.stdout)
