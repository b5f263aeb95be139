"""Linear regression: level, intercept, slope, angle and forecast of the least-squares line through the last closes."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import push_aged
from quaestor.numeric.elementary import arc_tangent, is_missing
from quaestor.numeric.rolling import counted_windows

_DEGREES = 180.0 / math.pi
_SLOPE, _LEVEL = 0, 1


_state = counted_windows("window")


@kernel
def _advance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, what: int, at: float) -> None:
    """Write the slope, or the value of the line `at` bars from the middle of the window."""
    s = state[0]
    length = params[0]["length"]
    middle = (length - 1.0) / 2.0
    spread = length * (length * length - 1.0) / 12.0
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        total, aged = push_aged(s["window"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] < length:
            continue
        slope = (middle * total - aged) / spread
        if what == _SLOPE:
            out[0, k] = slope
        else:
            out[0, k] = x + (total / length + slope * at)


@kernel
def advance_linearreg(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the value of the line at this bar."""
    _advance(state, params, columns, out, i, n, _LEVEL, (params[0]["length"] - 1.0) / 2.0)


@kernel
def advance_intercept(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the value of the line at the oldest bar of the window."""
    _advance(state, params, columns, out, i, n, _LEVEL, (1.0 - params[0]["length"]) / 2.0)


@kernel
def advance_tsf(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the value of the line one bar ahead."""
    _advance(state, params, columns, out, i, n, _LEVEL, (params[0]["length"] + 1.0) / 2.0)


@kernel
def advance_slope(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the slope of the line."""
    _advance(state, params, columns, out, i, n, _SLOPE, 0.0)


@kernel
def advance_angle(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    slope: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the angle of the line in degrees."""
    for k in range(i, n):
        out[0, k] = arc_tangent(slope[k]) * _DEGREES


_LENGTH = Integer("length", 14, 2, 10_000, "bars")

LINEARREG = Feature(
    name="linearreg",
    family="trend",
    doc="Linear regression: value at this bar of the least-squares line through the last `length` closes.",
    units="price",
    source="TA-Lib LINEARREG",
    inputs=(Column.CLOSE,),
    outputs=("linearreg",),
    parameters=(_LENGTH,),
    advance=advance_linearreg,
    state_dtype=_state,
    warmup=lambda length: length - 1,
)

LINEARREG_INTERCEPT = Feature(
    name="linearreg_intercept",
    family="trend",
    doc="Value at the oldest bar of the least-squares line through the last `length` closes.",
    units="price",
    source="TA-Lib LINEARREG_INTERCEPT",
    inputs=(Column.CLOSE,),
    outputs=("linearreg_intercept",),
    parameters=(_LENGTH,),
    advance=advance_intercept,
    state_dtype=_state,
    warmup=lambda length: length - 1,
)

LINEARREG_SLOPE = Feature(
    name="linearreg_slope",
    family="trend",
    doc="Slope of the least-squares line through the last `length` closes.",
    units="price per bar",
    source="TA-Lib LINEARREG_SLOPE",
    inputs=(Column.CLOSE,),
    outputs=("linearreg_slope",),
    parameters=(_LENGTH,),
    advance=advance_slope,
    state_dtype=_state,
    warmup=lambda length: length - 1,
)

LINEARREG_ANGLE = Feature(
    name="linearreg_angle",
    family="trend",
    doc="Angle of the least-squares line through the last `length` closes, a bar as wide as one unit of price: "
    "arctan(slope); in (−90, 90).",
    units="degrees",
    source="TA-Lib LINEARREG_ANGLE",
    inputs=(Column.CLOSE,),
    outputs=("linearreg_angle",),
    parameters=(_LENGTH,),
    advance=advance_angle,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=LINEARREG_SLOPE.warmup,
    parts=lambda length: (LINEARREG_SLOPE.instance(length).name,),
)

TSF = Feature(
    name="tsf",
    family="trend",
    doc="Time series forecast: the least-squares line through the last `length` closes, extrapolated by one bar.",
    units="price",
    source="TA-Lib TSF",
    inputs=(Column.CLOSE,),
    outputs=("tsf",),
    parameters=(_LENGTH,),
    advance=advance_tsf,
    state_dtype=_state,
    warmup=lambda length: length - 1,
)
