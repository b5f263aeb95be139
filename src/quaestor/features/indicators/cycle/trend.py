"""Instantaneous trendline: the close averaged over the dominant cycle, and the flag of a trend."""

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
    weighted_of_four,
)
from quaestor.features.indicators.cycle.phase import PHASE, push_phase, whole_period
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, sine

_LINE = np.dtype([("closes", "<f8", (LONGEST,)), ("means", "<f8", (4,))], align=True)
_LINE_STATE = np.dtype([("rows", "<i8"), ("line", _LINE, (1,)), ("phasor", PHASOR, (1,))], align=True)
_MODE_STATE = np.dtype(
    [
        ("rows", "<i8"),
        ("bars", "<i8"),  # number of bars since the sines crossed
        ("phase_before", "<f8"),
        ("sine", "<f8"),
        ("lead", "<f8"),
        ("line", _LINE, (1,)),
        ("phase", PHASE, (1,)),
    ],
    align=True,
)


@kernel
def _push_line(line: Table, length: int) -> float:
    """Add the mean close of one period and return the weighted average of the last four means."""
    s = line[0]
    total = 0.0
    for j in range(length):
        total += s["closes"][j]
    shift_in(s["means"], total / length if length > 0 else 0.0)
    return weighted_of_four(s["means"])


@kernel
def advance_trendline(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the smoothed mean over the dominant cycle."""
    s = state[0]
    phasor = s["phasor"][0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        shift_in(s["line"][0]["closes"], x)
        value = 0.0
        if push_close(s["phasor"], LATE, x):
            value = _push_line(s["line"], whole_period(phasor))
        if s["rows"] < LATE_WARMUP:
            s["rows"] += 1
        else:
            out[0, k] = value


@kernel
def _is_trend(s: Row, angle: float, line: float) -> bool:
    """Return whether there is a trend: neither does the phase advance as in a cycle, nor did the sines cross within
    half a period."""
    phasor = s["phase"][0]["phasor"][0]
    period = phasor["smooth_period"]
    sine_before, lead_before = s["sine"], s["lead"]
    s["sine"] = sine(angle / DEGREES)
    s["lead"] = sine((angle + 45.0) / DEGREES)
    turned = angle - s["phase_before"]
    s["phase_before"] = angle
    trend = True
    upward = s["sine"] > s["lead"] and sine_before <= lead_before
    if upward or (s["sine"] < s["lead"] and sine_before >= lead_before):
        s["bars"] = 0
        trend = False
    s["bars"] += 1
    if s["bars"] < 0.5 * period:
        trend = False
    if period != 0.0 and 0.67 * 360.0 / period < turned < 1.5 * 360.0 / period:
        trend = False
    return trend or (line != 0.0 and abs((phasor["smooth"][0] - line) / line) >= 0.015)


@kernel
def advance_trendmode(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write 1 in a trend, 0 in a cycle."""
    s = state[0]
    phasor = s["phase"][0]["phasor"][0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        shift_in(s["line"][0]["closes"], x)
        measured = phasor["count"] >= LATE
        angle = push_phase(s["phase"], x)
        trend = measured and _is_trend(s, angle, _push_line(s["line"], whole_period(phasor)))
        if s["rows"] < LATE_WARMUP:
            s["rows"] += 1
        else:
            out[0, k] = 1.0 if trend else 0.0


HT_TRENDLINE = Feature(
    name="ht_trendline",
    family="cycle",
    doc="Instantaneous trendline: mean close of one dominant cycle in whole bars, weighted 4, 3, 2, 1 over four bars.",
    units="price",
    source="TA-Lib HT_TRENDLINE; Ehlers (2001), Rocket Science for Traders, chapter 10",
    inputs=(Column.CLOSE,),
    outputs=("ht_trendline",),
    parameters=(),
    advance=advance_trendline,
    state_dtype=always(_LINE_STATE),
    warmup=always(LATE_WARMUP),
)

HT_TRENDMODE = Feature(
    name="ht_trendmode",
    family="cycle",
    doc="1 in a trend, 0 in a cycle: for half a period after sine and lead sine crossed, and while the phase advances "
    "by 0.67 to 1.5 times 360° / period per bar; a smoothed close 1.5 % off the trendline is a trend in any case.",
    units="flag",
    source="TA-Lib HT_TRENDMODE; Ehlers (2001), Rocket Science for Traders, chapter 11",
    inputs=(Column.CLOSE,),
    outputs=("ht_trendmode",),
    parameters=(),
    advance=advance_trendmode,
    state_dtype=always(_MODE_STATE),
    warmup=always(LATE_WARMUP),
)
