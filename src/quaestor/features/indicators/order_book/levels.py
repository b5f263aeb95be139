"""Book levels: access to the first levels of the book, adjacent rows of the market matrix."""

from quaestor.domain.market_matrix import Column, book_row
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix

#: Rows of the best level; each further level is `LEVEL_ROWS` rows later.
BID_PRICE, BID_SIZE = int(Column.BID_PRICE), int(Column.BID_SIZE)
ASK_PRICE, ASK_SIZE = int(Column.ASK_PRICE), int(Column.ASK_SIZE)
LEVEL_ROWS = book_row(Column.BID_PRICE, 1) - BID_PRICE


def book_inputs(levels: int, *_: float) -> tuple[int, ...]:
    """Return the rows of the first levels of both sides, prices and sizes.

    Example:
        >>> book_inputs(2)
        (13, 14, 15, 16, 17, 18, 19, 20)
    """
    return tuple(range(BID_PRICE, BID_PRICE + LEVEL_ROWS * levels))


@kernel
def is_book_missing(columns: Matrix, levels: int, k: int) -> bool:
    """Return whether one of the first levels is missing in row k."""
    total = 0.0
    for row in range(BID_PRICE, BID_PRICE + LEVEL_ROWS * levels):
        total += columns[row, k] - columns[row, k]
    return total != 0.0


@kernel
def mid_price(columns: Matrix, k: int) -> float:
    """Return the mean of the best prices."""
    return 0.5 * (columns[BID_PRICE, k] + columns[ASK_PRICE, k])


@kernel
def imbalance(bid: float, ask: float) -> float:
    """Return (bid − ask) / (bid + ask); 0 when both are 0."""
    total = bid + ask
    return (bid - ask) / total if total > 0.0 else 0.0
