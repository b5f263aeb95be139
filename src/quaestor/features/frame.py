"""Features of a longer timeframe beside those of the rows, without looking ahead.

The rows build bars of the longer timeframe by the kernel that builds them everywhere (`kernels.resample`). A bar is
seen once it has closed: with the row that ends exactly at its end or, when that row is missing, with the first row
after. Its features are computed then and held until the next bar closes. Rows with a missing price or volume build
nothing; they hold the last value too.
"""

from collections.abc import Sequence

import numpy as np

from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import ConfigError
from quaestor.kernels.chain import Chain, Link, text_of_params
from quaestor.kernels.fuse import fuse
from quaestor.kernels.resample import BucketKind, resample_dtype, resample_params

# Two bars may close at one row: one whose last row is missing, and the next if it is a row long… so two slots.
_SLOTS = 2

_SOURCE = '''"""Generated: features on bars of {frame}."""

import numpy as np
from numpy import inf, nan

from quaestor.kernels.compile import kernel
from quaestor.kernels.resample import resample_advance
from {module} import advance as advance_features

P = {params}
P.flags.writeable = False


@kernel
def advance(state, ts, columns, out, i, n):
    s = state[0]
    bars, flags, stamps, rows, values = s["bars"], s["flags"], s["stamps"], s["rows"], s["values"]
    held = s["held"]
    for k in range(i, n):
        missing = 0.0
        for row in range(5):
            missing += columns[row, k] - columns[row, k]
        if missing == 0.0:
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
    """Whether bars of one length can be built of rows of another.

    Raises:
        ConfigError: when the length of the rows is not known, or the timeframe is no whole multiple of it.
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
    """Rows without a value before the first of a feature that needs `warmup` bars of the timeframe before its first.

    Example:
        >>> rows_until_first(14, 60, 3600)
        899
    """
    return (warmup + 1) * (frame_ns // interval_ns) - 1


def frame_link(
    features: Chain, n_outputs: int, n_columns: int, interval_ns: int, frame_ns: int, targets: Sequence[int]
) -> Link:
    """The call that computes a set of features on bars of `frame_ns` and writes the first of them to output rows.

    Args:
        features: the set, as a chain with the signature of a plan.
        n_outputs: rows that it writes.
        n_columns: rows of the market matrix that it needs.
        interval_ns: length of the rows that come in.
        frame_ns: length of the bars that they build.
        targets: row of the plan's output for each of the set's first rows.
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
