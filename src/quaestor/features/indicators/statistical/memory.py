"""Long memory: how far the past of a price reaches."""

import numpy as np

from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.features.indicators.statistical.distribution import take_return
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.elementary import natural_log
from quaestor.kernels.layout import Row, Table
from quaestor.kernels.rolling import push_delay, window_dtype

_SMALLEST = 8  # returns in a part


def _hurst_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("returns", window_dtype(length), (1,))], align=True)


@kernel
def _rescaled_range(s: Row, length: int, start: int, size: int) -> float:
    """Range of the summed deviations over the standard deviation, of `size` returns from the start-th oldest on."""
    ring = s["returns"][0]["ring"]
    oldest = s["returns"][0]["position"] + start
    mean = 0.0
    for j in range(size):
        mean += ring[oldest + j if oldest + j < length else oldest + j - length]
    mean /= size
    walk = top = bottom = squares = 0.0
    for j in range(size):
        d = ring[oldest + j if oldest + j < length else oldest + j - length] - mean
        squares += d * d
        walk += d
        top = walk if walk > top else top
        bottom = walk if walk < bottom else bottom
    return (top - bottom) / np.sqrt(squares / size) if squares > 1e-60 else 0.0


@kernel
def _hurst(s: Row, length: int) -> float:
    points = 0
    sx = sy = sxx = sxy = 0.0
    size = length
    while size >= _SMALLEST:
        parts = length // size
        total = 0.0
        moved = 0
        for part in range(parts):
            value = _rescaled_range(s, length, length - (part + 1) * size, size)
            if value > 0.0:
                total += value
                moved += 1
        if moved > 0:
            x, y = natural_log(float(size)), natural_log(total / moved)
            points += 1
            sx += x
            sy += y
            sxx += x * x
            sxy += x * y
        size //= 2
    return (points * sxy - sx * sy) / (points * sxx - sx * sx) if points >= 2 else 0.5


@kernel
def advance_hurst(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Slope of the log rescaled range on the log size of parts of the window."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0 or x <= 0.0:
            continue
        if take_return(s, length, x):
            out[0, k] = _hurst(s, length)


def _difference_state(order: float, length: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("logs", window_dtype(length), (1,)), ("weights", "<f8", (length,))], align=True)


@kernel
def advance_fractional_difference(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Weighted sum of the last `length` log closes, weights of the binomial series of (1 − B)^order."""
    s = state[0]
    length = params[0]["length"]
    weights, ring = s["weights"], s["logs"][0]["ring"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if x - x != 0.0 or x <= 0.0:
            continue
        if s["count"] == 0:
            weights[0] = 1.0
            for j in range(1, length):
                weights[j] = weights[j - 1] * ((j - 1.0 - params[0]["order"]) / j)
        push_delay(s["logs"], length, natural_log(x))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        newest = s["logs"][0]["position"] - 1 + length
        total = 0.0
        for j in range(length):
            total += weights[j] * ring[newest - j if newest - j < length else newest - j - length]
        out[0, k] = total


HURST = Feature(
    name="hurst",
    family="statistical",
    doc="Hurst exponent by rescaled range: the window of `length` log returns is cut, from its end, into parts of "
    f"length, length/2, length/4 … ≥ {_SMALLEST}; slope by least squares of ln(mean range/deviation) on ln(size). "
    "About 0.5: no memory, above: trend, below: return to the mean; biased upwards in small windows; 0.5 when nothing "
    "moved. A close that is not positive counts as missing.",
    units="exponent",
    source="Hurst (1951), Long-Term Storage Capacity of Reservoirs; Mandelbrot and Wallis (1969)",
    inputs=(Column.CLOSE,),
    outputs=("hurst",),
    parameters=(Integer("length", 100, 16, 10_000, "bars"),),
    advance=advance_hurst,
    state_dtype=_hurst_state,
    warmup=lambda length: length,
)

FRACTIONAL_DIFFERENCE = Feature(
    name="fractional_difference",
    family="statistical",
    doc="Fractionally differenced log close, fixed width: Σ w ln close, w₀ = 1, w_j = −w_{j−1} (order − j + 1)/j, "
    "over the last `length` bars. order 0 is the log close, 1 the log return. A close that is not positive counts as "
    "missing.",
    units="log price",
    source="López de Prado (2018), Advances in Financial Machine Learning, chapter 5; Hosking (1981)",
    inputs=(Column.CLOSE,),
    outputs=("fractional_difference",),
    parameters=(Real("order", 0.4, 0.0, 2.0, "order of the difference"), Integer("length", 100, 2, 10_000, "bars")),
    advance=advance_fractional_difference,
    state_dtype=_difference_state,
    warmup=lambda order, length: length - 1,  # noqa: ARG005
)
