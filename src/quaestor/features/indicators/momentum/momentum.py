"""Momentum from averages: price oscillators, awesome oscillator and true strength index."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always, fast_before_slow
from quaestor.features.feature import Feature
from quaestor.features.indicators.trend.moving_averages import EMA
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_sum, window_dtype


@kernel
def advance_apo(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    fast: Table,
    slow: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write a fast exponential average less a slow one."""
    for k in range(i, n):
        out[0, k] = fast[k] - slow[k]


@kernel
def advance_ppo(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    fast: Table,
    slow: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write a fast exponential average less a slow one, in percent of the slow one."""
    for k in range(i, n):
        out[0, k] = (fast[k] - slow[k]) / slow[k] * 100.0 if slow[k] != 0.0 else 0.0


def _ao_state(fast: int, slow: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("fast", window_dtype(fast), (1,)), ("slow", window_dtype(slow), (1,))], align=True
    )


@kernel
def advance_ao(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write a fast mean of the bars' midpoints less a slow one."""
    s = state[0]
    fast_length = params[0]["fast"]
    slow_length = params[0]["slow"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        middle = (high + low) / 2.0
        fast = push_sum(s["fast"], fast_length, middle) / fast_length
        slow = push_sum(s["slow"], slow_length, middle) / slow_length
        s["count"] = min(s["count"] + 1, slow_length)
        if s["count"] == slow_length:
            out[0, k] = fast - slow


_TSI_STATE = np.dtype(
    [("count", "<i8"), ("close", "<f8"), *((name, AVERAGE, (1,)) for name in ("net", "net2", "path", "path2"))],
    align=True,
)


@kernel
def advance_tsi(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the twice averaged change as a share of the twice averaged absolute change, in percent."""
    s = state[0]
    long = params[0]["long"]
    short = params[0]["short"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        change = x - s["close"]
        s["close"] = x
        if s["count"] == 0:
            s["count"] = 1
            continue
        net = push_ema(s["net"], long, change)
        path = push_ema(s["path"], long, abs(change))
        if path != path:
            continue
        net = push_ema(s["net2"], short, net)
        path = push_ema(s["path2"], short, path)
        if path == path:
            out[0, k] = 100.0 * (net / path) if path > 1e-290 else 0.0


def _averages(fast: int, slow: int) -> tuple[str, ...]:
    return (EMA.instance(fast).name, EMA.instance(slow).name)


_FAST_AND_SLOW = (Integer("fast", 12, 2, 5_000, "bars"), Integer("slow", 26, 2, 10_000, "bars"))

APO = Feature(
    name="apo",
    family="momentum",
    doc="Absolute price oscillator: EMA(`fast`) − EMA(`slow`) of the close, each seeded with its own first closes.",
    units="price",
    source="TA-Lib APO with exponential averages",
    inputs=(Column.CLOSE,),
    outputs=("apo",),
    parameters=_FAST_AND_SLOW,
    advance=advance_apo,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=fast_before_slow,
    parts=_averages,
)

PPO = Feature(
    name="ppo",
    family="momentum",
    doc="Percentage price oscillator: 100 · (EMA(`fast`) − EMA(`slow`)) / EMA(`slow`) of the close; 0 where that is 0.",
    units="percent",
    source="TA-Lib PPO with exponential averages; Appel (1979)",
    inputs=(Column.CLOSE,),
    outputs=("ppo",),
    parameters=_FAST_AND_SLOW,
    advance=advance_ppo,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=fast_before_slow,
    parts=_averages,
)

AO = Feature(
    name="ao",
    family="momentum",
    doc="Awesome oscillator: SMA(`fast`) − SMA(`slow`) of (high + low) / 2.",
    units="price",
    source="Williams (1998), New Trading Dimensions",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("ao",),
    parameters=(Integer("fast", 5, 1, 5_000, "bars"), Integer("slow", 34, 2, 10_000, "bars")),
    advance=advance_ao,
    state_dtype=_ao_state,
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=fast_before_slow,
)

TSI = Feature(
    name="tsi",
    family="momentum",
    doc="True strength index: 100 · d / a, where d and a are the EMA(`short`) of the EMA(`long`) of the changes of the "
    "close and of their absolute values; in [−100, 100]; 0 when nothing moved.",
    units="percent",
    source="Blau (1991), True Strength Index",
    inputs=(Column.CLOSE,),
    outputs=("tsi",),
    parameters=(Integer("long", 25, 1, 10_000, "bars"), Integer("short", 13, 1, 10_000, "bars")),
    advance=advance_tsi,
    state_dtype=always(_TSI_STATE),
    warmup=lambda long, short: long + short - 1,
)
