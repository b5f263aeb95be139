"""Volume momentum: percentage volume oscillator and ease of movement."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always, fast_before_slow
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_sum, window_dtype

_PVO_STATE = np.dtype([(name, AVERAGE, (1,)) for name in ("fast", "slow", "signal")], align=True)


@kernel
def advance_pvo(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write a fast average of the volume less a slow one in percent, its own average, and their difference."""
    s = state[0]
    fast_length = params[0]["fast"]
    slow_length = params[0]["slow"]
    signal_length = params[0]["signal"]
    for k in range(i, n):
        x = columns[Column.VOLUME, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if is_missing(x):
            continue
        fast = push_ema(s["fast"], fast_length, x)
        slow = push_ema(s["slow"], slow_length, x)
        if slow != slow:
            continue
        line = (fast - slow) / slow * 100.0 if slow > 0.0 else 0.0
        signal = push_ema(s["signal"], signal_length, line)
        if signal == signal:
            out[0, k] = line
            out[1, k] = signal
            out[2, k] = line - signal


def _eom_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("middle", "<f8"), ("window", window_dtype(length), (1,))], align=True)


@kernel
def advance_eom(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the change of the bar's midpoint times its range per volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, volume = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, volume):
            continue
        middle = (high + low) / 2.0
        if s["count"] > 0:
            ease = (middle - s["middle"]) * (high - low) / volume if volume > 0.0 else 0.0
            total = push_sum(s["window"], length, ease)
            if s["count"] >= length:
                out[0, k] = total / length
        s["middle"] = middle
        s["count"] = min(s["count"] + 1, length)


PVO = Feature(
    name="pvo",
    family="volume",
    doc="Percentage volume oscillator: 100 · (EMA(`fast`) − EMA(`slow`)) / EMA(`slow`) of the volume, 0 when nothing "
    "was traded; `signal`: its EMA; `hist`: pvo − signal.",
    units="percent",
    source="Appel (1979), The Moving Average Convergence-Divergence Method, on volume",
    inputs=(Column.VOLUME,),
    outputs=("pvo", "signal", "hist"),
    parameters=(
        Integer("fast", 12, 1, 5_000, "bars"),
        Integer("slow", 26, 2, 10_000, "bars"),
        Integer("signal", 9, 1, 5_000, "bars"),
    ),
    advance=advance_pvo,
    state_dtype=always(_PVO_STATE),
    warmup=lambda fast, slow, signal: slow + signal - 2,  # noqa: ARG005
    conflict=fast_before_slow,
)

EOM = Feature(
    name="eom",
    family="volume",
    doc="Ease of movement: mean over `length` bars of the change of (high + low) / 2 · (high − low) / volume, not "
    "scaled; a bar without volume counts as 0.",
    units="price² per base unit",
    source="Arms (1983), Volume Cycles in the Stock Market",
    inputs=(Column.HIGH, Column.LOW, Column.VOLUME),
    outputs=("eom",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_eom,
    state_dtype=_eom_state,
    warmup=lambda length: length,
)
