"""Serial dependence: variance ratio, autocorrelation tests, autoregression and half-life of mean reversion."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.statistical.distribution import returns_state, take_return
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import push_delay, window_dtype

_NOTHING = 1e-60  # a sum of squares below this is treated as none
_LN2 = math.log(2.0)


@kernel
def _mean(s: Row, length: int) -> float:
    ring = s["returns"][0]["ring"]
    total = 0.0
    for j in range(length):
        total += ring[j]
    return total / length


@kernel
def _autocovariance(s: Row, length: int, lag: int, mean: float) -> float:
    """Return the sum of the products of deviations from the mean `lag` returns apart."""
    ring = s["returns"][0]["ring"]
    oldest = s["returns"][0]["position"]
    total = 0.0
    for j in range(lag, length):
        now = oldest + j if oldest + j < length else oldest + j - length
        before = now - lag if now >= lag else now - lag + length
        total += (ring[now] - mean) * (ring[before] - mean)
    return total


@kernel
def _overlapping_squares(s: Row, length: int, lag: int, mean: float) -> float:
    """Return the sum of the squared sums of `lag` neighbouring deviations."""
    ring = s["returns"][0]["ring"]
    oldest = s["returns"][0]["position"]
    total = 0.0
    for j in range(lag - 1, length):
        last = oldest + j if oldest + j < length else oldest + j - length
        change = 0.0
        for back in range(lag):
            change += ring[last - back if last >= back else last - back + length] - mean
        total += change * change
    return total


@kernel
def advance_variance_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the variance of changes over `lag` bars over `lag` times the variance of changes over one bar."""
    s = state[0]
    length, lag = params[0]["length"], params[0]["lag"]
    degrees = lag * (length - lag + 1.0) * (1.0 - lag / length)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            mean = _mean(s, length)
            single = _autocovariance(s, length, 0, mean)
            joint = _overlapping_squares(s, length, lag, mean)
            out[0, k] = (joint / degrees) / (single / (length - 1.0)) if single > _NOTHING else 1.0


@kernel
def advance_ljung_box(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the weighted sum of squared autocorrelations."""
    s = state[0]
    length, lags = params[0]["length"], params[0]["lags"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            mean = _mean(s, length)
            variance = _autocovariance(s, length, 0, mean)
            total = 0.0
            for lag in range(1, lags + 1):
                r = _autocovariance(s, length, lag, mean) / variance if variance > _NOTHING else 0.0
                total += r * r / (length - lag)
            out[0, k] = length * (length + 2.0) * total


@kernel
def advance_partial_autocorrelation(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    first: Matrix,
    second: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the partial autocorrelation of returns at lag 2."""
    for k in range(i, n):
        square = first[k] * first[k]
        out[0, k] = (second[k] - square) / (1.0 - square) if square != 1.0 else 0.0


@kernel
def advance_autoregression(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the least-squares slope of a return on the previous one."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            ring = s["returns"][0]["ring"]
            out[0, k] = _slope_on_previous(ring, s["returns"][0]["position"], length, 0.0, False)


@kernel
def _slope_on_previous(ring: Matrix, oldest: int, length: int, anchor: float, change: bool) -> float:
    """Return the least-squares slope, with a constant, of each value (or its change) on the previous value.

    0 when none moved. The anchor, a value near those of the window, is subtracted from all to avoid cancellation.
    """
    pairs = length - 1.0
    mean_x = mean_y = 0.0
    for j in range(1, length):
        x = ring[oldest + j - 1 if oldest + j - 1 < length else oldest + j - 1 - length] - anchor
        y = ring[oldest + j if oldest + j < length else oldest + j - length] - anchor
        mean_x += x
        mean_y += y - x if change else y
    mean_x /= pairs
    mean_y /= pairs
    squares = products = 0.0
    for j in range(1, length):
        x = ring[oldest + j - 1 if oldest + j - 1 < length else oldest + j - 1 - length] - anchor
        y = ring[oldest + j if oldest + j < length else oldest + j - length] - anchor
        d = x - mean_x
        squares += d * d
        products += d * ((y - x if change else y) - mean_y)
    return products / squares if squares > _NOTHING else 0.0


def _logs_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("logs", window_dtype(length), (1,))], align=True)


