"""Choppiness index: sum of true ranges relative to the range of the window, on a log scale."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, natural_log
from quaestor.numeric.rolling import push_max, push_min, push_sum, window_dtype


def _state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    names = ("highs", "lows", "ranges")
    return np.dtype([("count", "<i8"), ("close", "<f8"), *((name, window, (1,)) for name in names)], align=True)


@kernel
def advance_chop(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the log of the sum of true ranges over the window's range, in percent of the log of `length`."""
    s = state[0]
    length = params[0]["length"]
    scale = 100.0 / natural_log(float(length))
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(s["highs"], length, high)
        bottom = push_min(s["lows"], length, low)
        if s["count"] > 0:
            way = push_sum(s["ranges"], length, true_range(high, low, s["close"]))
            if s["count"] == length:
                out[0, k] = scale * natural_log(way / (top - bottom)) if top > bottom and way > 0.0 else 100.0
        s["close"] = close
        s["count"] = min(s["count"] + 1, length)


CHOP = Feature(
    name="chop",
    family="volatility",
    doc="Choppiness index: 100 · log(sum of the true range / (highest high − lowest low)) / log(`length`) over "
    "`length` bars; about 0 in a steady trend, 100 where every bar spans the whole range, and without range.",
    units="percent",
    source="Dreiss, Choppiness Index, in Stocks and Commodities (1993)",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("chop",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_chop,
    state_dtype=_state,
    warmup=lambda length: length,
)
