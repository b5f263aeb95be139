"""Stochastic momentum index: smoothed distance of the close from the midpoint of its range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_max, push_min, window_dtype

_NOTHING = 1e-290  # a range that has decayed below this is treated as none


def _state(length: int, fast: int, slow: int, signal: int) -> np.dtype[np.void]:  # noqa: ARG001
    window = window_dtype(length)
    averages = [(name, AVERAGE, (1,)) for name in ("place", "place2", "reach", "reach2", "signal")]
    return np.dtype([("count", "<i8"), ("highs", window, (1,)), ("lows", window, (1,)), *averages], align=True)


@kernel
def _push_twice(first: Table, second: Table, slow: int, fast: int, x: float) -> float:
    average = push_ema(first, slow, x)
    return push_ema(second, fast, average) if average == average else np.nan


@kernel
def advance_smi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance of the close from the range's midpoint as a share of half the range, both averaged twice."""
    s = state[0]
    length = params[0]["length"]
    fast = params[0]["fast"]
    slow = params[0]["slow"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(s["highs"], length, high)
        bottom = push_min(s["lows"], length, low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        place = _push_twice(s["place"], s["place2"], slow, fast, close - (top + bottom) / 2.0)
        reach = _push_twice(s["reach"], s["reach2"], slow, fast, (top - bottom) / 2.0)
        if reach != reach:
            continue
        value = 100.0 * (place / reach) if reach > _NOTHING else 0.0
        signal = push_ema(s["signal"], params[0]["signal"], value)
        if signal == signal:
            out[0, k] = value
            out[1, k] = signal


SMI = Feature(
    name="smi",
    family="momentum",
    doc="Stochastic momentum index: 100 · d / r, where d and r are the EMA(`fast`) of the EMA(`slow`) of close − m and "
    "of h, m the midpoint and h half of the range of `length` bars; in [−100, 100]; 0 without range; `signal`: its "
    "EMA.",
    units="percent",
    source="TA-Lib SMI; Blau (1993), Stochastic Momentum",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("smi", "signal"),
    parameters=(
        Integer("length", 13, 1, 10_000, "bars"),
        Integer("fast", 2, 1, 5_000, "bars"),
        Integer("slow", 25, 1, 10_000, "bars"),
        Integer("signal", 9, 1, 5_000, "bars"),
    ),
    advance=advance_smi,
    state_dtype=_state,
    warmup=lambda length, fast, slow, signal: length + fast + slow + signal - 4,
)
