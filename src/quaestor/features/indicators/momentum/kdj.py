"""KDJ: stochastic oscillator with Wilder's averages and their extrapolation."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import any_missing, same_within_rounding
from quaestor.numeric.rolling import push_max, push_min, window_dtype


def _state(length: int, smooth_k: int, smooth_d: int) -> np.dtype[np.void]:  # noqa: ARG001
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("highs", window, (1,)), ("lows", window, (1,)), ("k", AVERAGE, (1,)), ("d", AVERAGE, (1,))],
        align=True,
    )


@kernel
def advance_kdj(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the close's position in the window's range, averaged once and twice, and the extrapolation of both."""
    s = state[0]
    length = params[0]["length"]
    smooth_k = params[0]["smooth_k"]
    smooth_d = params[0]["smooth_d"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(s["highs"], length, high)
        bottom = push_min(s["lows"], length, low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        flat = same_within_rounding(top, bottom)
        slow_k = push_wilder(s["k"], smooth_k, 0.0 if flat else (close - bottom) / ((top - bottom) / 100.0))
        if slow_k != slow_k:
            continue
        slow_d = push_wilder(s["d"], smooth_d, slow_k)
        if slow_d == slow_d:
            out[0, k] = slow_k
            out[1, k] = slow_d
            out[2, k] = 3.0 * slow_k - 2.0 * slow_d


KDJ = Feature(
    name="kdj",
    family="momentum",
    doc="`k`: Wilder's average over `smooth_k` of 100 · (close − lowest low) / (highest high − lowest low) of `length` "
    "bars, 0 without range; `d`: Wilder's average of k; both in [0, 100]; `j`: 3 k − 2 d.",
    units="percent",
    source="TA-Lib KDJ with Wilder's averages; Lane (1984), Lane's Stochastics",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("k", "d", "j"),
    parameters=(
        Integer("length", 9, 1, 10_000, "bars"),
        Integer("smooth_k", 3, 1, 1_000, "bars"),
        Integer("smooth_d", 3, 1, 1_000, "bars"),
    ),
    advance=advance_kdj,
    state_dtype=_state,
    warmup=lambda length, smooth_k, smooth_d: length + smooth_k + smooth_d - 3,
)
