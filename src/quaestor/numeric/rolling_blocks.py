"""Rolling windows over whole blocks: the bits of `numeric.rolling` in loops without serial dependencies.

The sum of a block must add values in their order, each addition depending on the last; sums of different blocks are
independent, so four blocks are summed side by side. An extreme is the same in any order, so it is computed for all rows
at once: that of 2, 4, 8 … values from two of half as many.

Indices are unsigned: Numba checks a signed index that counts down for negative values at every access.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch

Series = NDArray[np.float64]
_ONE, _FOUR = np.uint64(1), np.uint64(4)


@kernel
def whole_blocks(rows: int, length: int) -> int:
    """Return how many of `rows` rows from the start of a block `sum_blocks` takes: whole blocks, at least two, or 0."""
    taken = min(rows, SCRATCH_ROWS - length) // length * length
    return taken if taken >= 2 * length else 0


@kernel
def sum_blocks(ring: Series, length: int, series: Series, totals: Series) -> None:
    """Sum the last `length` values at each row of whole blocks.

    `ring` holds the tail sums of the previous block (see `numeric.rolling`), afterwards those of the last one.
    """
    heads, tails = scratch(), scratch()
    rows = len(series)
    for j in range(length - 1):
        tails[j] = ring[j + 1]
    _sum_tails(series, length, tails)
    _sum_heads(series, length, heads)
    for j in range(rows):
        totals[j] = heads[j] + tails[j]
    for j in range(length - 1):
        ring[j + 1] = tails[rows + j]


@kernel
def _sum_heads(series: Series, length: int, heads: Series) -> None:
    """Write the sum of each row's block up to the row."""
    rows, size = np.uint64(len(series)), np.uint64(length)
    a = rows - rows
    while a + _FOUR * size <= rows:
        b, c, d = a + size, a + size + size, a + size + size + size
        sum_a = sum_b = sum_c = sum_d = 0.0
        for j in range(size):
            sum_a += series[a + j]
            sum_b += series[b + j]
            sum_c += series[c + j]
            sum_d += series[d + j]
            heads[a + j], heads[b + j], heads[c + j], heads[d + j] = sum_a, sum_b, sum_c, sum_d
        a = d + size
    while a < rows:
        sum_a = 0.0
        for j in range(size):
            sum_a += series[a + j]
            heads[a + j] = sum_a
        a += size


@kernel
def _sum_tails(series: Series, length: int, tails: Series) -> None:
    """Write, at each row but the last of a block, the sum of the window's tail of the previous block; at the last, 0.

    The sum of a block from row r on is thus written to row r + length − 1.
    """
    rows, size, reach = np.uint64(len(series)), np.uint64(length), np.uint64(length - 1)
    a = reach  # the last row of the block, whose window has no tail
    while a + _FOUR * size <= rows + reach:
        b, c, d = a + size, a + size + size, a + size + size + size
        sum_a = sum_b = sum_c = sum_d = 0.0
        for j in range(reach):
            sum_a += series[a - j]
            sum_b += series[b - j]
            sum_c += series[c - j]
            sum_d += series[d - j]
            k = reach - j
            tails[a + k], tails[b + k], tails[c + k], tails[d + k] = sum_a, sum_b, sum_c, sum_d
        tails[a] = tails[b] = tails[c] = tails[d] = 0.0
        a = d + size
    while a < rows:
        sum_a = 0.0
        for j in range(reach):
            sum_a += series[a - j]
            tails[a + reach - j] = sum_a
        tails[a] = 0.0
        a += size


@kernel
def extremes(series: Series, length: int, upper: bool, skipped: int, out: Series) -> None:
    """Write the largest (`upper`) or smallest of the last `length` values at each row after the first `skipped`.

    At least `length` − 1 rows are skipped, and there are at most SCRATCH_ROWS.
    """
    found, spare = scratch(), scratch()
    rows = len(series)
    reach = min(2, length)
    _choose(series[reach - 1 :], series[: rows - reach + 1], upper, found[reach - 1 : rows])
    while reach < length:
        lag = min(reach, length - reach)
        _choose(found[lag:rows], found[: rows - lag], upper, spare[lag:rows])
        found, spare = spare, found
        reach += lag
    kept = found[skipped:rows]
    for j in range(len(kept)):
        out[j] = kept[j]


@kernel
def _choose(later: Series, earlier: Series, upper: bool, out: Series) -> None:
    if upper:
        for j in range(len(out)):
            out[j] = later[j] if later[j] > earlier[j] else earlier[j]
    else:
        for j in range(len(out)):
            out[j] = later[j] if later[j] < earlier[j] else earlier[j]


@kernel
def close_extremes(ring: Series, length: int, block: Series, upper: bool) -> None:
    """Write a complete block to the ring of `rolling.push_max` (`upper`) or `push_min`: first value, tail extremes."""
    slot = np.uint64(length - 1)
    extreme = block[slot]
    ring[slot] = extreme
    for _ in range(length - 2):
        slot -= _ONE
        x = block[slot]
        extreme = x if (x > extreme if upper else x < extreme) else extreme
        ring[slot] = extreme
    ring[0] = block[0]
