"""Highs and lows: their correlation and beta, and the mean absolute deviation of closes."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import counted_windows, push_delay, window_dtype


def _pair_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("high", "<f8"), ("low", "<f8"), ("x", window, (1,)), ("y", window, (1,))], align=True
    )


@kernel
def _comoments(xs: Table, ys: Table, length: int) -> tuple[float, float, float]:
    """Return the sums over two windows of the products of deviations from their means: xx, yy, xy."""
    x_ring, y_ring = xs[0]["ring"], ys[0]["ring"]
    x_mean = y_mean = 0.0
    for j in range(length):
        x_mean += x_ring[j] - x_ring[0]
        y_mean += y_ring[j] - y_ring[0]
    x_mean /= length
    y_mean /= length
    xx = yy = xy = 0.0
    for j in range(length):
        x = x_ring[j] - x_ring[0] - x_mean
        y = y_ring[j] - y_ring[0] - y_mean
        xx += x * x
        yy += y * y
        xy += x * y
    return xx, yy, xy


@kernel
def advance_correl(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Pearson's correlation of high and low."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        push_delay(s["x"], length, high)
        push_delay(s["y"], length, low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        xx, yy, xy = _comoments(s["x"], s["y"], length)
        moved = xx > 0.0 and yy > 0.0
        out[0, k] = min(max(xy / (np.sqrt(xx) * np.sqrt(yy)), -1.0), 1.0) if moved else 0.0


@kernel
def _change(now: float, before: float) -> float:
    return (now - before) / before if before != 0.0 else 0.0


@kernel
def advance_beta(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the slope of the changes of the low on those of the high."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        if s["count"] > 0:
            push_delay(s["x"], length, _change(high, s["high"]))
            push_delay(s["y"], length, _change(low, s["low"]))
            if s["count"] == length:
                xx, _, xy = _comoments(s["x"], s["y"], length)
                out[0, k] = xy / xx if xx > 0.0 else 0.0
        s["high"] = high
        s["low"] = low
        s["count"] = min(s["count"] + 1, length)


@kernel
def advance_avgdev(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean absolute deviation of the closes from their mean."""
    s = state[0]
    length = params[0]["length"]
    ring = s["window"][0]["ring"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        push_delay(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        mean = 0.0
        for j in range(length):
            mean += ring[j] - x
        mean = x + mean / length
        total = 0.0
        for j in range(length):
            total += abs(ring[j] - mean)
        out[0, k] = total / length


CORREL = Feature(
    name="correl",
    family="statistical",
    doc="Pearson's correlation of highs and lows of the last `length` bars; in [−1, 1]; 0 when either did not change.",
    units="ratio",
    source="TA-Lib CORREL of high and low",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("correl",),
    parameters=(Integer("length", 30, 2, 10_000, "bars"),),
    advance=advance_correl,
    state_dtype=_pair_state,
    warmup=lambda length: length - 1,
)

BETA = Feature(
    name="beta",
    family="statistical",
    doc="Slope of the least-squares line of the low's changes on the high's, as fractions, over the last `length` "
    "bars; 0 when the high did not move.",
    units="ratio",
    source="TA-Lib BETA of high and low",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("beta",),
    parameters=(Integer("length", 5, 2, 10_000, "bars"),),
    advance=advance_beta,
    state_dtype=_pair_state,
    warmup=lambda length: length,
)

AVGDEV = Feature(
    name="avgdev",
    family="statistical",
    doc="Mean absolute deviation of the last `length` closes from their mean; ≥ 0.",
    units="price",
    source="TA-Lib AVGDEV",
    inputs=(Column.CLOSE,),
    outputs=("avgdev",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_avgdev,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)
