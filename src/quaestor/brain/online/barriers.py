"""Two barriers of price around an entry: where they lie, which one a row touches and at what price that one is left.

Labels of the past (`analysis.forecasts.labels`) and outcomes as they come in (`brain.online.outcomes`) are one
arithmetic.
"""

from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix


@kernel
def barrier_prices(entry: float, width: float, profit: float, stop: float, cost: float) -> tuple[float, float]:
    """Upper and lower barrier: `profit` and `stop` widths and the cost away from the entry, as fractions of it.

    Example:
        >>> barrier_prices(100.0, 0.01, 2.0, 1.0, 0.0)
        (102.0, 99.0)
    """
    return entry * (1.0 + profit * width + cost), entry * (1.0 - stop * width - cost)


@kernel
def touched_barrier(columns: Matrix, j: int, upper: float, lower: float) -> int:
    """The barrier that row j touches: what it opens beyond, else the lower (−1), else the upper (1); 0 for none.

    A price that is missing touches nothing.
    """
    opened = columns[Column.OPEN, j]
    if opened >= upper:
        return 1
    if opened <= lower or columns[Column.LOW, j] <= lower:
        return -1
    return 1 if columns[Column.HIGH, j] >= upper else 0


@kernel
def touch_price(touched: int, opened: float, upper: float, lower: float) -> float:
    """Where a touched barrier is left: at its price, or at the open of the row that gapped over it."""
    return max(upper, opened) if touched > 0 else min(lower, opened)
