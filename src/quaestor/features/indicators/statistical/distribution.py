"""Return distribution: skewness, kurtosis, autocorrelation and entropy of the log returns of a window."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import push_delay, window_dtype


def returns_state(length: int, *_: int) -> np.dtype[np.void]:
    """Return the dtype of a window of log returns for `take_return`."""
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("returns", window_dtype(length), (1,))], align=True)


@kernel
def take_return(s: Row, length: int, x: float) -> bool:
    """Add a close to the window of log returns and return whether it holds `length` of them."""
    if s["count"] == 0:
        s["close"] = x
        s["count"] = 1
        return False
    push_delay(s["returns"], length, natural_log(x / s["close"]))
    s["close"] = x
    s["count"] = min(s["count"] + 1, length + 1)
    return bool(s["count"] == length + 1)


@kernel
def _standard_moment(s: Row, length: int, order: int) -> float:
    """Return the mean of the deviations to the power of 3 or 4 in standard deviations; 0 when nothing moved."""
    ring = s["returns"][0]["ring"]
    mean = 0.0
    for j in range(length):
        mean += ring[j]
    mean /= length
    square = 0.0
    power = 0.0
    for j in range(length):
        d = ring[j] - mean
        square += d * d
        power += d * d * d if order == 3 else d * d * d * d
    square /= length
    if not square > 1e-60:
        return 0.0
    return (power / length) / (square * np.sqrt(square) if order == 3 else square * square)


@kernel
def advance_skew(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the adjusted Fisher-Pearson skewness."""
    s = state[0]
    length = params[0]["length"]
    scale = np.sqrt(length * (length - 1.0)) / (length - 2.0)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            out[0, k] = scale * _standard_moment(s, length, 3)


@kernel
def advance_kurtosis(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the excess kurtosis, corrected for the size of the sample."""
    s = state[0]
    length = params[0]["length"]
    scale = (length - 1.0) / ((length - 2.0) * (length - 3.0))
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            moment = _standard_moment(s, length, 4)
            out[0, k] = scale * ((length + 1.0) * moment - 3.0 * (length - 1.0)) if moment > 0.0 else 0.0


@kernel
def advance_autocorrelation(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the covariance of returns with those `lag` bars before, over their variance."""
    s = state[0]
    length = params[0]["length"]
    lag = params[0]["lag"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if not take_return(s, length, x):
            continue
        ring = s["returns"][0]["ring"]
        oldest = s["returns"][0]["position"]
        mean = 0.0
        for j in range(length):
            mean += ring[j]
        mean /= length
        variance = 0.0
        covariance = 0.0
        for j in range(length):
            now = oldest + j if oldest + j < length else oldest + j - length
            d = ring[now] - mean
            variance += d * d
            if j >= lag:
                before = now - lag if now >= lag else now - lag + length
                covariance += d * (ring[before] - mean)
        out[0, k] = covariance / variance if variance > 1e-60 else 0.0


def _entropy_state(length: int, bins: int) -> np.dtype[np.void]:
    returns = window_dtype(length)
    return np.dtype(
        [("bins", "<i8", (bins,)), ("count", "<i8"), ("close", "<f8"), ("returns", returns, (1,))], align=True
    )


@kernel
def _binned_entropy(s: Row, length: int, bins: int) -> float:
    ring = s["returns"][0]["ring"]
    counts = s["bins"]
    bottom = top = ring[0]
    for j in range(1, length):
        bottom = ring[j] if ring[j] < bottom else bottom
        top = ring[j] if ring[j] > top else top
    if not top - bottom > 0.0:
        return 0.0
    for b in range(bins):
        counts[b] = 0
    for j in range(length):
        counts[min(int((ring[j] - bottom) / (top - bottom) * bins), bins - 1)] += 1
    total = 0.0
    for b in range(bins):
        if counts[b] > 0:
            share = counts[b] / length
            total -= share * natural_log(share)
    return total / natural_log(float(bins))


@kernel
def advance_entropy(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the Shannon entropy of the histogram of returns as a share of its maximum."""
    s = state[0]
    length = params[0]["length"]
    bins = params[0]["bins"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if take_return(s, length, x):
            out[0, k] = _binned_entropy(s, length, bins)


_MISSING = "0 when nothing moved; a close that is not positive counts as missing."

SKEW = Feature(
    name="skew",
    family="statistical",
    doc=f"Adjusted Fisher-Pearson skewness of the last `length` log returns; {_MISSING}",
    units="ratio",
    source="Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, G1",
    inputs=(Column.CLOSE,),
    outputs=("skew",),
    parameters=(Integer("length", 50, 3, 10_000, "bars"),),
    advance=advance_skew,
    state_dtype=returns_state,
    warmup=lambda length: length,
)

KURTOSIS = Feature(
    name="kurtosis",
    family="statistical",
    doc=f"Excess kurtosis of the last `length` log returns, corrected for the sample's size; normal: 0; {_MISSING}",
    units="ratio",
    source="Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, G2",
    inputs=(Column.CLOSE,),
    outputs=("kurtosis",),
    parameters=(Integer("length", 50, 4, 10_000, "bars"),),
    advance=advance_kurtosis,
    state_dtype=returns_state,
    warmup=lambda length: length,
)

AUTOCORRELATION = Feature(
    name="autocorrelation",
    family="statistical",
    doc="Autocorrelation at `lag` of the last `length` log returns: Σ (r − m)(r `lag` before − m) / Σ (r − m)², m "
    f"their mean; in [−1, 1]; {_MISSING}",
    units="ratio",
    source="Box, Jenkins and Reinsel (1994), Time Series Analysis, section 2.1",
    inputs=(Column.CLOSE,),
    outputs=("autocorrelation",),
    parameters=(Integer("length", 50, 3, 10_000, "bars"), Integer("lag", 1, 1, 1_000, "bars")),
    advance=advance_autocorrelation,
    state_dtype=returns_state,
    warmup=lambda length, lag: length,  # noqa: ARG005
    conflict=lambda length, lag: "" if lag < length else f"lag = {lag} leaves no pair in {length} returns",
)

ENTROPY = Feature(
    name="entropy",
    family="statistical",
    doc="Shannon's entropy −Σ p ln p / ln `bins` of the last `length` log returns, p their shares in `bins` equal "
    f"intervals from the least to the greatest of them; in [0, 1]; {_MISSING}",
    units="share of the maximum",
    source="Shannon (1948), A Mathematical Theory of Communication",
    inputs=(Column.CLOSE,),
    outputs=("entropy",),
    parameters=(Integer("length", 50, 2, 10_000, "bars"), Integer("bins", 10, 2, 1_000, "intervals")),
    advance=advance_entropy,
    state_dtype=_entropy_state,
    warmup=lambda length, bins: length,  # noqa: ARG005
)
