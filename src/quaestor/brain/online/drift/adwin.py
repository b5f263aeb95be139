"""ADWIN detector: alarms when two parts of a growing window differ in mean by more than chance.

The window is kept as an exponential histogram: row r of it holds up to five buckets of 2^r values each, oldest first; a
sixth merges the oldest two into one bucket of the next row. So memory grows with the logarithm of the window, and every
boundary between buckets is tried as the place of a change. The test adapts to the variance of the window. Its bound is
that of a series in [0, 1]: give it one of about that range, since the range enters the smaller term alone.

An alarm empties the window (as in river, whose alarms are these; the paper keeps the part after the change).
A histogram whose last row is full drops its oldest bucket.

Source: Bifet and Gavaldà (2007), Learning from Time-Changing Data with Adaptive Windowing.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table, record
from quaestor.numeric.elementary import is_missing, natural_log

#: Buckets of one size before the oldest two are merged.
BUCKETS = 5

#: Parameters of `update_adwin`, made by `pack_adwin`.
ADWIN_PARAMS = record([("delta", "f8"), ("every", "i8"), ("part_min", "i8"), ("grace", "i8")])


def adwin_dtype(rows: int = 20) -> np.dtype[np.void]:
    """Return the state for windows of up to 5 · 2^rows values, by default about five million; zero bytes are fresh."""
    buckets = (rows, BUCKETS + 1)
    return record(
        [
            ("width", "i8"),  # values in the window
            ("ticks", "i8"),  # values since the start or the last alarm
            ("total", "f8"),
            ("squares", "f8"),  # sum of squared deviations from the mean
            ("depth", "i8"),  # rows in use
            ("counts", "i8", (rows,)),  # buckets in each
            ("totals", "f8", buckets),
            ("bucket_squares", "f8", buckets),
        ]
    )


def pack_adwin(delta: float = 0.002, every: int = 32, part_min: int = 5, grace: int = 10) -> Table:
    """Return one element of ADWIN_PARAMS.

    Args:
        delta: probability of a false alarm at a test, in (0, 1).
        every: values from one test to the next.
        part_min: values that either part has at least.
        grace: values that the window holds before the first test.

    Raises:
        ConfigError: a number out of range.
    """
    if not (0.0 < delta < 1.0 and every >= 1 and part_min >= 1 and grace >= 1):
        raise ConfigError(
            f"delta {delta:g}, every {every}, part_min {part_min}, grace {grace}",
            place="ADWIN",
            remedy="give a delta in (0, 1) and at least 1 for the rest",
        )
    return np.array([(delta, every, part_min, grace)], ADWIN_PARAMS)


@kernel
def update_adwin(state: Row, params: Row, x: float) -> bool:
    """Take a value and return whether the mean has changed inside the window."""
    if is_missing(x):
        return False
    _insert(state, x)
    if state["ticks"] % params["every"] != 0 or state["width"] <= params["grace"] or not _has_cut(state, params):
        return False
    state["counts"][:] = 0
    state["width"] = 0
    state["ticks"] = 0
    state["total"] = 0.0
    state["squares"] = 0.0
    state["depth"] = 0
    return True


@kernel
def _insert(state: Row, x: float) -> None:
    """Add a value to the window, as a bucket of its own, and merge where a row is overfull."""
    before = float(state["width"])
    if before > 0.0:
        away = x - state["total"] / before
        state["squares"] += before * away * away / (before + 1.0)
    state["width"] += 1
    state["ticks"] += 1
    state["total"] += x
    _push(state, 0, x, 0.0)
    counts, totals, squares = state["counts"], state["totals"], state["bucket_squares"]
    row = 0
    size = 1.0
    while counts[row] > BUCKETS:
        if row + 1 == len(counts):
            _forget_oldest(state, row, size)
            return
        apart = totals[row, 0] / size - totals[row, 1] / size
        within = squares[row, 0] + squares[row, 1] + size * 0.5 * apart * apart
        _push(state, row + 1, totals[row, 0] + totals[row, 1], within)
        _shift(counts, totals, squares, row, 2)
        row += 1
        size *= 2.0


@kernel
def _push(state: Row, row: int, total: float, squares: float) -> None:
    place = state["counts"][row]
    state["totals"][row, place] = total
    state["bucket_squares"][row, place] = squares
    state["counts"][row] = place + 1
    state["depth"] = max(state["depth"], row + 1)


@kernel
def _shift(
    counts: NDArray[np.int64], totals: NDArray[np.float64], squares: NDArray[np.float64], row: int, gone: int
) -> None:
    """Take the oldest buckets off a row."""
    counts[row] -= gone
    for place in range(counts[row]):
        totals[row, place] = totals[row, place + gone]
        squares[row, place] = squares[row, place + gone]


@kernel
def _forget_oldest(state: Row, row: int, size: float) -> None:
    """Take the oldest bucket of the last row out of the window."""
    totals, squares = state["totals"], state["bucket_squares"]
    left = state["width"] - size
    total = state["total"] - totals[row, 0]
    apart = totals[row, 0] / size - total / left
    state["squares"] = max(0.0, state["squares"] - squares[row, 0] - size * left * apart * apart / (size + left))
    state["width"] -= int(size)
    state["total"] = total
    _shift(state["counts"], totals, squares, row, 1)


@kernel
def _has_cut(state: Row, params: Row) -> bool:
    """Return whether some boundary between buckets parts the window into two of different means."""
    counts, totals = state["counts"], state["totals"]
    width = float(state["width"])
    doubt = natural_log(2.0 * natural_log(width) / params["delta"])
    variance = state["squares"] / width
    part_min = float(params["part_min"])
    older, newer = 0.0, width
    older_total, newer_total = 0.0, state["total"]
    for row in range(state["depth"] - 1, -1, -1):
        size = float(1 << row)
        for place in range(counts[row]):
            older += size
            newer -= size
            older_total += totals[row, place]
            newer_total -= totals[row, place]
            if older < part_min or newer < part_min:
                continue
            shares = 1.0 / (older - part_min + 1.0) + 1.0 / (newer - part_min + 1.0)
            bound = np.sqrt(2.0 * shares * variance * doubt) + 2.0 / 3.0 * doubt * shares
            if abs(older_total / older - newer_total / newer) > bound:
                return True
    return False
