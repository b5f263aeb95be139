"""Distances from a rolling mean."""

import numpy as np

from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.elementary import any_missing, natural_log, same_within_rounding
from quaestor.kernels.layout import Table
from quaestor.kernels.rolling import moments_dtype, push_moments, ring_capacity
from quaestor.kernels.rows import blank_rows, moments_rows, present_rows
from quaestor.kernels.scratch import SCRATCH_ROWS, scratch


def _bbands_state(length: int, width: float) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("window", moments_dtype(length), (1,))], align=True)


@kernel
def advance_bbands(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Rolling mean and the lines `width` population standard deviations above and below it."""
    s = state[0]
    length = params[0]["length"]
    width = params[0]["width"]
    share = 1.0 / length
    means, squares = scratch(), scratch()
    k = i
    while k < n:
        stop = min(n, k + SCRATCH_ROWS)
        close = columns[Column.CLOSE][k:stop]
        upper, middle, lower = out[0][k:stop], out[1][k:stop], out[2][k:stop]
        rows = present_rows(close)
        moments_rows(s["window"], length, close[:rows], means, squares)
        for j in range(rows):
            reach = width * np.sqrt(squares[j] * share)
            upper[j] = means[j] + reach
            middle[j] = means[j]
            lower[j] = means[j] - reach
        for line in (upper, middle, lower):
            blank_rows(line, rows, length - 1 - s["count"])
        s["count"] = min(s["count"] + rows, length)
        k = min(k + rows + 1, stop)


def _volatility_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("window", moments_dtype(length), (1,))], align=True)


@kernel
def advance_volatility(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Sample standard deviation of the last `length` logarithmic returns."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    close = s["close"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0 or x <= 0.0:
            continue
        if count > 0:
            _, squares = push_moments(window, length, natural_log(x / close))
            if count >= length:
                out[0, k] = np.sqrt(squares / (length - 1.0))
        close = x
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = close


def _cci_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("position", "<i8"), ("ring", "<f8", (ring_capacity(length),))], align=True)


@kernel
def advance_cci(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance of the typical price from its mean, in units of 0.015 mean absolute deviations."""
    s = state[0]
    length = params[0]["length"]
    ring = s["ring"]
    count = s["count"]
    position = s["position"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        typical = (high + low + close) / 3.0
        ring[position] = typical
        position = position + 1 if position + 1 < length else 0
        count = min(count + 1, length)
        if count < length:
            continue
        mean = 0.0
        for j in range(length):
            mean += ring[j]
        mean /= length
        deviation = 0.0
        for j in range(length):
            deviation += abs(ring[j] - mean)
        distance = typical - mean
        flat = deviation == 0.0 or same_within_rounding(typical, mean)
        out[0, k] = 0.0 if flat else distance / (0.015 * (deviation / length))
    s["count"] = count
    s["position"] = position


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

CCI = Feature(
    name="cci",
    family="momentum",
    doc="Commodity channel index: (typical − mean) / (0.015 · mean absolute deviation) of `length` typical prices "
    "(high + low + close) / 3; 0 when nothing moved.",
    units="ratio",
    source="TA-Lib CCI; Lambert (1980), Commodity Channel Index",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("cci",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_cci,
    state_dtype=_cci_state,
    warmup=lambda length: length - 1,
)