@kernel
def advance_half_life(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the half-life, in bars, of a distance from the mean."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        newest = natural_log(x)
        push_delay(s["logs"], length, newest)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        kept = 1.0 + _slope_on_previous(s["logs"][0]["ring"], s["logs"][0]["position"], length, newest, True)
        if kept >= 1.0:
            out[0, k] = length
        elif kept <= 0.0:
            out[0, k] = 0.0
        else:
            out[0, k] = min(-_LN2 / natural_log(kept), length)


_MISSING = "A close that is not positive counts as missing."

VARIANCE_RATIO = Feature(
    name="variance_ratio",
    family="statistical",
    doc="Variance of the log changes over `lag` bars (overlapping) over `lag` times that of one bar's, both corrected "
    "for bias, among the last `length` log returns; ≥ 0: 1 for a random walk, above: trend, below: mean reversion; "
    f"1 when nothing moved. {_MISSING}",
    units="ratio",
    source="Lo and MacKinlay (1988), Stock Market Prices Do Not Follow Random Walks",
    inputs=(Column.CLOSE,),
    outputs=("variance_ratio",),
    parameters=(Integer("length", 100, 4, 10_000, "bars"), Integer("lag", 5, 2, 1_000, "bars")),
    advance=advance_variance_ratio,
    state_dtype=returns_state,
    warmup=lambda length, lag: length,  # noqa: ARG005
    conflict=lambda length, lag: "" if lag < length else f"lag = {lag} leaves no pair in {length} returns",
)

LJUNG_BOX = Feature(
    name="ljung_box",
    family="statistical",
    doc="Ljung and Box's Q of the last `length` log returns: length (length + 2) Σ ρ²/(length − k) over the "
    "autocorrelations ρ at lags k = 1 … `lags`; ≥ 0; for independent returns it follows χ² with `lags` degrees of "
    f"freedom; 0 when nothing moved. {_MISSING}",
    units="χ²",
    source="Ljung and Box (1978), On a Measure of Lack of Fit in Time Series Models",
    inputs=(Column.CLOSE,),
    outputs=("ljung_box",),
    parameters=(Integer("length", 100, 4, 10_000, "bars"), Integer("lags", 5, 1, 1_000, "bars")),
    advance=advance_ljung_box,
    state_dtype=returns_state,
    warmup=lambda length, lags: length,  # noqa: ARG005
    conflict=lambda length, lags: "" if lags < length else f"lags = {lags} leave no pair in {length} returns",
)

PARTIAL_AUTOCORRELATION = Feature(
    name="partial_autocorrelation",
    family="statistical",
    doc="Partial autocorrelation at lag 2 of the last `length` log returns: (ρ₂ − ρ₁²)/(1 − ρ₁²), ρ their "
    f"`autocorrelation`; in [−1, 1]; 0 when nothing moved. {_MISSING}",
    units="ratio",
    source="Durbin (1960), The Fitting of Time-Series Models",
    inputs=(Column.CLOSE,),
    outputs=("partial_autocorrelation",),
    parameters=(Integer("length", 50, 3, 10_000, "bars"),),
    advance=advance_partial_autocorrelation,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=lambda length: length,
    parts=lambda length: (f"autocorrelation_{length}_1", f"autocorrelation_{length}_2"),
)

AUTOREGRESSION = Feature(
    name="autoregression",
    family="statistical",
    doc="Least-squares slope, with a constant, of a log return on the previous one, over the last `length` log "
    f"returns; 0 when nothing moved. {_MISSING}",
    units="ratio",
    source="Yule (1927), On a Method of Investigating Periodicities in Disturbed Series",
    inputs=(Column.CLOSE,),
    outputs=("autoregression",),
    parameters=(Integer("length", 50, 3, 10_000, "bars"),),
    advance=advance_autoregression,
    state_dtype=returns_state,
    warmup=lambda length: length,
)

HALF_LIFE = Feature(
    name="half_life",
    family="statistical",
    doc="Half-life of mean reversion in bars: −ln 2 / ln(1 + b), b the least-squares slope of the change of the log "
    "close on the previous log close, over the last `length` closes (a discretely sampled Ornstein-Uhlenbeck process). "
    "In [0, length]: `length` also without mean reversion (b ≥ 0) or with a longer half-life, 0 for reversion within a "
    f"bar (b ≤ −1). {_MISSING}",
    units="bars",
    source="Chan (2013), Algorithmic Trading, chapter 2; Uhlenbeck and Ornstein (1930)",
    inputs=(Column.CLOSE,),
    outputs=("half_life",),
    parameters=(Integer("length", 100, 4, 10_000, "bars"),),
    advance=advance_half_life,
    state_dtype=_logs_state,
    warmup=lambda length: length - 1,
)
