"""Moments of the closes of a window: variance, standard score, correlation with volume and linear fit."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import moments_dtype, push_delay, push_moments, window_dtype


def _moments_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("window", moments_dtype(length), (1,))], align=True)


@kernel
def _advance_moments(state: Table, length: int, score: bool, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the population variance, or the distance from the mean in sample standard deviations."""
    s = state[0]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        mean, squares = push_moments(window, length, x)
        count = min(count + 1, length)
        if count < length:
            continue
        if not score:
            out[0, k] = squares / length
        else:
            out[0, k] = (x - mean) / np.sqrt(squares / (length - 1.0)) if squares > 0.0 else 0.0
    s["count"] = count


@kernel
def advance_var(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the population variance."""
    _advance_moments(state, params[0]["length"], False, columns, out, i, n)


@kernel
def advance_stddev(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    variance: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the population standard deviation."""
    for k in range(i, n):
        out[0, k] = np.sqrt(variance[k])


@kernel
def advance_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance from the mean in sample standard deviations."""
    _advance_moments(state, params[0]["length"], True, columns, out, i, n)


def _pair_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("closes", window, (1,)), ("volumes", window, (1,))], align=True)


@kernel
def _correlation(s: Row, length: int) -> float:
    closes, volumes = s["closes"][0]["ring"], s["volumes"][0]["ring"]
    x0, y0 = closes[0], volumes[0]
    mean_x = mean_y = 0.0
    for j in range(length):
        mean_x += closes[j] - x0
        mean_y += volumes[j] - y0
    mean_x /= length
    mean_y /= length
    xx = yy = xy = 0.0
    for j in range(length):
        x = closes[j] - x0 - mean_x
        y = volumes[j] - y0 - mean_y
        xx += x * x
        yy += y * y
        xy += x * y
    if not (xx > 0.0 and yy > 0.0):
        return 0.0
    return min(max(xy / (np.sqrt(xx) * np.sqrt(yy)), -1.0), 1.0)


@kernel
def advance_price_volume_correlation(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Pearson's correlation of close and volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(close, volume, 0.0):
            continue
        push_delay(s["closes"], length, close)
        push_delay(s["volumes"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = _correlation(s, length)


def _trend_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("line", window_dtype(length), (1,))], align=True)


@kernel
def advance_linearreg_r2(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of the variance of closes that a straight line in time explains."""
    s = state[0]
    length = params[0]["length"]
    ring = s["line"][0]["ring"]
    middle = (length - 1.0) / 2.0
    spread = length * (length * length - 1.0) / 12.0
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(close):
            continue
        push_delay(s["line"], length, close)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        oldest = s["line"][0]["position"]
        mean = 0.0
        for j in range(length):
            mean += ring[j] - close
        mean /= length
        squares = trend = 0.0
        for j in range(length):
            d = ring[oldest + j if oldest + j < length else oldest + j - length] - close - mean
            squares += d * d
            trend += (j - middle) * d
        out[0, k] = min(trend / squares * (trend / spread), 1.0) if squares > 0.0 else 0.0


_LENGTH = Integer("length", 20, 2, 10_000, "bars")

VAR = Feature(
    name="var",
    family="statistical",
    doc="Population variance of the last `length` closes, as TA-Lib's VAR without its rounding; ≥ 0.",
    units="price squared",
    source="Fisher (1918), The Correlation between Relatives; TA-Lib VAR",
    inputs=(Column.CLOSE,),
    outputs=("var",),
    parameters=(_LENGTH,),
    advance=advance_var,
    state_dtype=_moments_state,
    warmup=lambda length: length - 1,
)

STDDEV = Feature(
    name="stddev",
    family="statistical",
    doc="Population standard deviation of the last `length` closes, as TA-Lib's STDDEV without its rounding; ≥ 0.",
    units="price",
    source="Pearson (1894), On the Dissection of Asymmetrical Frequency Curves; TA-Lib STDDEV",
    inputs=(Column.CLOSE,),
    outputs=("stddev",),
    parameters=(_LENGTH,),
    advance=advance_stddev,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=VAR.warmup,
    parts=lambda length: (VAR.instance(length).name,),
)

ZSCORE = Feature(
    name="zscore",
    family="statistical",
    doc="(close − mean) / sample standard deviation of the last `length` closes; within ±(length − 1)/√length; 0 when "
    "nothing moved.",
    units="standard deviations",
    source="Kreyszig (1979), Advanced Engineering Mathematics",
    inputs=(Column.CLOSE,),
    outputs=("zscore",),
    parameters=(_LENGTH,),
    advance=advance_zscore,
    state_dtype=_moments_state,
    warmup=lambda length: length - 1,
)

PRICE_VOLUME_CORRELATION = Feature(
    name="price_volume_correlation",
    family="statistical",
    doc="Pearson's correlation of close and volume over `length` bars; in [−1, 1]; 0 when either did not change.",
    units="ratio",
    source="Karpoff (1987), The Relation Between Price Changes and Trading Volume",
    inputs=(Column.CLOSE, Column.VOLUME),
    outputs=("price_volume_correlation",),
    parameters=(_LENGTH,),
    advance=advance_price_volume_correlation,
    state_dtype=_pair_state,
    warmup=lambda length: length - 1,
)

LINEARREG_R2 = Feature(
    name="linearreg_r2",
    family="statistical",
    doc="Coefficient of determination of the least-squares line through the last `length` closes; in [0, 1]; 0 when "
    "nothing moved.",
    units="ratio",
    source="Wright (1921), Correlation and Causation",
    inputs=(Column.CLOSE,),
    outputs=("linearreg_r2",),
    parameters=(Integer("length", 14, 3, 10_000, "bars"),),
    advance=advance_linearreg_r2,
    state_dtype=_trend_state,
    warmup=lambda length: length - 1,
)
