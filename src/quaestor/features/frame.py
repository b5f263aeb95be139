"""Features on a longer timeframe, aligned with the rows without looking ahead.

The rows are resampled to bars of the longer timeframe by the one kernel used everywhere (`domain.resample`). A bar is
visible once it has closed: with the row that ends exactly at its end or, when that row is missing, with the first row
after it. Its features are computed then and held until the next bar closes. Rows with a missing price or volume are
left out of the bars, and hold the last value as well.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.resample import BucketKind, resample_advance, resample_dtype, resample_params, resample_state
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import ConfigError
from quaestor.jit.chain import Chain, Link, text_of_params
from quaestor.jit.compile import kernel
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Matrix, Table

# Two bars may close at one row: one whose last row is missing, and the next one, when this row is its last.
_SLOTS = 2
_BAR_ROWS = 5

_SOURCE = '''"""Generated: features on bars of {frame}."""

import numpy as np
from numpy import inf, nan

from quaestor.jit.compile import kernel
from quaestor.features.frame import is_complete_bar
from quaestor.domain.resample import resample_advance
from {module} import advance as advance_features

P = {params}
P.flags.writeable = False


@kernel
def advance(state, ts, columns, out, i, n):
    s = state[0]
    bars, flags, stamps, rows, values = s["bars"], s["flags"], s["stamps"], s["rows"], s["values"]
    held = s["held"]
    for k in range(i, n):
        if is_complete_bar(columns, k):
            s["now"][0] = ts[k]
            for row in range({n_columns}):
                s["row"][row, 0] = columns[row, k]
            closed = resample_advance(bars, P, s["now"], s["row"], s["flag"], 0, 1, stamps, rows, flags, 0)
            for b in range(closed):
                advance_features(s["features"], stamps, rows, values, b, b + 1)
                s["seen"] = 1
                for row in range({n_held}):
                    held[row] = values[row, b]
        {store}
'''


def check_frame(frame_ns: int, interval_ns: int, place: str) -> None:
    """Refuse a timeframe whose bars cannot be built from the rows.

    Raises:
        ConfigError: when the length of a row is unknown, or the timeframe is not a whole multiple of it.
    """
    if interval_ns <= 0:
        raise ConfigError("a timeframe needs rows of a known length", place=place, remedy="leave out the part from @")
    if frame_ns % interval_ns != 0:
        raise ConfigError(
            f"{format_timeframe(frame_ns)} bars cannot be built from {format_timeframe(interval_ns)} bars",
            place=place,
            remedy=f"choose a whole multiple of {format_timeframe(interval_ns)}",
        )


def rows_until_first(warmup: int, interval_ns: int, frame_ns: int) -> int:
    """Return the number of rows before the first value of a feature whose warm-up is `warmup` bars of the timeframe.

    Example:
        >>> rows_until_first(14, 60, 3600)
        899
    """
    return (warmup + 1) * (frame_ns // interval_ns) - 1


def frame_link(
    features: Chain, n_outputs: int, n_columns: int, interval_ns: int, frame_ns: int, targets: Sequence[int]
) -> Link:
    """Return the call that computes a set of features on bars of `frame_ns` and writes the first to output rows.

    Args:
        features: the set, as a chain with the signature of a plan.
        n_outputs: number of rows that it writes.
        n_columns: number of rows of the market matrix that it needs.
        interval_ns: length of a row.
        frame_ns: length of a bar of the timeframe.
        targets: output row of the plan for each of the set's first outputs.
    """
    params = resample_params(BucketKind.TIME, interval_ns, interval_ns=frame_ns)
    held = [f'out[{row}, k] = held[{k}] if s["seen"] == 1 else nan' for k, row in enumerate(targets)]
    source = _SOURCE.format(
        frame=format_timeframe(frame_ns),
        module=features.advance.__module__,
        params=text_of_params(params),
        n_columns=n_columns,
        n_held=len(targets),
        store="\n        ".join(held),
    )
    dtype = np.dtype(
        [
            ("bars", resample_dtype(n_columns), (1,)),
            ("features", features.state_dtype, (1,)),
            ("now", "<i8", (1,)),
            ("flag", "<u4", (1,)),
            ("row", "<f8", (n_columns, 1)),
            ("stamps", "<i8", (_SLOTS,)),
            ("flags", "<u4", (_SLOTS,)),
            ("rows", "<f8", (n_columns, _SLOTS)),
            ("values", "<f8", (n_outputs, _SLOTS)),
            ("held", "<f8", (len(targets),)),
            ("seen", "<i8"),
        ],
        align=True,
    )
    return Link(fuse("frame", source).advance, ("ts", "columns", "out", "i", "n"), dtype)


@kernel
def is_complete_bar(columns: Matrix, k: int) -> bool:
    """Return whether row k is a complete bar: every price and the volume a finite number."""
    missing = 0.0
    for row in range(_BAR_ROWS):
        missing += columns[row, k] - columns[row, k]
    return missing == 0.0


@kernel
def _close_bars(
    state: Table,
    params: Table,
    ts: NDArray[np.int64],
    columns: Matrix,
    flags: NDArray[np.uint32],
    out_ts: NDArray[np.int64],
    out_columns: Matrix,
    out_flags: NDArray[np.uint32],
    last: NDArray[np.int64],
) -> int:
    """Write the bars that the rows complete, and for each row the index of the last bar closed by then, −1 for none.

    Returns the number of bars written.
    """
    closed = 0
    for k in range(len(ts)):
        if is_complete_bar(columns, k):
            closed = resample_advance(
                state, params, ts, columns, flags, k, k + 1, out_ts, out_columns, out_flags, closed
            )
        last[k] = closed - 1
    return closed


class FrameBuilder:
    """Builder of the bars of a longer timeframe from chunks of rows, holding the last values of their features.

    Args:
        n_columns: number of rows of the market matrix to build.
        n_held: number of features whose values are held.
        interval_ns: length of a row.
        frame_ns: length of a bar of the timeframe.
    """

    def __init__(self, n_columns: int, n_held: int, interval_ns: int, frame_ns: int) -> None:
        self._state = resample_state(n_columns)
        self._params = resample_params(BucketKind.TIME, interval_ns, interval_ns=frame_ns)
        self._held = np.full((n_held, 1), np.nan)

    def advance(self, ts: NDArray[np.int64], columns: Matrix) -> tuple[NDArray[np.int64], Matrix, NDArray[np.int64]]:
        """Return stamps and columns of the bars that close in a chunk, and for each row the last of them, or −1."""
        rows = len(self._state[0]["values"])
        capacity = len(ts) + _SLOTS
        out_ts, out_columns = np.empty(capacity, np.int64), np.empty((rows, capacity))
        last = np.empty(len(ts), np.int64)
        flags, out_flags = np.zeros(len(ts), np.uint32), np.empty(capacity, np.uint32)
        closed = _close_bars(self._state, self._params, ts, columns, flags, out_ts, out_columns, out_flags, last)
        return out_ts[:closed], np.ascontiguousarray(out_columns[:, :closed]), last

    def hold(self, values: Matrix, last: NDArray[np.int64]) -> Matrix:
        """Return values for every row, float64 (n_held, n), from those of the closed bars, (n_held or more, bars)."""
        known = np.hstack([self._held, values[: len(self._held)]])
        self._held = known[:, -1:]
        return known[:, last + 1]
