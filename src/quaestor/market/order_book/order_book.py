"""Limit order book: sizes of price levels indexed by price in ticks, with a bitmap of the levels that exist.

A book is a one-element structured array of `book_dtype(capacity)`; zero bytes are an empty one, so saving or restoring
it is a copy of bytes. It holds the levels of a window of `capacity` ticks, each side by itself: level t at slot t mod
capacity. A bitmap has a bit for each slot and a coarse one a bit for each 32 of those: the next level is found in a
few instructions however sparse the book is. An update costs the same at any price.

Window: it starts around the first level, and is moved when a best price comes within an eighth of its ends, so that
the mid price is in its middle again. A level outside the window is *not kept* and counted in `far`; a level that the
window moves away from is deleted and counted in `dropped`. An update outside that would be its side's best moves the
window, unless the other side's best would then fall out of it (an erroneous price must not cost the book): that update
is counted in `far` as well. So `size_within` is exact up to the window's ends, except for levels that have not been
updated since the window moved over them: choose a capacity several times the distance that matters.

Crossed books: updates of one message are applied one by one, so a best bid may pass the best ask until the message is
complete; the book keeps both sides as received, and `is_crossed` reports it. The reader decides how to treat it.
"""

import numpy as np

from quaestor.jit.bits import highest_bit, lowest_bit
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Side

#: Price returned when a side has no (further) level.
NO_LEVEL = -(2**62)

#: Default number of ticks in a book's window: 10 % each way at 60,000 with a tick of 0.1, 1 % with one of 0.01.
BOOK_TICKS = 131_072

_BLOCK = 1_024  # ticks covered by one word of the coarse bitmap: 32 · 32
_BUY = int(Side.BUY)


