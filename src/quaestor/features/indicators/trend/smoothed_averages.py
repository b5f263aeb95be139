"""Repeated exponential averages: DEMA, TEMA, TRIX, T3, zero-lag average and distance from the average."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.trend.moving_averages import EMA
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import push_delay, window_dtype

_TWICE = np.dtype([("second", AVERAGE, (1,)), ("third", AVERAGE, (1,)), ("count", "<i8"), ("last", "<f8")], align=True)
_FIVE = np.dtype([(name, AVERAGE, (1,)) for name in ("e2", "e3", "e4", "e5", "e6")], align=True)


@kernel
def _push_more(average: Table, length: int, x: float) -> float:
    """Add a value of an average and return its own average; NaN until both have values."""
    return push_ema(average, length, x) if x == x else np.nan


@kernel
def advance_dema(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    ema: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write twice the exponential average less its own average."""
    length = params[0]["length"]
    for k in range(i, n):
        out[0, k] = 2.0 * ema[k] - _push_more(state, length, ema[k])


@kernel
def advance_tema(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    ema: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write three times the difference of the first and second average, plus the third."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        second = _push_more(s["second"], length, ema[k])
        out[0, k] = 3.0 * ema[k] - 3.0 * second + _push_more(s["third"], length, second)


@kernel
def advance_trix(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    ema: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the percentage change over one bar of the triple exponential average."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        out[0, k] = np.nan
        third = _push_more(s["third"], length, _push_more(s["second"], length, ema[k]))
        if third != third:
            continue
        before = s["last"]
        if s["count"] > 0:
            out[0, k] = (third / before - 1.0) * 100.0 if before != 0.0 else 0.0
        s["last"] = third
        s["count"] = 1


@kernel
def advance_t3(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    ema: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write Tillson's polynomial of six exponential averages, each of the one before."""
    s = state[0]
    length = params[0]["length"]
    v = params[0]["volume_factor"]
    square = v * v
    cube = square * v
    for k in range(i, n):
        e2 = _push_more(s["e2"], length, ema[k])
        e3 = _push_more(s["e3"], length, e2)
        e4 = _push_more(s["e4"], length, e3)
        e5 = _push_more(s["e5"], length, e4)
        e6 = _push_more(s["e6"], length, e5)
        out[0, k] = (
            (1.0 + 3.0 * (v + square) + cube) * e3
            - (6.0 * square + 3.0 * (v + cube)) * e4
            + 3.0 * (square + cube) * e5
            - cube * e6
        )


def _lag(length: int) -> int:
    return max((length - 1) // 2, 1)


def _zlema_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("average", AVERAGE, (1,)), ("closes", window_dtype(_lag(length)), (1,))], align=True
    )


@kernel
def advance_zlema(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average of the close plus its change over half the window."""
    s = state[0]
    length = params[0]["length"]
    lag = max((length - 1) // 2, 1)
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(s["closes"], lag, x)
        if s["count"] < lag:
            s["count"] += 1
        else:
            out[0, k] = push_ema(s["average"], length, x + (x - before))


@kernel
def advance_ema_distance(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,
    ema: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the distance of the close from its exponential average, in percent of the average."""
    for k in range(i, n):
        out[0, k] = (columns[Column.CLOSE, k] / ema[k] - 1.0) * 100.0 if ema[k] != 0.0 else 0.0


def _ema(length: int, *_: float) -> tuple[str, ...]:
    return (EMA.instance(length).name,)


_INPUTS = (Column.CLOSE,)

DEMA = Feature(
    name="dema",
    family="trend",
    doc="Double exponential moving average: 2 · e − EMA(e), e the EMA of `length` closes.",
    units="price",
    source="TA-Lib DEMA; Mulloy (1994), Smoothing Data with Faster Moving Averages",
    inputs=_INPUTS,
    outputs=("dema",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_dema,
    state_dtype=always(AVERAGE),
    warmup=lambda length: 2 * (length - 1),
    parts=_ema,
)

TEMA = Feature(
    name="tema",
    family="trend",
    doc="Triple exponential moving average: 3 · e − 3 · EMA(e) + EMA(EMA(e)), e the EMA of `length` closes.",
    units="price",
    source="TA-Lib TEMA; Mulloy (1994), Smoothing Data with Less Lag",
    inputs=_INPUTS,
    outputs=("tema",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_tema,
    state_dtype=always(_TWICE),
    warmup=lambda length: 3 * (length - 1),
    parts=_ema,
)

TRIX = Feature(
    name="trix",
    family="momentum",
    doc="100 · (t / t one bar ago − 1), t the EMA of the EMA of the EMA of `length` closes; 0 where t was 0.",
    units="percent",
    source="TA-Lib TRIX; Hutson (1983), Good Trix",
    inputs=_INPUTS,
    outputs=("trix",),
    parameters=(Integer("length", 15, 1, 10_000, "bars"),),
    advance=advance_trix,
    state_dtype=always(_TWICE),
    warmup=lambda length: 3 * (length - 1) + 1,
    parts=_ema,
)

T3 = Feature(
    name="t3",
    family="trend",
    doc="Generalised double EMA applied three times: with v the volume factor and e3 … e6 EMAs of EMAs of `length` "
    "closes, (1 + 3v + 3v² + v³) e3 − (3v + 6v² + 3v³) e4 + (3v² + 3v³) e5 − v³ e6.",
    units="price",
    source="TA-Lib T3; Tillson (1998), Better Moving Averages",
    inputs=_INPUTS,
    outputs=("t3",),
    parameters=(Integer("length", 5, 2, 10_000, "bars"), Real("volume_factor", 0.7, 0.0, 1.0, "ratio")),
    advance=advance_t3,
    state_dtype=always(_FIVE),
    warmup=lambda length, volume_factor: 6 * (length - 1),  # noqa: ARG005
    parts=_ema,
)

ZLEMA = Feature(
    name="zlema",
    family="trend",
    doc="Zero-lag EMA: the EMA of `length` values of 2 · close − close l bars ago, l = (length − 1) / 2 rounded down, "
    "at least 1.",
    units="price",
    source="Ehlers and Way (2010), Zero Lag (Well, Almost)",
    inputs=_INPUTS,
    outputs=("zlema",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_zlema,
    state_dtype=_zlema_state,
    warmup=lambda length: _lag(length) + length - 1,
)

EMA_DISTANCE = Feature(
    name="ema_distance",
    family="trend",
    doc="100 · (close / EMA of `length` closes − 1); 0 where the EMA is 0.",
    units="percent",
    source="Appel (1979), The Moving Average Convergence-Divergence Method: price against its average",
    inputs=_INPUTS,
    outputs=("ema_distance",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_ema_distance,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=EMA.warmup,
    parts=_ema,
)
