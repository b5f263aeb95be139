"""Standard deviations: Bollinger bands and close-to-close volatility."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import moments_dtype, push_moments
from quaestor.numeric.rolling_rows import SHORTEST_RUN, Series, moments_rows, present_rows


def _bbands_state(length: int, width: float) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("window", moments_dtype(length), (1,))], align=True)


@inlined
def advance_bbands(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the rolling mean and the lines `width` population standard deviations above and below it."""
    s = state[0]
    length = params[0]["length"]
    width = params[0]["width"]
    close, upper, middle, lower = columns[Column.CLOSE], out[0], out[1], out[2]
    k = i
    while k < n:
        rows = 0
        if n - k >= SHORTEST_RUN and s["count"] == length:
            rows = _take_run(s, length, width, close[k:n], upper[k:n], middle[k:n], lower[k:n])
        if rows == 0:
            mean, reach = _take_row(s, length, width, close[k])
            upper[k] = mean + reach
            middle[k] = mean
            lower[k] = mean - reach
            rows = 1
        k += rows


@inlined
def _take_row(s: Row, length: int, width: float, x: float) -> tuple[float, float]:
    """Add a close and return the mean and the distance of the bands from it."""
    if is_missing(x):
        return np.nan, np.nan
    mean, squares = push_moments(s["window"], length, x)
    s["count"] = min(s["count"] + 1, length)
    if s["count"] < length:
        return np.nan, np.nan
    return mean, width * np.sqrt(squares * (1.0 / length))


@kernel
def _take_run(s: Row, length: int, width: float, close: Series, upper: Series, middle: Series, lower: Series) -> int:
    means, squares = scratch(), scratch()
    rows = present_rows(close[:SCRATCH_ROWS])
    moments_rows(s["window"], length, close[:rows], means, squares)
    share = 1.0 / length
    for j in range(rows):
        reach = width * np.sqrt(squares[j] * share)
        upper[j] = means[j] + reach
        middle[j] = means[j]
        lower[j] = means[j] - reach
    return rows


def _volatility_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("window", moments_dtype(length), (1,))], align=True)


@inlined
def advance_volatility(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sample standard deviation of the last `length` log returns."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    close = s["close"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if count > 0:
            _, squares = push_moments(window, length, natural_log(x / close))
            if count >= length:
                out[0, k] = np.sqrt(squares / (length - 1.0))
        close = x
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = close


BBANDS = Feature(
    name="bbands",
    family="volatility",
    doc="Bollinger bands: `middle` is the mean of `length` closes, `upper` and `lower` lie `width` population standard "
    "deviations away.",
    units="price",
    source="TA-Lib BBANDS with a simple average; Bollinger (2001), Bollinger on Bollinger Bands",
    inputs=(Column.CLOSE,),
    outputs=("upper", "middle", "lower"),
    parameters=(
        Integer("length", 20, 2, 10_000, "bars"),
        Real("width", 2.0, 0.01, 100.0, "standard deviations"),
    ),
    advance=advance_bbands,
    state_dtype=_bbands_state,
    warmup=lambda length, width: length - 1,  # noqa: ARG005
)

VOLATILITY = Feature(
    name="volatility",
    family="volatility",
    doc="Close-to-close volatility: sample standard deviation of the last `length` log returns, not annualised; ≥ 0. "
    "A close that is not positive counts as missing.",
    units="fraction per bar",
    source="Sinclair (2013), Volatility Trading, chapter 2",
    inputs=(Column.CLOSE,),
    outputs=("volatility",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_volatility,
    state_dtype=_volatility_state,
    warmup=lambda length: length,
)
