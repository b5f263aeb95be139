"""Rolling windows over many values at once: the state and bits of `numeric.rolling` in a fraction of the time.

Most of the time for a single value is latency: of the previous sum, and of storing and loading the state. Here the
state stays in registers over a block, the sums of a block's head and of its tails run in parallel, and what follows
(quotients, roots) is computed in a loop over all results.

`series` and the results are arrays of one length, the values in time order, none of them missing. Kernels process the
rows of a chunk in runs of at most `scratch.SCRATCH_ROWS` (see `present_rows`). Loops count from 0 over slices: an index
that could be negative, or an iterator, would prevent the compiler from vectorising them.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.jit.compile import kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Row, Table
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import close_block
from quaestor.numeric.rolling_blocks import close_extremes, extremes, sum_blocks, whole_blocks

Series = NDArray[np.float64]

#: Least number of rows for which blocks are faster than one row at a time.
SHORTEST_RUN = 8
_ONE = np.uint64(1)


@kernel
def present_rows(series: Series) -> int:
    """Return the number of values before the first that is NaN or infinite."""
    missing = 0
    for j in range(len(series)):
        missing += 1 if is_missing(series[j]) else 0
    if missing == 0:
        return len(series)
    rows = 0
    while not is_missing(series[rows]):
        rows += 1
    return rows


@kernel
def present_bars(highs: Series, lows: Series, closes: Series) -> int:
    """Return the number of rows before the first in which one of three values is NaN or infinite."""
    missing = 0
    for j in range(len(closes)):
        missing += 1 if any_missing(highs[j], lows[j], closes[j]) else 0
    if missing == 0:
        return len(closes)
    rows = 0
    while not any_missing(highs[rows], lows[rows], closes[rows]):
        rows += 1
    return rows


@kernel
def shift_rows(first: float, series: Series, before: Series) -> None:
    """Write the previous value of each: `first`, then `series` without its last."""
    if len(series) > 0:
        before[0] = first
        copy_values(series[: len(series) - 1], before[1:])


@kernel
def sum_rows(window: Table, length: int, series: Series, totals: Series) -> None:
    """Write the result of `rolling.push_sum` for each value; `totals` may be `series`."""
    w = window[0]
    rows = len(series)
    done = min(length - w["position"], rows) if w["position"] > 0 else 0
    _sum_by_row(w, length, series[:done], totals[:done])
    whole = whole_blocks(rows - done, length) if w["position"] == 0 else 0
    if whole > 0:
        sum_blocks(w["ring"], length, series[done : done + whole], totals[done : done + whole])
        done += whole
    _sum_by_row(w, length, series[done:], totals[done:])


@kernel
def _sum_by_row(w: Row, length: int, series: Series, totals: Series) -> None:
    ring = w["ring"]
    position = w["position"]
    running = w["running"] if position > 0 else 0.0
    rows = len(series)
    done = 0
    while done < rows:
        inner = min(rows - done, length - 1 - position)
        given, results = series[done : done + inner], totals[done : done + inner]
        heads, tails = ring[position : position + inner], ring[position + 1 : position + 1 + inner]
        for j in range(inner):
            x = given[j]
            running += x
            results[j] = running + tails[j]
            heads[j] = x
        done += inner
        position += inner
        if done < rows:
            tail = series[done]
            totals[done] = running + tail
            ring[length - 1] = tail
            slot = np.uint64(length - 1)
            for _ in range(length - 2):
                slot -= _ONE
                tail += ring[slot]
                ring[slot] = tail
            done += 1
            position = 0
            running = 0.0
    w["position"] = position
    w["running"] = running


@kernel
def range_rows(
    highs: Table, lows: Table, length: int, high: Series, low: Series, highest: Series, lowest: Series
) -> None:
    """Write the results of `rolling.push_max` for each high and `rolling.push_min` for each low."""
    upper, lower = highs[0], lows[0]
    rows = len(high)
    done = 2 * length - upper["position"]  # to the end of a block, preceded by a block of this run
    whole = (rows - done) // length * length
    if whole < 2 * length:
        _range_by_row(upper, lower, length, high, low, highest, lowest)
        return
    _range_by_row(upper, lower, length, high[:done], low[:done], highest[:done], lowest[:done])
    stop = done + whole
    extremes(high[:stop], length, True, done, highest[done:stop])
    extremes(low[:stop], length, False, done, lowest[done:stop])
    close_extremes(upper["ring"], length, high[stop - length : stop], True)
    close_extremes(lower["ring"], length, low[stop - length : stop], False)
    _range_by_row(upper, lower, length, high[stop:], low[stop:], highest[stop:], lowest[stop:])


@kernel
def _range_by_row(
    upper: Row, lower: Row, length: int, high: Series, low: Series, highest: Series, lowest: Series
) -> None:
    high_ring, low_ring = upper["ring"], lower["ring"]
    position = upper["position"]
    top = upper["running"] if position > 0 else -np.inf
    bottom = lower["running"] if position > 0 else np.inf
    rows = len(high)
    done = 0
    while done < rows:
        inner = min(rows - done, length - 1 - position)
        stop, here, there = done + inner, position + inner, position + 1
        high_given, low_given, tops, bottoms = high[done:stop], low[done:stop], highest[done:stop], lowest[done:stop]
        high_heads, high_tails = high_ring[position:here], high_ring[there : here + 1]
        low_heads, low_tails = low_ring[position:here], low_ring[there : here + 1]
        for j in range(inner):
            x, y, high_tail, low_tail = high_given[j], low_given[j], high_tails[j], low_tails[j]
            top = x if x > top else top
            bottom = y if y < bottom else bottom
            tops[j] = top if top > high_tail else high_tail
            bottoms[j] = bottom if bottom < low_tail else low_tail
            high_heads[j] = x
            low_heads[j] = y
        done, position = stop, here
        if done < rows:
            x, y = high[done], low[done]
            highest[done] = x if x > top else top
            lowest[done] = y if y < bottom else bottom
            high_ring[length - 1], low_ring[length - 1] = x, y
            slot = np.uint64(length - 1)
            for _ in range(length - 2):
                slot -= _ONE
                x = high_ring[slot] if high_ring[slot] > x else x
                y = low_ring[slot] if low_ring[slot] < y else y
                high_ring[slot], low_ring[slot] = x, y
            done += 1
            position, top, bottom = 0, -np.inf, np.inf
    upper["position"] = lower["position"] = position
    upper["running"] = top
    lower["running"] = bottom


@kernel
def delay_rows(window: Table, length: int, series: Series, before: Series) -> None:
    """Write the result of `rolling.push_delay` for each value; `before` must be another array than `series`."""
    w = window[0]
    ring = w["ring"]
    position = w["position"]
    rows = len(series)
    held = min(rows, length)  # values that are replaced in the window
    first = min(held, length - position)
    copy_values(ring[position : position + first], before[:first])
    copy_values(ring[: held - first], before[first:held])
    copy_values(series[: rows - held], before[held:])
    position = (position + rows - held) % length
    first = min(held, length - position)
    copy_values(series[rows - held : rows - held + first], ring[position : position + first])
    copy_values(series[rows - held + first :], ring[: held - first])
    w["position"] = (position + held) % length


@kernel
def copy_values(source: Series, target: Series) -> None:
    """Copy one array to another of its length."""
    for j in range(len(source)):
        target[j] = source[j]


@kernel
def moments_rows(window: Table, length: int, series: Series, means: Series, squares: Series) -> None:
    """Write the results of `rolling.push_moments` for each value: mean, and sum of squared deviations from it."""
    w = window[0]
    sums, sums_of_squares = w["sums"], w["squares"]
    position, anchor, head, head_square = w["position"], w["anchor"], w["sum"], w["square"]
    share = 1.0 / length
    rows = len(series)
    done = 0
    while done < rows:
        if position == 0:
            anchor = series[done]
            head = head_square = 0.0
            close_block(sums, sums_of_squares, length, anchor)
        inner = min(rows - done, length - 1 - position)
        stop, here, there = done + inner, position + inner, position + 1
        given, results, rests = series[done:stop], means[done:stop], squares[done:stop]
        heads, tails, square_tails = sums[position:here], sums[there : here + 1], sums_of_squares[there : here + 1]
        for j in range(inner):
            x = given[j]
            distance = x - anchor
            head += distance
            head_square += distance * distance
            total = tails[j] + head
            rest = multiply_add(-total, total * share, square_tails[j] + head_square)
            results[j] = multiply_add(total, share, anchor)
            rests[j] = rest if rest > 0.0 else 0.0
            heads[j] = x
        done, position = stop, here
        if done < rows:
            x = series[done]
            distance = x - anchor
            head += distance
            head_square += distance * distance
            rest = multiply_add(-head, head * share, head_square)
            means[done] = multiply_add(head, share, anchor)
            squares[done] = rest if rest > 0.0 else 0.0
            sums[length - 1] = x
            done += 1
            position = 0
    w["position"] = position
    w["anchor"], w["sum"], w["square"] = anchor, head, head_square
