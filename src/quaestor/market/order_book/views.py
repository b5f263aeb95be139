"""Order book views: best prices, levels, size near the mid price and cost of a sweep."""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Side
from quaestor.market.order_book.order_book import NO_LEVEL, next_level

_BUY = int(Side.BUY)


@kernel
def book_best(book: Table, side: int) -> int:
    """Return the best bid (Side.BUY) or ask (Side.SELL) in ticks; NO_LEVEL on an empty side."""
    b = book[0]
    row = 0 if side == _BUY else 1
    best: int = b["best"][row] if b["levels"][row] > 0 else NO_LEVEL
    return best


@kernel
def book_next(book: Table, side: int, ticks: int) -> int:
    """Return the nearest level worse than `ticks`, which may be any price; NO_LEVEL without one."""
    b = book[0]
    if side == _BUY:
        return next_level(b, 0, min(ticks, b["low"] + b["sizes"].shape[1]))
    return next_level(b, 1, max(ticks, b["low"] - 1))


@kernel
def book_size(book: Table, side: int, ticks: int) -> float:
    """Return the size at a price; 0 where no level is kept."""
    b = book[0]
    capacity = b["sizes"].shape[1]
    if not 0 <= ticks - b["low"] < capacity:
        return 0.0
    size: float = b["sizes"][0 if side == _BUY else 1, ticks & (capacity - 1)]
    return size


@kernel
def is_crossed(book: Table) -> bool:
    """Return whether the best bid is at or above the best ask; False with an empty side."""
    b = book[0]
    return b["levels"][0] > 0 and b["levels"][1] > 0 and b["best"][0] >= b["best"][1]


@kernel
def copy_levels(
    book: Table, side: int, behind: int, ticks: NDArray[np.int64], sizes: NDArray[np.float64], i: int
) -> int:
    """Write levels from the best on into slots i … of `ticks` and `sizes` and return the number of slots then filled.

    Both arrays have one length. With `behind` other than NO_LEVEL only levels worse than that price are written.
    """
    level = book_best(book, side) if behind == NO_LEVEL else book_next(book, side, behind)
    while i < len(ticks) and level != NO_LEVEL:
        ticks[i] = level
        sizes[i] = book_size(book, side, level)
        level = book_next(book, side, level)
        i += 1
    return i


@kernel
def size_within(book: Table, side: int, behind: int, limit: float) -> float:
    """Return the sum of the sizes from the best level to the price `limit` in ticks, inclusive; `behind` as in
    `copy_levels`."""
    total = 0.0
    sign = 1.0 if side == _BUY else -1.0
    level = book_best(book, side) if behind == NO_LEVEL else book_next(book, side, behind)
    while level != NO_LEVEL and sign * (level - limit) >= 0.0:
        total += book_size(book, side, level)
        level = book_next(book, side, level)
    return total


@kernel
def sweep(book: Table, side: int, size: float) -> tuple[float, float]:
    """Return what a taker of `size` from one side would fill: the size (less when the side holds less) and its value,
    the sum of size · ticks."""
    filled = 0.0
    value = 0.0
    level = book_best(book, side)
    while level != NO_LEVEL and filled < size:
        part = min(book_size(book, side, level), size - filled)
        filled += part
        value += part * level
        level = book_next(book, side, level)
    return filled, value