def book_dtype(capacity: int = BOOK_TICKS) -> np.dtype[np.void]:
    """Return the dtype of a book whose window is `capacity` ticks wide.

    Raises:
        ValueError: when the capacity is not a power of two of at least 8192.
    """
    if capacity < 8 * _BLOCK or capacity & (capacity - 1):
        raise ValueError(f"{capacity} ticks is no power of two from {8 * _BLOCK} on")
    return np.dtype(
        [
            ("low", "<i8"),  # lowest tick of the window, a multiple of _BLOCK
            ("started", "<i8"),  # 1 once the window has been placed
            ("far", "<i8"),  # updates outside the window
            ("dropped", "<i8"),  # levels deleted by moves of the window
            ("moves", "<i8"),  # moves of the window
            ("best", "<i8", (2,)),  # ticks; bids, asks; undefined while the side has no level
            ("levels", "<i8", (2,)),
            ("sizes", "<f8", (2, capacity)),
            ("map", "<i8", (2, capacity // 32)),
            ("coarse", "<i8", (2, capacity // _BLOCK)),
        ],
        align=True,
    )


@inlined
def _row(side: int) -> int:
    return 0 if side == _BUY else 1


@kernel
def book_apply(book: Table, side: int, ticks: int, size: float) -> None:
    """Set the size of a level; 0 removes it, and does nothing when there is none.

    Args:
        book: one element of `book_dtype`.
        side: Side.BUY for bids, Side.SELL for asks.
        ticks: price.
        size: new total size of the level, any unit, ≥ 0.
    """
    b = book[0]
    row = _row(side)
    capacity = b["sizes"].shape[1]
    if not 0 <= ticks - b["low"] < capacity or b["started"] == 0:
        if size <= 0.0 or not _move_window_to(b, row, ticks):
            b["far"] += 1 if b["started"] == 1 else 0
            return
    slot = ticks & (capacity - 1)
    before = b["sizes"][row, slot]
    b["sizes"][row, slot] = size
    if size > 0.0:
        if before == 0.0:
            _mark(b, row, slot)
            better = ticks > b["best"][row] if row == 0 else ticks < b["best"][row]
            if b["levels"][row] == 1 or better:
                b["best"][row] = ticks
                _keep_in_middle(b, row, ticks)
    elif before > 0.0:
        _unmark(b, row, slot)
        if ticks == b["best"][row] and b["levels"][row] > 0:
            best = next_level(b, row, ticks)
            b["best"][row] = best
            _keep_in_middle(b, row, best)


@inlined
def _mark(b: Row, row: int, slot: int) -> None:
    word = slot >> 5
    b["map"][row, word] |= 1 << (slot & 31)
    b["coarse"][row, word >> 5] |= 1 << (word & 31)
    b["levels"][row] += 1


@inlined
def _unmark(b: Row, row: int, slot: int) -> None:
    word = slot >> 5
    left = b["map"][row, word] & ~(1 << (slot & 31))
    b["map"][row, word] = left
    if left == 0:
        b["coarse"][row, word >> 5] &= ~(1 << (word & 31))
    b["levels"][row] -= 1


@kernel
def next_level(b: Row, row: int, ticks: int) -> int:
    """Return the nearest level worse than `ticks`, a price in the window or one tick outside; NO_LEVEL without one."""
    capacity = b["sizes"].shape[1]
    if row == 0:
        slot = _slot_down(b["map"][row], b["coarse"][row], (ticks - 1) & (capacity - 1))
        found = ticks - 1 - ((ticks - 1 - slot) & (capacity - 1))
    else:
        slot = _slot_up(b["map"][row], b["coarse"][row], (ticks + 1) & (capacity - 1))
        found = ticks + 1 + ((slot - ticks - 1) & (capacity - 1))
    return found if slot >= 0 and 0 <= found - b["low"] < capacity else NO_LEVEL


@kernel
def _slot_down(words: Table, coarse: Table, slot: int) -> int:
    """Return the first marked slot from `slot` downwards, wrapping around the end; −1 without one."""
    word = slot >> 5
    bits = words[word] & ((2 << (slot & 31)) - 1)
    if bits != 0:
        return (word << 5) + highest_bit(bits)
    block = word >> 5
    marked = coarse[block] & ((1 << (word & 31)) - 1)
    for _ in range(len(coarse) + 1):
        if marked != 0:
            word = (block << 5) + highest_bit(marked)
            return (word << 5) + highest_bit(words[word])
        block = block - 1 if block > 0 else len(coarse) - 1
        marked = coarse[block]
    return -1


@kernel
def _slot_up(words: Table, coarse: Table, slot: int) -> int:
    """Return the first marked slot from `slot` upwards, wrapping around the end; −1 without one."""
    word = slot >> 5
    bits = words[word] & ~((1 << (slot & 31)) - 1)
    if bits != 0:
        return (word << 5) + lowest_bit(bits)
    block = word >> 5
    marked = coarse[block] & ~((2 << (word & 31)) - 1)
    for _ in range(len(coarse) + 1):
        if marked != 0:
            word = (block << 5) + lowest_bit(marked)
            return (word << 5) + lowest_bit(words[word])
        block = block + 1 if block + 1 < len(coarse) else 0
        marked = coarse[block]
    return -1


@kernel
def _move_window_to(b: Row, row: int, ticks: int) -> bool:
    """Move the window to a level outside it if the level is its side's best and the other side's best fits in too.

    Returns whether the level is now inside the window.
    """
    half = b["sizes"].shape[1] // 2
    if b["started"] == 0:
        b["started"] = 1
        b["low"] = _lowest(ticks, 2 * half)
        return True
    outwards = ticks < b["low"] if row == 0 else ticks > b["low"]
    if b["levels"][row] > 0 and outwards:
        return False
    other = b["best"][1 - row] if b["levels"][1 - row] > 0 else ticks
    if abs(ticks - other) >= 2 * half - 2 * _BLOCK:
        return False
    _move(b, (ticks + other) // 2)
    return True


@inlined
def _lowest(centre: int, capacity: int) -> int:
    """Return the low end, at the start of a block, of a window around a price."""
    return (centre - capacity // 2 + _BLOCK // 2) & -_BLOCK


@inlined
def _keep_in_middle(b: Row, row: int, best: int) -> None:
    capacity = b["sizes"].shape[1]
    if not capacity // 8 <= best - b["low"] < capacity - capacity // 8:
        _move(b, (best + b["best"][1 - row]) // 2 if b["levels"][1 - row] > 0 else best)


@kernel
def _move(b: Row, centre: int) -> None:
    """Move the middle of the window to `centre` and delete the levels that are then outside."""
    capacity = b["sizes"].shape[1]
    low = _lowest(centre, capacity)
    shift = low - b["low"]
    if shift == 0:
        return
    first = b["low"] if shift > 0 else low + capacity
    for block in range(min(abs(shift), capacity) // _BLOCK):
        b["dropped"] += _clear_block(b, ((first & (capacity - 1)) // _BLOCK + block) % (capacity // _BLOCK))
    b["low"] = low
    b["moves"] += 1
    for row in range(2):
        if b["levels"][row] > 0 and not low <= b["best"][row] < low + capacity:
            b["best"][row] = next_level(b, row, low + capacity if row == 0 else low - 1)


@kernel
def _clear_block(b: Row, block: int) -> int:
    """Remove the levels of both sides in one block of slots and return their number."""
    removed = 0
    for row in range(2):
        while b["coarse"][row, block] != 0:
            word = (block << 5) + lowest_bit(b["coarse"][row, block])
            slot = (word << 5) + lowest_bit(b["map"][row, word])
            b["sizes"][row, slot] = 0.0
            _unmark(b, row, slot)
            removed += 1
    return removed


@kernel
def book_reset(book: Table) -> None:
    """Remove every level, as before a snapshot; the window is placed anew by the next level, the counts continue."""
    b = book[0]
    for block in range(b["coarse"].shape[1]):
        _clear_block(b, block)
    b["started"] = 0
