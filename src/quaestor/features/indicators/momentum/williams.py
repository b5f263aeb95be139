"""Williams' indicators: accelerator oscillator, fractals, and accumulation and distribution."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.momentum.momentum import AO
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype

_WAD_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("total", "<f8")], align=True)


def _ac_state(fast: int, slow: int, signal: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("window", window_dtype(signal), (1,))], align=True)


@kernel
def advance_ac(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    oscillator: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the awesome oscillator less its mean."""
    s = state[0]
    length = params[0]["signal"]
    for k in range(i, n):
        x = oscillator[k]
        out[0, k] = np.nan
        if x != x:
            continue
        total = push_sum(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = x - total / length


@kernel
def advance_wad(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the running total of the distances of closes from the opposite end of the true range."""
    s = state[0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        before = s["close"]
        if s["count"] > 0 and close > before:
            s["total"] += close - min(low, before)
        elif s["count"] > 0 and close < before:
            s["total"] += close - max(high, before)
        s["close"] = close
        s["count"] = 1
        out[0, k] = s["total"]


def _fractal_state(left: int, right: int) -> np.dtype[np.void]:
    window = window_dtype(left + right + 1)
    return np.dtype([("count", "<i8"), ("highs", window, (1,)), ("lows", window, (1,))], align=True)


@kernel
def _is_peak(window: Table, length: int, right: int, sign: float) -> bool:
    """Return whether the value `right` before the newest is beyond all others of the window."""
    w = window[0]
    ring = w["ring"]
    slot = w["position"] - 1 - right
    peak = slot if slot >= 0 else slot + length
    rivals = 0
    for j in range(length):
        rivals += 1 if sign * ring[j] >= sign * ring[peak] else 0
    return rivals == 1  # itself


@kernel
def advance_fractal(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write 100 where a high or a low turns out to be beyond its neighbours, once those on the right are known."""
    s = state[0]
    right = params[0]["right"]
    length = params[0]["left"] + right + 1
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        push_delay(s["highs"], length, high)
        push_delay(s["lows"], length, low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = 100.0 if _is_peak(s["highs"], length, right, 1.0) else 0.0
            out[1, k] = 100.0 if _is_peak(s["lows"], length, right, -1.0) else 0.0


AC = Feature(
    name="ac",
    family="momentum",
    doc="Accelerator oscillator: the awesome oscillator of `fast` and `slow` less its mean over `signal` bars.",
    units="price",
    source="TA-Lib AC; Williams (1998), New Trading Dimensions",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("ac",),
    parameters=(*AO.parameters, Integer("signal", 5, 1, 5_000, "bars")),
    advance=advance_ac,
    state_dtype=_ac_state,
    warmup=lambda fast, slow, signal: slow + signal - 2,  # noqa: ARG005
    conflict=lambda fast, slow, signal: AO.conflict(fast, slow) if AO.conflict is not None else "",  # noqa: ARG005
    parts=lambda fast, slow, signal: (AO.instance(fast, slow).name,),  # noqa: ARG005
)

WAD = Feature(
    name="wad",
    family="momentum",
    doc="Williams' accumulation and distribution: running total of close − min(low, previous close) after a rise and "
    "of close − max(high, previous close) after a fall; begins with 0.",
    units="price",
    source="TA-Lib WAD; Williams (1979), How I Made One Million Dollars",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("wad",),
    parameters=(),
    advance=advance_wad,
    state_dtype=always(_WAD_STATE),
    warmup=always(0),
)

FRACTAL = Feature(
    name="fractal",
    family="momentum",
    doc="100 at the bar that completes a fractal, else 0; `high`: the high `right` bars ago exceeds those of the "
    "`left` bars before it and of all since; `low`: the low there lies below them.",
    units="flag in percent",
    source="TA-Lib FRACTAL; Williams (1995), Trading Chaos",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("high", "low"),
    parameters=(Integer("left", 2, 1, 100, "bars"), Integer("right", 2, 1, 100, "bars")),
    advance=advance_fractal,
    state_dtype=_fractal_state,
    warmup=lambda left, right: left + right,
)
