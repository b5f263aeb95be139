"""Stochastic RSI: position of the relative strength index in its own range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.rsi import RSI
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import same_within_rounding
from quaestor.numeric.rolling import push_max, push_min, push_sum, window_dtype


def _state(length: int, window: int, smooth: int) -> np.dtype[np.void]:  # noqa: ARG001
    ring = window_dtype(window)
    return np.dtype(
        [("count", "<i8"), ("tops", ring, (1,)), ("bottoms", ring, (1,)), ("places", window_dtype(smooth), (1,))],
        align=True,
    )


@kernel
def advance_stochrsi(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    rsi: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the index's position in the range of its last values, and the mean of the position."""
    s = state[0]
    window = params[0]["window"]
    smooth = params[0]["smooth"]
    last = window + smooth - 1
    for k in range(i, n):
        x = rsi[k]
        out[0, k] = out[1, k] = np.nan
        if x != x:
            continue
        top = push_max(s["tops"], window, x)
        bottom = push_min(s["bottoms"], window, x)
        s["count"] = min(s["count"] + 1, last)
        if s["count"] < window:
            continue
        flat = same_within_rounding(top, bottom)
        place = 0.0 if flat else (x - bottom) / ((top - bottom) / 100.0)
        mean = push_sum(s["places"], smooth, place) / smooth
        if s["count"] == last:
            out[0, k] = place
            out[1, k] = mean


STOCHRSI = Feature(
    name="stochrsi",
    family="momentum",
    doc="Stochastic of the RSI of `length` bars: `k` is 100 · (rsi − lowest) / (highest − lowest) of its last `window` "
    "values, `d` the mean of k over `smooth`; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib STOCHRSI with simple averages; Chande and Kroll (1994), The New Technical Trader",
    inputs=(Column.CLOSE,),
    outputs=("k", "d"),
    parameters=(
        Integer("length", 14, 2, 10_000, "bars"),
        Integer("window", 5, 1, 10_000, "bars"),
        Integer("smooth", 3, 1, 1_000, "bars"),
    ),
    advance=advance_stochrsi,
    state_dtype=_state,
    warmup=lambda length, window, smooth: length + window + smooth - 2,
    parts=lambda length, window, smooth: (RSI.instance(length).name,),  # noqa: ARG005
)
