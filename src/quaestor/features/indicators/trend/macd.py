"""Moving average convergence/divergence."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.kernels.chain import Matrix
from quaestor.kernels.columns import Column
from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Table
from quaestor.kernels.multiply_add import multiply_add

_STATE = np.dtype(
    [("count", "<i8"), ("fast", "<f8"), ("slow", "<f8"), ("signal", "<f8")],
    align=True,
)


@kernel
def advance_macd(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Difference of two exponential averages, its own exponential average, and the distance between them."""
    s = state[0]
    fast_length = params[0]["fast"]
    slow_length = params[0]["slow"]
    signal_length = params[0]["signal"]
    fast_factor = 2.0 / (fast_length + 1.0)
    slow_factor = 2.0 / (slow_length + 1.0)
    signal_factor = 2.0 / (signal_length + 1.0)
    first = slow_length + signal_length - 1
    count = s["count"]
    fast = s["fast"]
    slow = s["slow"]
    signal = s["signal"]
    close = columns[Column.CLOSE]
    for k in range(i, n):
        x = close[k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if x - x != 0.0:
            continue
        if count >= first:
            fast = multiply_add(x - fast, fast_factor, fast)
            slow = multiply_add(x - slow, slow_factor, slow)
            line = fast - slow
            signal = multiply_add(line - signal, signal_factor, signal)
        else:
            count += 1
            fast, slow, signal = _seed(count, x, fast, slow, signal, fast_length, slow_length, signal_length)
            if count < first:
                continue
            line = fast - slow
        out[0, k] = line
        out[1, k] = signal
        out[2, k] = line - signal
    s["count"] = count
    s["fast"] = fast
    s["slow"] = slow
    s["signal"] = signal


@kernel
def _seed(
    count: int,
    x: float,
    fast: float,
    slow: float,
    signal: float,
    fast_length: int,
    slow_length: int,
    signal_length: int,
) -> tuple[float, float, float]:
    """The first rows: both averages begin on the same row, each with the mean of its own last values; so the signal."""
    if count <= slow_length:
        slow += x
        if count > slow_length - fast_length:
            fast += x
        if count == slow_length:
            slow /= slow_length
            fast /= fast_length
    else:
        fast = multiply_add(x - fast, 2.0 / (fast_length + 1.0), fast)
        slow = multiply_add(x - slow, 2.0 / (slow_length + 1.0), slow)
    if count >= slow_length:
        signal += fast - slow
    if count == slow_length + signal_length - 1:
        signal /= signal_length
    return fast, slow, signal


def _conflict(fast: int, slow: int, signal: int) -> str:  # noqa: ARG001
    return "" if fast < slow else f"fast = {fast} must be shorter than slow = {slow}"


MACD = Feature(
    name="macd",
    family="trend",
    doc="EMA(fast) − EMA(slow), both seeded on the row where the slow one begins; `signal`: its EMA; `hist`: "
    "the distance of the two.",
    units="price",
    source="TA-Lib MACD; Appel (1979), The Moving Average Convergence-Divergence Method",
    inputs=(Column.CLOSE,),
    outputs=("macd", "signal", "hist"),
    parameters=(
        Integer("fast", 12, 2, 5_000, "bars"),
        Integer("slow", 26, 2, 10_000, "bars"),
        Integer("signal", 9, 1, 5_000, "bars"),
    ),
    advance=advance_macd,
    state_dtype=always(_STATE),
    warmup=lambda fast, slow, signal: slow + signal - 2,  # noqa: ARG005
    conflict=_conflict,
)
