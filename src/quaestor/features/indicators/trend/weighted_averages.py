"""Weighted averages of the close: linear, triangular and Hull's, and the Coppock curve."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import push_weighted
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_delay, push_sum, window_dtype


@kernel
def advance_wma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the linearly weighted moving average."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        average = push_weighted(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = average


def _trima_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length // 2 + 1)
    return np.dtype([("count", "<i8"), ("inner", window, (1,)), ("outer", window, (1,))], align=True)


@kernel
def advance_trima(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the means of half the window, in which the middle weighs most."""
    s = state[0]
    length = params[0]["length"]
    inner_length = (length + 1) // 2
    outer_length = length // 2 + 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        inner = push_sum(s["inner"], inner_length, x) / inner_length
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < inner_length:
            continue
        outer = push_sum(s["outer"], outer_length, inner) / outer_length
        if s["count"] == length:
            out[0, k] = outer


def _root(length: int) -> int:
    return int(np.sqrt(length))


def _hma_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("count", "<i8"),
            ("half", window_dtype(length // 2), (1,)),
            ("full", window_dtype(length), (1,)),
            ("root", window_dtype(_root(length)), (1,)),
        ],
        align=True,
    )


@kernel
def advance_hma(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the weighted average of twice a fast weighted average less a slow one."""
    s = state[0]
    length = params[0]["length"]
    half_length = length // 2
    root_length = int(np.sqrt(length))
    last = length + root_length - 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        fast = push_weighted(s["half"], half_length, x)
        slow = push_weighted(s["full"], length, x)
        s["count"] = min(s["count"] + 1, last)
        if s["count"] < length:
            continue
        average = push_weighted(s["root"], root_length, 2.0 * fast - slow)
        if s["count"] == last:
            out[0, k] = average


def _coppock_state(long: int, short: int, smooth: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("count", "<i8"),
            ("long", window_dtype(long), (1,)),
            ("short", window_dtype(short), (1,)),
            ("smooth", window_dtype(smooth), (1,)),
        ],
        align=True,
    )


@kernel
def advance_coppock(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the weighted average of the sum of two percentage changes."""
    s = state[0]
    long = params[0]["long"]
    short = params[0]["short"]
    smooth = params[0]["smooth"]
    longest = max(long, short)
    last = longest + smooth
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        far = push_delay(s["long"], long, x)
        near = push_delay(s["short"], short, x)
        s["count"] = min(s["count"] + 1, last)
        if s["count"] <= longest:
            continue
        change = (x / far - 1.0) * 100.0 if far != 0.0 else 0.0
        change += (x / near - 1.0) * 100.0 if near != 0.0 else 0.0
        average = push_weighted(s["smooth"], smooth, change)
        if s["count"] == last:
            out[0, k] = average


_INPUTS = (Column.CLOSE,)
_LENGTH = Integer("length", 20, 2, 10_000, "bars")

WMA = Feature(
    name="wma",
    family="trend",
    doc="Weighted moving average of the last `length` closes: the newest weighs `length`, the oldest 1.",
    units="price",
    source="TA-Lib WMA",
    inputs=_INPUTS,
    outputs=("wma",),
    parameters=(_LENGTH,),
    advance=advance_wma,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)

TRIMA = Feature(
    name="trima",
    family="trend",
    doc="Triangular moving average: the mean of `length` / 2 + 1 means of (`length` + 1) / 2 closes, rounded down.",
    units="price",
    source="TA-Lib TRIMA",
    inputs=_INPUTS,
    outputs=("trima",),
    parameters=(_LENGTH,),
    advance=advance_trima,
    state_dtype=_trima_state,
    warmup=lambda length: length - 1,
)

HMA = Feature(
    name="hma",
    family="trend",
    doc="Hull moving average: WMA over √`length` of 2 · WMA(`length` / 2) − WMA(`length`); lengths rounded down.",
    units="price",
    source="Hull (2005), Hull Moving Average",
    inputs=_INPUTS,
    outputs=("hma",),
    parameters=(_LENGTH,),
    advance=advance_hma,
    state_dtype=_hma_state,
    warmup=lambda length: length + _root(length) - 2,
)

COPPOCK = Feature(
    name="coppock",
    family="momentum",
    doc="Coppock curve: WMA over `smooth` of the sum of the percentage changes over `long` and over `short` bars.",
    units="percent",
    source="Coppock (1962), Realistic Stock Market Forecasting",
    inputs=_INPUTS,
    outputs=("coppock",),
    parameters=(
        Integer("long", 14, 1, 10_000, "bars"),
        Integer("short", 11, 1, 10_000, "bars"),
        Integer("smooth", 10, 1, 10_000, "bars"),
    ),
    advance=advance_coppock,
    state_dtype=_coppock_state,
    warmup=lambda long, short, smooth: max(long, short) + smooth - 1,
)
