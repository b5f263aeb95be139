"""Volatility of an instrument: three exponentially weighted estimates of the variance of a bar, combined.

Close to close; Parkinson (1980), (ln H/L)² / 4 ln 2; and Garman–Klass (1980), ½ (ln H/L)² − (2 ln 2 − 1) (ln C/O)².
The two range estimates are some five times as precise and miss moves between bars; the first includes gaps and misses
moves that were reversed before the close. So the officer takes the larger of close to close and of the mean of the two.
"""

import math

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row

#: Weights of (ln H/L)² and (ln C/O)² in the mean of Parkinson's and Garman and Klass's estimates.
_RANGE = 0.5 * (1.0 / (4.0 * math.log(2.0)) + 0.5)
_BODY = 0.5 * (2.0 * math.log(2.0) - 1.0)


@inlined
def range_variance(event: Row) -> float:
    """Return the variance of one bar by its open, high, low and close: the mean of Parkinson and Garman–Klass; ≥ 0.

    ln a/b = 2 artanh((a − b) / (a + b)), by three terms of its series: to 1e-5 for a rise by half.
    """
    range_sum = float(event["high"] + event["low"])
    body_sum = float(event["close"] + event["open"])
    reciprocal = 1.0 / (range_sum * body_sum)  # one division for both, at every bar
    swing = _double_artanh((event["high"] - event["low"]) * body_sum * reciprocal)
    body = _double_artanh((event["close"] - event["open"]) * range_sum * reciprocal)
    return _RANGE * swing * swing - _BODY * body * body


@inlined
def _double_artanh(x: float) -> float:
    """Return 2 artanh x by three terms of its series."""
    z = x * x
    return 2.0 * x * (1.0 + z * (1.0 / 3.0 + z * 0.2))


@kernel
def bar_volatility(memory: Row) -> float:
    """Return the standard deviation of a bar's return, ≥ 0; 0 before the second bar of a market without moves."""
    return np.sqrt(max(max(memory["variance"], memory["range_variance"]), 0.0))
