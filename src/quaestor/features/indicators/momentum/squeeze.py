"""Squeeze: flag of Bollinger bands inside the Keltner channel, and momentum of the close."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import push_aged
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import moments_dtype, push_max, push_min, push_moments, push_sum, window_dtype


def _state(length: int, bollinger: float, keltner: float) -> np.dtype[np.void]:  # noqa: ARG001
    names = ("highs", "lows", "ranges", "distances")
    return np.dtype(
        [
            ("count", "<i8"),
            ("close", "<f8"),
            ("closes", moments_dtype(length), (1,)),
            *((name, window_dtype(length), (1,)) for name in names),
        ],
        align=True,
    )


@kernel
def _forecast(window: Table, length: int, x: float) -> float:
    """Add x and return the value at x of the least-squares line through the last values."""
    total, aged = push_aged(window, length, x)
    middle = (length - 1.0) / 2.0
    slope = (middle * total - aged) / (length * (length * length - 1.0) / 12.0)
    return x + (total / length + slope * middle)


@kernel
def advance_squeeze(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the flag, and the value of the line through the distances of closes from the middle of their window."""
    s = state[0]
    length = params[0]["length"]
    last = 2 * length - 1
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close):
            continue
        mean, squares = push_moments(s["closes"], length, close)
        top = push_max(s["highs"], length, high)
        bottom = push_min(s["lows"], length, low)
        ranges = push_sum(s["ranges"], length, true_range(high, low, s["close"])) if s["count"] > 0 else 0.0
        s["close"] = close
        s["count"] = min(s["count"] + 1, last)
        if s["count"] < length:
            continue
        momentum = _forecast(s["distances"], length, close - ((top + bottom) / 2.0 + mean) / 2.0)
        if s["count"] == last:
            bollinger = params[0]["bollinger"] * np.sqrt(squares / length)
            out[0, k] = 1.0 if bollinger < params[0]["keltner"] * (ranges / length) else 0.0
            out[1, k] = momentum


SQUEEZE = Feature(
    name="squeeze",
    family="momentum",
    doc="`squeeze`: 1 while `bollinger` population deviations of `length` closes are less than `keltner` means of "
    "`length` true ranges, so that Bollinger's bands lie inside Keltner's, else 0; `momentum`: value at this bar of "
    "the least-squares line through the last `length` distances of the close from the mean of its window's mean close "
    "and midpoint.",
    units="flag; momentum: price",
    source="Carter (2005), Mastering the Trade: TTM Squeeze; momentum as charting platforms draw it",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("squeeze", "momentum"),
    parameters=(
        Integer("length", 20, 2, 10_000, "bars"),
        Real("bollinger", 2.0, 0.01, 100.0, "standard deviations"),
        Real("keltner", 1.5, 0.01, 100.0, "average true ranges"),
    ),
    advance=advance_squeeze,
    state_dtype=_state,
    warmup=lambda length, bollinger, keltner: 2 * length - 2,  # noqa: ARG005
)
