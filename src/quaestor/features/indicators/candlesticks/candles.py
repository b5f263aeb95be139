"""Candle measures: bodies, shadows, gaps and their averages, as TA-Lib's candlestick patterns define them.

A size is long or short relative to the average of the previous bars: `factor` times the mean over `period` bars of a
range (real body, high less low, or half of both shadows). Sums are recomputed from the window, oldest bar first.
"""

from collections.abc import Callable

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Real, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.tables import Matrix, Row
from quaestor.numeric.elementary import any_missing, is_missing

_HELD = 16
#: State: the last bars, the newest at 0.
CANDLES = np.dtype(
    [
        ("count", "<i8"),
        ("open", "<f8", (_HELD,)),
        ("high", "<f8", (_HELD,)),
        ("low", "<f8", (_HELD,)),
        ("close", "<f8", (_HELD,)),
    ],
    align=True,
)


@kernel
def take_bar(s: Row, columns: Matrix, out: Matrix, k: int, warmup: int) -> bool:
    """Add row k, write NaN to the output, and return whether a value is due."""
    opened, high = columns[Column.OPEN, k], columns[Column.HIGH, k]
    low, close = columns[Column.LOW, k], columns[Column.CLOSE, k]
    out[0, k] = np.nan
    if any_missing(opened, high, low) or is_missing(close):
        return False
    opens, highs, lows, closes = s["open"], s["high"], s["low"], s["close"]
    for j in range(_HELD - 1, 0, -1):
        opens[j] = opens[j - 1]
        highs[j] = highs[j - 1]
        lows[j] = lows[j - 1]
        closes[j] = closes[j - 1]
    opens[0] = opened
    highs[0] = high
    lows[0] = low
    closes[0] = close
    s["count"] = min(s["count"] + 1, _HELD)
    return bool(s["count"] > warmup)


@kernel
def body(s: Row, j: int) -> float:
    """Return the size of the real body of bar j."""
    return abs(s["close"][j] - s["open"][j])


@kernel
def color_of(s: Row, j: int) -> int:
    """Return 1 for a close at or above the open, −1 for one below."""
    return 1 if s["close"][j] >= s["open"][j] else -1


@kernel
def body_top(s: Row, j: int) -> float:
    """Return the upper end of the real body."""
    return max(s["open"][j], s["close"][j])


@kernel
def body_bottom(s: Row, j: int) -> float:
    """Return the lower end of the real body."""
    return min(s["open"][j], s["close"][j])


@kernel
def upper_shadow(s: Row, j: int) -> float:
    """Return the length of the upper shadow."""
    return s["high"][j] - body_top(s, j)


@kernel
def lower_shadow(s: Row, j: int) -> float:
    """Return the length of the lower shadow."""
    return body_bottom(s, j) - s["low"][j]


@kernel
def gap_up(s: Row, j: int) -> bool:
    """Return whether the real body lies above that of the previous bar."""
    return body_bottom(s, j) > body_top(s, j + 1)


@kernel
def gap_down(s: Row, j: int) -> bool:
    """Return whether the real body lies below that of the previous bar."""
    return body_top(s, j) < body_bottom(s, j + 1)


@kernel
def mean_body(s: Row, j: int) -> float:
    """Return the mean real body of the previous ten bars: the threshold of TA-Lib's BodyLong and BodyShort."""
    total = 0.0
    for m in range(j + 10, j, -1):
        total += body(s, m)
    return total / 10.0


@kernel
def is_long(s: Row, j: int) -> bool:
    """Return whether the real body is longer than the mean of the previous ten."""
    return body(s, j) > mean_body(s, j)


@kernel
def mean_range(s: Row, j: int, period: int, factor: float) -> float:
    """Return `factor` times the mean of high less low of the previous `period` bars."""
    total = 0.0
    for m in range(j + period, j, -1):
        total += s["high"][m] - s["low"][m]
    return factor * (total / period)


@kernel
def tenth_of_range(s: Row, j: int) -> float:
    """Return a tenth of the mean range of ten bars: the threshold of BodyDoji and ShadowVeryShort."""
    return mean_range(s, j, 10, 0.1)


@kernel
def is_shadowless(s: Row, j: int) -> bool:
    """Return whether both shadows are very short."""
    limit = tenth_of_range(s, j)
    return upper_shadow(s, j) < limit and lower_shadow(s, j) < limit


@kernel
def mean_shadow(s: Row, j: int) -> float:
    """Return half the mean of both shadows of the previous ten bars: the threshold of ShadowShort."""
    total = 0.0
    for m in range(j + 10, j, -1):
        total += upper_shadow(s, m) + lower_shadow(s, m)
    return total / 10.0 / 2.0


@kernel
def equal_margin(s: Row, j: int) -> float:
    """Return a twentieth of the mean range of five bars: the threshold of Equal."""
    return mean_range(s, j, 5, 0.05)


@kernel
def near_margin(s: Row, j: int) -> float:
    """Return a fifth of the mean range of five bars: the threshold of Near."""
    return mean_range(s, j, 5, 0.2)


@kernel
def far_margin(s: Row, j: int) -> float:
    """Return three fifths of the mean range of five bars: the threshold of Far."""
    return mean_range(s, j, 5, 0.6)


@kernel
def is_within(a: float, b: float, margin: float) -> bool:
    """Return whether a lies at most `margin` from b."""
    return b - margin <= a <= b + margin


def candle(advance: Callable[..., None], warmup: int, penetration: float | None = None) -> Feature:
    """Return the declaration of the pattern that a kernel ``advance_NAME`` detects, described by its docstring.

    Args:
        advance: the kernel.
        warmup: number of bars before the first value.
        penetration: default of the parameter of that name, for patterns that have it.
    """
    plain = interpreted(advance)
    name = plain.__name__.removeprefix("advance_")
    return Feature(
        name=f"cdl_{name}",
        family="candlesticks",
        doc=f"{plain.__doc__} 100: bullish, −100: bearish, 0: no pattern; as TA-Lib defines it.",
        units="sign in percent",
        source=f"Nison (1991), Japanese Candlestick Charting Techniques; TA-Lib CDL{name.upper()}",
        inputs=(Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE),
        outputs=(f"cdl_{name}",),
        parameters=() if penetration is None else (Real("penetration", penetration, 0.0, 10.0, "share of a body"),),
        advance=advance,
        state_dtype=always(CANDLES),
        warmup=always(warmup),
    )
