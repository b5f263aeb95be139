"""Where the close stands between the highest high and the lowest low of a window."""

import numpy as np

from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.elementary import any_missing, same_within_rounding
from quaestor.kernels.layout import Table
from quaestor.kernels.rolling import push_max, push_min, push_sum, window_dtype

_RANGE_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)


def _willr_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("highs", window_dtype(length), (1,)), ("lows", window_dtype(length), (1,))], align=True
    )


@kernel
def advance_willr(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance of the close below the window's high, as a share of its range."""
    s = state[0]
    length = params[0]["length"]
    highs, lows = s["highs"], s["lows"]
    count = s["count"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(highs, length, high)
        bottom = push_min(lows, length, low)
        count = min(count + 1, length)
        if count == length:
            flat = same_within_rounding(top, bottom)
            out[0, k] = 0.0 if flat else (top - close) / ((top - bottom) / -100.0)
    s["count"] = count


def _stoch_state(length: int, smooth_k: int, smooth_d: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [
            ("count", "<i8"),
            ("highs", window, (1,)),
            ("lows", window, (1,)),
            ("fast", window_dtype(smooth_k), (1,)),
            ("slow", window_dtype(smooth_d), (1,)),
        ],
        align=True,
    )


@kernel
def advance_stoch(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Slow stochastic: the close's place in the window's range, averaged once (k) and again (d)."""
    s = state[0]
    length = params[0]["length"]
    smooth_k = params[0]["smooth_k"]
    smooth_d = params[0]["smooth_d"]
    highs, lows, fast, slow = s["highs"], s["lows"], s["fast"], s["slow"]
    k_from = length + smooth_k - 1
    d_from = k_from + smooth_d - 1
    count = s["count"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(highs, length, high)
        bottom = push_min(lows, length, low)
        count = min(count + 1, d_from)
        if count < length:
            continue
        flat = same_within_rounding(top, bottom)
        place = 0.0 if flat else (close - bottom) / ((top - bottom) / 100.0)
        slow_k = push_sum(fast, smooth_k, place) / smooth_k
        if count < k_from:
            continue
        slow_d = push_sum(slow, smooth_d, slow_k) / smooth_d
        if count == d_from:
            out[0, k] = slow_k
            out[1, k] = slow_d
    s["count"] = count


def _donchian_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("upper", "<f8"), ("lower", "<f8"), ("highs", window, (1,)), ("lows", window, (1,))],
        align=True,
    )


@kernel
def advance_donchian(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Highest high and lowest low of the `length` bars before this one."""
    s = state[0]
    length = params[0]["length"]
    highs, lows = s["highs"], s["lows"]
    count = s["count"]
    upper = s["upper"]
    lower = s["lower"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        if count >= length:
            out[0, k] = upper
            out[1, k] = lower
        upper = push_max(highs, length, high)
        lower = push_min(lows, length, low)
        count = min(count + 1, length)
    s["count"] = count
    s["upper"] = upper
    s["lower"] = lower


def _drawdown_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("closes", window_dtype(length), (1,))], align=True)


@kernel
def advance_drawdown(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance of the close below the highest close of the window, as a share of that."""
    s = state[0]
    length = params[0]["length"]
    closes = s["closes"]
    count = s["count"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if close - close != 0.0:
            continue
        peak = push_max(closes, length, close)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = close / peak - 1.0 if peak > 0.0 else 0.0
    s["count"] = count


WILLR = Feature(
    name="willr",
    family="momentum",
    doc="−100 · (highest high − close) / (highest high − lowest low) of `length` bars; in [−100, 0]; 0 without range.",
    units="percent",
    source="TA-Lib WILLR; Williams (1973), How I Made One Million Dollars",
    inputs=_RANGE_INPUTS,
    outputs=("willr",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_willr,
    state_dtype=_willr_state,
    warmup=lambda length: length - 1,
)

STOCH = Feature(
    name="stoch",
    family="momentum",
    doc="Slow stochastic: `k` is the mean over `smooth_k` of 100 · (close − lowest low) / (highest high − lowest low), "
    "`d` the mean of k over `smooth_d`; in [0, 100]; 0 without range.",
    units="percent",
    source="TA-Lib STOCH with simple averages; Lane (1984), Lane's Stochastics",
    inputs=_RANGE_INPUTS,
    outputs=("k", "d"),
    parameters=(
        Integer("length", 14, 1, 10_000, "bars"),
        Integer("smooth_k", 3, 1, 1_000, "bars"),
        Integer("smooth_d", 3, 1, 1_000, "bars"),
    ),
    advance=advance_stoch,
    state_dtype=_stoch_state,
    warmup=lambda length, smooth_k, smooth_d: length + smooth_k + smooth_d - 3,
)

DONCHIAN = Feature(
    name="donchian",
    family="volatility",
    doc="Donchian channel: highest high (`upper`) and lowest low (`lower`) of the `length` bars before this one.",
    units="price",
    source="Donchian (1960), High Finance in Copper",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("upper", "lower"),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_donchian,
    state_dtype=_donchian_state,
    warmup=lambda length: length,
)

DRAWDOWN = Feature(
    name="drawdown",
    family="volatility",
    doc="close / highest close of the last `length` bars − 1; in [−1, 0].",
    units="fraction",
    source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, on a rolling window",
    inputs=(Column.CLOSE,),
    outputs=("drawdown",),
    parameters=(Integer("length", 240, 2, 100_000, "bars"),),
    advance=advance_drawdown,
    state_dtype=_drawdown_state,
    warmup=lambda length: length - 1,
)
