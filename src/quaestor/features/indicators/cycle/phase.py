"""Dominant cycle phase: phase of the close in the dominant cycle, and its sine."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.cycle.hilbert import (
    DEGREES,
    LATE,
    LATE_WARMUP,
    LONGEST,
    PHASOR,
    push_close,
    shift_in,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import arc_tangent, cosine, is_missing, sine

#: State of `push_phase`; the newest smoothed close at 0.
PHASE = np.dtype([("phase", "<f8"), ("smooth", "<f8", (LONGEST,)), ("phasor", PHASOR, (1,))], align=True)
_STATE = np.dtype([("rows", "<i8"), ("phase", PHASE, (1,))], align=True)


@kernel
def whole_period(phasor: Row) -> int:
    """Return the dominant cycle in whole bars."""
    return int(phasor["smooth_period"] + 0.5)


@kernel
def _correlate(series: Table, length: int) -> tuple[float, float]:
    """Return the sums of the newest values times sine and cosine of a cycle of `length` bars."""
    step = 2.0 * math.pi / length if length > 0 else 0.0
    step_sine, step_cosine = sine(step), cosine(step)
    sine_part = cosine_part = now_sine = 0.0
    now_cosine = 1.0
    for j in range(1, length):
        turned = now_sine * step_cosine + now_cosine * step_sine
        now_cosine = now_cosine * step_cosine - now_sine * step_sine
        now_sine = turned
        # over a whole cycle sine and cosine sum to 0, so subtracting a constant from the values changes nothing
        distance = series[j] - series[0]
        sine_part += now_sine * distance
        cosine_part += now_cosine * distance
    return sine_part, cosine_part


@kernel
def push_phase(phase: Table, x: float) -> float:
    """Add a close and return its phase in degrees; 0 before measurement begins.

    The phase is that of the smoothed closes' component of the dominant period, over one period; it advances on its own
    while the closes do not move.
    """
    p = phase[0]
    phasor = p["phasor"][0]
    if not push_close(p["phasor"], LATE, x):
        return 0.0
    smooth = p["smooth"]
    shift_in(smooth, phasor["smooth"][0])
    length = whole_period(phasor)
    sine_part, cosine_part = _correlate(smooth, length)
    angle = p["phase"]
    if abs(cosine_part) > 0.0:
        angle = arc_tangent(sine_part / cosine_part) * DEGREES
    elif sine_part != 0.0:
        angle += 90.0 if sine_part > 0.0 else -90.0
    # smoothing over four bars lags by one bar
    angle += 90.0 + 360.0 / phasor["smooth_period"]
    if cosine_part < 0.0:
        angle += 180.0
    p["phase"] = angle - 360.0 if angle > 315.0 else angle
    value: float = p["phase"]
    return value


@kernel
def advance_dcphase(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the phase of the dominant cycle in degrees."""
    s = state[0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        angle = push_phase(s["phase"], x)
        if s["rows"] < LATE_WARMUP:
            s["rows"] += 1
        else:
            out[0, k] = angle


@kernel
def advance_sine(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    phase: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the sine of the phase, and of the phase an eighth of a cycle later."""
    for k in range(i, n):
        out[0, k] = out[1, k] = np.nan
        if phase[k] == phase[k]:
            out[0, k] = sine(phase[k] / DEGREES)
            out[1, k] = sine((phase[k] + 45.0) / DEGREES)


HT_DCPHASE = Feature(
    name="ht_dcphase",
    family="cycle",
    doc="Phase of the dominant cycle of the close, by its correlation with sine and cosine over one period; in "
    "[−45, 315].",
    units="degrees",
    source="TA-Lib HT_DCPHASE; Ehlers (2001), Rocket Science for Traders, chapter 9",
    inputs=(Column.CLOSE,),
    outputs=("ht_dcphase",),
    parameters=(),
    advance=advance_dcphase,
    state_dtype=always(_STATE),
    warmup=always(LATE_WARMUP),
)

HT_SINE = Feature(
    name="ht_sine",
    family="cycle",
    doc="`sine` of the phase of the dominant cycle, and `leadsine` of the phase 45° later; they cross at its turning "
    "points; in [−1, 1].",
    units="ratio",
    source="TA-Lib HT_SINE; Ehlers (2001), Rocket Science for Traders, chapter 9",
    inputs=(Column.CLOSE,),
    outputs=("sine", "leadsine"),
    parameters=(),
    advance=advance_sine,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=always(LATE_WARMUP),
    parts=always((HT_DCPHASE.instance().name,)),
)
