"""Commodity channel index: distance of the typical price from its mean in mean absolute deviations."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.scratch import SCRATCH_ROWS, scratch
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, same_within_rounding
from quaestor.numeric.rolling import ring_capacity
from quaestor.numeric.rolling_rows import Series, copy_values, present_bars


def _state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("position", "<i8"), ("ring", "<f8", (ring_capacity(length),))], align=True)


@inlined
def advance_cci(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance of the typical price from its mean, in units of 0.015 mean absolute deviations."""
    s = state[0]
    length = params[0]["length"]
    highs, lows, closes, line = columns[Column.HIGH], columns[Column.LOW], columns[Column.CLOSE], out[0]
    k = i
    while k < n:
        rows = 0
        if n - k >= length and s["position"] == 0 and s["count"] == length and length <= SCRATCH_ROWS:
            rows = _take_block(
                s, length, highs[k : k + length], lows[k : k + length], closes[k : k + length], line[k:n]
            )
        if rows == 0:
            line[k] = _take_row(s, length, highs[k], lows[k], closes[k])
            rows = 1
        k += rows


@kernel
def _index(typical: float, mean: float, deviation: float) -> float:
    flat = deviation == 0.0 or same_within_rounding(typical, mean)
    return 0.0 if flat else (typical - mean) / (0.015 * deviation)


@kernel
def _take_row(s: Row, length: int, high: float, low: float, close: float) -> float:
    if any_missing(high, low, close):
        return np.nan
    typical = (high + low + close) / 3.0
    ring = s["ring"][:length]
    ring[s["position"]] = typical
    s["position"] = s["position"] + 1 if s["position"] + 1 < length else 0
    s["count"] = min(s["count"] + 1, length)
    if s["count"] < length:
        return np.nan
    mean = 0.0
    for j in range(len(ring)):
        mean += ring[j]
    mean /= length
    deviation = 0.0
    for j in range(len(ring)):
        deviation += abs(ring[j] - mean)
    return _index(typical, mean, deviation / length)


@kernel
def _take_block(s: Row, length: int, highs: Series, lows: Series, closes: Series, line: Series) -> int:
    """Process as many rows as the window has, from the ring's first slot on: add each slot to the sums of all rows.

    At row j the slots up to the j-th hold new values, those after it old ones. Returns the number of rows processed:
    0 if a value is missing.
    """
    if present_bars(highs[:length], lows[:length], closes[:length]) < length:
        return 0
    typical, means, deviations = scratch()[:length], scratch()[:length], scratch()[:length]
    ring = s["ring"][:length]
    for j in range(len(typical)):
        typical[j] = (highs[j] + lows[j] + closes[j]) / 3.0
        means[j] = deviations[j] = 0.0
    for slot in range(length):
        before, after = means[:slot], means[slot:]
        for j in range(len(before)):
            before[j] += ring[slot]
        for j in range(len(after)):
            after[j] += typical[slot]
    for j in range(len(means)):
        means[j] /= length
    for slot in range(length):
        before, after = deviations[:slot], deviations[slot:]
        for j in range(len(before)):
            before[j] += abs(ring[slot] - means[j])
        later = means[slot:]
        for j in range(len(after)):
            after[j] += abs(typical[slot] - later[j])
    for j in range(len(typical)):
        line[j] = _index(typical[j], means[j], deviations[j] / length)
    copy_values(typical, ring)
    return length


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
    state_dtype=_state,
    warmup=lambda length: length - 1,
)
