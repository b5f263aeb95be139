"""Price barriers around an entry: their prices, the one that a row touches, and the exit price there.

Labels of the past (`analysis.forecasts.labels`) and outcomes while trading (`brain.online.outcomes`) are both computed
by these functions.
"""

from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix


@kernel
def barrier_prices(entry: float, width: float, profit: float, stop: float, cost: float) -> tuple[float, float]:
    """Return the upper and lower barrier: `profit` and `stop` widths, as fractions of the entry, plus the cost from it.

    Example:
        >>> barrier_prices(100.0, 0.01, 2.0, 1.0, 0.0)
        (102.0, 99.0)
    """
    return entry * (1.0 + profit * width + cost), entry * (1.0 - stop * width - cost)


@kernel
def touched_barrier(columns: Matrix, j: int, upper: float, lower: float) -> int:
    """Return the barrier that row j touches: the one it opens beyond, else the lower (−1), else the upper (1); 0: none.

    A missing price touches nothing.
    """
    opened = columns[Column.OPEN, j]
    if opened >= upper:
        return 1
    if opened <= lower or columns[Column.LOW, j] <= lower:
        return -1
    return 1 if columns[Column.HIGH, j] >= upper else 0


@kernel
def touch_price(touched: int, opened: float, upper: float, lower: float) -> float:
    """Return the exit price at a touched barrier: the barrier's, or the open of the row that gapped over it."""
    return max(upper, opened) if touched > 0 else min(lower, opened)
