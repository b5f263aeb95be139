"""Dominant cycle measurement: Ehlers' method, with the close as the real part of a rotating phasor.

The close is smoothed over four bars, detrended, and split by truncated Hilbert transforms into an in-phase and a
quadrature component. From one bar to the next the phasor rotates by 360° / period (the homodyne discriminator); the
period is clipped to 6 … 50 bars and to changes of half, and smoothed twice. All values before the first bars are 0.

Source: Ehlers (2001), Rocket Science for Traders, chapters 6 and 7. As in TA-Lib, measurement begins with the 13th
close for values from the 33rd on, and with the 38th for values from the 64th on.
"""

import math

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Row, Table
from quaestor.numeric.elementary import arc_tangent

#: Closes before measurement begins, for values from the 33rd close on and from the 64th on.
EARLY, LATE = 12, 37
#: Rows before the first value, for each.
EARLY_WARMUP, LATE_WARMUP = 32, 63
#: Number of bars in the longest cycle.
LONGEST = 50

DEGREES = 180.0 / math.pi
_NEAR, _FAR = 0.5769, 0.0962  # weights of the truncated transform

#: State of `push_close`; the newest of each series at 0.
PHASOR = np.dtype(
    [
        ("count", "<i8"),
        ("closes", "<f8", (4,)),
        ("smooth", "<f8", (7,)),
        ("detrended", "<f8", (10,)),
        ("quadrature", "<f8", (7,)),
        ("real", "<f8"),  # of the phasor, smoothed
        ("imaginary", "<f8"),
        ("along", "<f8"),  # products of the phasor and the previous one, smoothed
        ("across", "<f8"),
        ("period", "<f8"),
        ("smooth_period", "<f8"),
    ],
    align=True,
)


@kernel
def shift_in(series: Table, x: float) -> None:
    """Insert x at the front of a series and drop its last value."""
    for j in range(len(series) - 1, 0, -1):
        series[j] = series[j - 1]
    series[0] = x


@kernel
def weighted_of_four(series: Table) -> float:
    """Return the linearly weighted average of the four newest values."""
    value: float = (4.0 * series[0] + 3.0 * series[1] + 2.0 * series[2] + series[3]) * 0.1
    return value


@kernel
def _transform(series: Table, lag: int, adjustment: float) -> float:
    """Return the Hilbert transform of a series `lag` bars ago, truncated to seven values."""
    inner = _NEAR * (series[lag + 2] - series[lag + 4])
    value: float = (_FAR * (series[lag] - series[lag + 6]) + inner) * adjustment
    return value


@kernel
def push_close(phasor: Table, begin: int, x: float) -> bool:
    """Add a close and return whether the cycle is measured, which begins after the first `begin` closes.

    Then ``smooth[0]`` is the smoothed close, ``detrended[3]`` the in-phase, ``quadrature[0]`` the quadrature part and
    ``smooth_period`` the length of the dominant cycle in bars.
    """
    p = phasor[0]
    shift_in(p["closes"], x)
    if p["count"] < begin:
        p["count"] += 1
        return False
    adjustment = 0.075 * p["period"] + 0.54
    shift_in(p["smooth"], weighted_of_four(p["closes"]))
    shift_in(p["detrended"], _transform(p["smooth"], 0, adjustment))
    shift_in(p["quadrature"], _transform(p["detrended"], 0, adjustment))
    _turn(p, _transform(p["detrended"], 3, adjustment), _transform(p["quadrature"], 0, adjustment))
    return True


@kernel
def _turn(p: Row, in_phase_ahead: float, quadrature_ahead: float) -> None:
    """Update the period from the angle between this phasor and the previous one; the parts given are a quarter cycle
    ahead."""
    real = 0.2 * (p["detrended"][3] - quadrature_ahead) + 0.8 * p["real"]
    imaginary = 0.2 * (p["quadrature"][0] + in_phase_ahead) + 0.8 * p["imaginary"]
    p["along"] = 0.2 * (real * p["real"] + imaginary * p["imaginary"]) + 0.8 * p["along"]
    p["across"] = 0.2 * (real * p["imaginary"] - imaginary * p["real"]) + 0.8 * p["across"]
    p["real"] = real
    p["imaginary"] = imaginary
    before = p["period"]
    period = before
    if p["along"] != 0.0 and p["across"] != 0.0:
        period = 360.0 / (arc_tangent(p["across"] / p["along"]) * DEGREES)
    period = max(min(period, 1.5 * before), 0.67 * before)
    period = min(max(period, 6.0), 50.0)
    p["period"] = 0.2 * period + 0.8 * before
    p["smooth_period"] = 0.33 * p["period"] + 0.67 * p["smooth_period"]
