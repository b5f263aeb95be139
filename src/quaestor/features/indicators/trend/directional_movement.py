"""Components of Wilder's directional movement system: movements, directional index and its rating."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.trend.directional import ADX, MOVEMENT, directional_index, move
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_delay, window_dtype

_DX_STATE = np.dtype([("index", "<f8"), ("movement", MOVEMENT, (1,))], align=True)


@kernel
def _advance_movement(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, upward: bool) -> None:
    s = state[0]
    length = params[0]["length"]
    keep = (length - 1.0) / length
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        move(s, keep, length, high, low, low)
        if s["count"] >= length:
            out[0, k] = s["plus"] if upward else s["minus"]


@kernel
def advance_plus_dm(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the decaying sum of upward movement."""
    _advance_movement(state, params, columns, out, i, n, True)


@kernel
def advance_minus_dm(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the decaying sum of downward movement."""
    _advance_movement(state, params, columns, out, i, n, False)


@kernel
def advance_dx(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the imbalance of the two movements in percent."""
    s = state[0]
    length = params[0]["length"]
    keep = (length - 1.0) / length
    movement = s["movement"][0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        move(movement, keep, length, high, low, close)
        if movement["count"] <= length:
            continue
        value = directional_index(movement["plus"], movement["minus"], movement["range"])
        if value >= 0.0:
            s["index"] = value
        out[0, k] = s["index"]


def _adxr_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("indices", window_dtype(length - 1), (1,))], align=True)


@kernel
def advance_adxr(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    adx: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the mean of the average directional index and its value `length` − 1 bars ago."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        out[0, k] = np.nan
        if adx[k] != adx[k]:
            continue
        before = push_delay(s["indices"], length - 1, adx[k])
        if s["count"] == length - 1:
            out[0, k] = (adx[k] + before) / 2.0
        s["count"] = min(s["count"] + 1, length - 1)


_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)
_SOURCE = "Wilder (1978), New Concepts in Technical Trading Systems"
_LENGTH = Integer("length", 14, 2, 10_000, "bars")

PLUS_DM = Feature(
    name="plus_dm",
    family="trend",
    doc="Wilder's decaying sum of upward directional movement: high − previous high where that is positive and exceeds "
    "previous low − low; ≥ 0.",
    units="price",
    source=f"TA-Lib PLUS_DM; {_SOURCE}",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("plus_dm",),
    parameters=(_LENGTH,),
    advance=advance_plus_dm,
    state_dtype=always(MOVEMENT),
    warmup=lambda length: length - 1,
)

MINUS_DM = Feature(
    name="minus_dm",
    family="trend",
    doc="Wilder's decaying sum of downward directional movement: previous low − low where that is positive and exceeds "
    "high − previous high; ≥ 0.",
    units="price",
    source=f"TA-Lib MINUS_DM; {_SOURCE}",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("minus_dm",),
    parameters=(_LENGTH,),
    advance=advance_minus_dm,
    state_dtype=always(MOVEMENT),
    warmup=lambda length: length - 1,
)

DX = Feature(
    name="dx",
    family="trend",
    doc="Directional index: 100 · |+DI − −DI| / (+DI + −DI); in [0, 100]; the previous value when nothing moved.",
    units="percent",
    source=f"TA-Lib DX; {_SOURCE}",
    inputs=_INPUTS,
    outputs=("dx",),
    parameters=(_LENGTH,),
    advance=advance_dx,
    state_dtype=always(_DX_STATE),
    warmup=lambda length: length,
)

ADXR = Feature(
    name="adxr",
    family="trend",
    doc="(ADX + ADX `length` − 1 bars ago) / 2; in [0, 100].",
    units="percent",
    source=f"TA-Lib ADXR; {_SOURCE}",
    inputs=_INPUTS,
    outputs=("adxr",),
    parameters=(_LENGTH,),
    advance=advance_adxr,
    state_dtype=_adxr_state,
    warmup=lambda length: 3 * length - 2,
    parts=lambda length: (ADX.instance(length).name,),
)
