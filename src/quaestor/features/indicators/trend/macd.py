"""MACD, moving average convergence/divergence: difference of two exponential averages and its signal line."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always, fast_before_slow
from quaestor.features.feature import Feature
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import ema_weights
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling_rows import Series

_STATE = np.dtype(
    [("count", "<i8"), ("fast", "<f8"), ("slow", "<f8"), ("signal", "<f8")],
    align=True,
)


@inlined
def advance_macd(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of two exponential averages, its exponential average, and the difference of these."""
    s = state[0]
    close = columns[Column.CLOSE]
    k = _seed(s, params[0], close, out, i, n)
    while k < n:
        k += _average(s, params[0], close[k:n], out[0][k:n], out[1][k:n], out[2][k:n])
        if k < n:
            out[0, k] = out[1, k] = out[2, k] = np.nan
            k += 1


@kernel
def _average(s: Row, lengths: Row, close: Series, lines: Series, signals: Series, distances: Series) -> int:
    """Process rows until a close is missing and return their number."""
    fast_keep, fast_weight = ema_weights(lengths["fast"])
    slow_keep, slow_weight = ema_weights(lengths["slow"])
    signal_keep, signal_weight = ema_weights(lengths["signal"])
    fast, slow, signal = s["fast"], s["slow"], s["signal"]
    rows = len(close)
    for j in range(rows):
        x = close[j]
        if not abs(x) < np.inf:
            rows = j
            break
        fast = multiply_add(fast, fast_keep, x * fast_weight)
        slow = multiply_add(slow, slow_keep, x * slow_weight)
        line = fast - slow
        signal = multiply_add(signal, signal_keep, line * signal_weight)
        lines[j] = line
        signals[j] = signal
        distances[j] = line - signal
    s["fast"], s["slow"], s["signal"] = fast, slow, signal
    return rows


@kernel
def _seed(s: Row, lengths: Row, close: Series, out: Matrix, i: int, n: int) -> int:
    """Process rows up to the first value of the signal and return the row after it.

    Both averages begin on the same row, each with the mean of its own last values. The signal begins with the mean of
    its first values.
    """
    slow_length = lengths["slow"]
    signal_length = lengths["signal"]
    first = slow_length + signal_length - 1
    k = i
    while k < n and s["count"] < first:
        x = close[k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if not is_missing(x):
            s["count"] += 1
            _seed_averages(s, lengths["fast"], slow_length, x)
            line = s["fast"] - s["slow"]
            if s["count"] >= slow_length:
                s["signal"] += line
            if s["count"] == first:
                s["signal"] /= signal_length
                out[0, k] = line
                out[1, k] = s["signal"]
                out[2, k] = line - s["signal"]
        k += 1
    return k


@kernel
def _seed_averages(s: Row, fast_length: int, slow_length: int, x: float) -> None:
    if s["count"] > slow_length:
        keep, weight = ema_weights(fast_length)
        s["fast"] = multiply_add(s["fast"], keep, x * weight)
        keep, weight = ema_weights(slow_length)
        s["slow"] = multiply_add(s["slow"], keep, x * weight)
        return
    s["slow"] += x
    if s["count"] > slow_length - fast_length:
        s["fast"] += x
    if s["count"] == slow_length:
        s["slow"] /= slow_length
        s["fast"] /= fast_length


MACD = Feature(
    name="macd",
    family="trend",
    doc="EMA(fast) − EMA(slow), both seeded on the row where the slow one begins; `signal`: its EMA; `hist`: "
    "the difference of the two.",
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
    conflict=fast_before_slow,
)
