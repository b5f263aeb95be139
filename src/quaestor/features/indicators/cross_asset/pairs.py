"""Paired returns: windows of the log returns of an instrument and a benchmark, and their second moments."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row
from quaestor.numeric.elementary import natural_log
from quaestor.numeric.rolling import push_delay, window_dtype

#: Rows of the market matrix that every feature of the family reads.
PAIR = (Column.CLOSE, Column.BENCHMARK)

#: Treatment of missing prices, for the documentation of features.
MISSING = "A close or benchmark that is not positive counts as missing."


def pair_state(length: int) -> np.dtype[np.void]:
    """Return the dtype of two windows and the previous closes."""
    window = window_dtype(length)
    scalars = [("count", "<i8"), ("close", "<f8"), ("benchmark", "<f8")]
    return np.dtype([*scalars, ("own", window, (1,)), ("other", window, (1,))], align=True)


@kernel
def is_missing_pair(close: float, benchmark: float) -> bool:
    """Return whether one of two prices is missing or not positive."""
    return (close - close) + (benchmark - benchmark) != 0.0 or close <= 0.0 or benchmark <= 0.0


@kernel
def take_returns(s: Row, length: int, close: float, benchmark: float) -> bool:
    """Add two prices to the windows of log returns and return whether these hold `length` returns."""
    if s["count"] > 0:
        push_delay(s["own"], length, natural_log(close / s["close"]))
        push_delay(s["other"], length, natural_log(benchmark / s["benchmark"]))
    s["close"] = close
    s["benchmark"] = benchmark
    s["count"] = min(s["count"] + 1, length + 1)
    return bool(s["count"] == length + 1)


@kernel
def slot(s: Row, length: int, j: int) -> int:
    """Return the index of the j-th oldest pair in the rings."""
    place = s["own"][0]["position"] + j
    return place if place < length else place - length


@kernel
def pair_sums(s: Row, length: int, shift: int) -> tuple[float, float, float, float, float]:
    """Return the means of both, then the sums of squared deviations of each and of their products, own first.

    Args:
        s: a record of `pair_state` with full windows.
        length: of the windows.
        shift: 0 pairs simultaneous returns; 1 own with the other's previous one; −1 the other's with own previous one.
    """
    own, other = s["own"][0]["ring"], s["other"][0]["ring"]
    back, ahead = max(-shift, 0), max(shift, 0)
    pairs = length - back - ahead
    newest = slot(s, length, length - 1)
    a0, b0 = own[newest], other[newest]
    mean_a = mean_b = 0.0
    for j in range(pairs):
        mean_a += own[slot(s, length, j + ahead)] - a0
        mean_b += other[slot(s, length, j + back)] - b0
    mean_a /= pairs
    mean_b /= pairs
    aa = bb = ab = 0.0
    for j in range(pairs):
        a = own[slot(s, length, j + ahead)] - a0 - mean_a
        b = other[slot(s, length, j + back)] - b0 - mean_b
        aa += a * a
        bb += b * b
        ab += a * b
    return a0 + mean_a, b0 + mean_b, aa, bb, ab


@kernel
def correlation(aa: float, bb: float, ab: float) -> float:
    """Return Pearson's correlation from sums of squares and products, in [−1, 1]; 0 when either did not move."""
    if not (aa > 0.0 and bb > 0.0):
        return 0.0
    return min(max(ab / (np.sqrt(aa) * np.sqrt(bb)), -1.0), 1.0)
