"""Trailing stops: parabolic SAR and SuperTrend, and Keltner's channel of the same average true range."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import ATR
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing

_SAR_STATE = np.dtype(
    [
        ("count", "<i8"),
        ("rising", "<i8"),  # 1 in an uptrend
        ("high", "<f8"),
        ("low", "<f8"),
        ("stop", "<f8"),  # of the next bar
        ("extreme", "<f8"),  # of the trend so far
        ("factor", "<f8"),
    ],
    align=True,
)


@kernel
def _begin(s: Row, acceleration: float, high: float, low: float) -> None:
    """Start the trend at the second bar: down when it extends the first bar's range further down than up."""
    down = s["low"] - low
    s["rising"] = 0 if down > 0.0 and down > high - s["high"] else 1
    s["extreme"] = high if s["rising"] == 1 else low
    s["stop"] = s["low"] if s["rising"] == 1 else s["high"]
    s["factor"] = acceleration
    s["high"] = high
    s["low"] = low


@kernel
def _step(s: Row, acceleration: float, maximum: float, high: float, low: float) -> float:
    """Return the stop at this bar and advance the state to that of the next bar."""
    top = max(s["high"], high)
    bottom = min(s["low"], low)
    rising = s["rising"] == 1
    stop = s["stop"]
    if low <= stop if rising else high >= stop:
        rising = not rising
        stop = min(s["extreme"], bottom) if rising else max(s["extreme"], top)
        s["rising"] = 1 if rising else 0
        s["extreme"] = high if rising else low
        s["factor"] = acceleration
    elif high > s["extreme"] if rising else low < s["extreme"]:
        s["extreme"] = high if rising else low
        s["factor"] = min(s["factor"] + acceleration, maximum)
    following = stop + s["factor"] * (s["extreme"] - stop)
    s["stop"] = min(following, bottom) if rising else max(following, top)
    s["high"] = high
    s["low"] = low
    return stop


@kernel
def advance_sar(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the parabolic stop."""
    s = state[0]
    acceleration = params[0]["acceleration"]
    maximum = params[0]["maximum"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        if s["count"] == 0:
            s["high"] = high
            s["low"] = low
            s["count"] = 1
            continue
        if s["count"] == 1:
            _begin(s, acceleration, high, low)
            s["count"] = 2
        out[0, k] = _step(s, acceleration, maximum, high, low)


_SUPERTREND_STATE = np.dtype(
    [("begun", "<i8"), ("direction", "<f8"), ("close", "<f8"), ("upper", "<f8"), ("lower", "<f8")], align=True
)


@kernel
def advance_supertrend(state: Table, params: Table, columns: Matrix, atr: Table, out: Matrix, i: int, n: int) -> None:
    """Write the band on the stop side of the trend, and the trend's direction."""
    s = state[0]
    width = params[0]["width"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        reach = width * atr[k]
        if reach != reach:
            continue
        upper = (high + low) / 2.0 + reach
        lower = (high + low) / 2.0 - reach
        if s["begun"] == 0:
            s["begun"] = 1
            s["direction"] = 1.0
        else:
            before = s["close"]
            upper = upper if upper < s["upper"] or before > s["upper"] else s["upper"]
            lower = lower if lower > s["lower"] or before < s["lower"] else s["lower"]
            if s["direction"] > 0.0:
                s["direction"] = -1.0 if close < lower else 1.0
            else:
                s["direction"] = 1.0 if close > upper else -1.0
        s["close"] = close
        s["upper"] = upper
        s["lower"] = lower
        out[0, k] = lower if s["direction"] > 0.0 else upper
        out[1, k] = s["direction"]


@kernel
def advance_keltner(state: Table, params: Table, columns: Matrix, atr: Table, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average of the close and the lines `width` average true ranges above and below it."""
    length = params[0]["length"]
    width = params[0]["width"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if any_missing(high, low, close):  # as a part, the average of the close would count rows that are skipped here
            continue
        middle = push_ema(state, length, close)
        reach = width * atr[k]
        if middle == middle and reach == reach:
            out[0, k] = middle + reach
            out[1, k] = middle
            out[2, k] = middle - reach


def _conflict(acceleration: float, maximum: float) -> str:
    return "" if acceleration <= maximum else f"acceleration = {acceleration} must not exceed maximum = {maximum}"


SAR = Feature(
    name="sar",
    family="trend",
    doc="Parabolic stop and reverse: the stop moves by a factor times its distance from the trend's extreme; the "
    "factor grows by `acceleration` at each new extreme, up to `maximum`; a bar that touches the stop reverses the "
    "trend.",
    units="price",
    source="TA-Lib SAR; Wilder (1978), New Concepts in Technical Trading Systems",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("sar",),
    parameters=(Real("acceleration", 0.02, 0.0001, 1.0, "ratio"), Real("maximum", 0.2, 0.0001, 1.0, "ratio")),
    advance=advance_sar,
    state_dtype=always(_SAR_STATE),
    warmup=always(1),
    conflict=_conflict,
)

SUPERTREND = Feature(
    name="supertrend",
    family="trend",
    doc="(high + low) / 2 ± `width` · ATR(`length`), each side moving towards the price only; `supertrend` is the "
    "lower side in an uptrend, the upper in a downtrend, `direction` 1 up and −1 down, reversed by a close beyond it; "
    "begins with 1.",
    units="price; direction: sign",
    source="Seban, SuperTrend, as charting platforms draw it",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("supertrend", "direction"),
    parameters=(Integer("length", 10, 2, 10_000, "bars"), Real("width", 3.0, 0.01, 100.0, "average true ranges")),
    advance=advance_supertrend,
    state_dtype=always(_SUPERTREND_STATE),
    warmup=lambda length, width: length,  # noqa: ARG005
    parts=lambda length, width: (ATR.instance(length).name,),  # noqa: ARG005
)

KELTNER = Feature(
    name="keltner",
    family="volatility",
    doc="Keltner channel: `middle` is the EMA of `length` closes, `upper` and `lower` lie `width` · ATR(`atr_length`) "
    "away.",
    units="price",
    source="Keltner (1960), How To Make Money in Commodities, as revised by Raschke",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("upper", "middle", "lower"),
    parameters=(
        Integer("length", 20, 1, 10_000, "bars"),
        Integer("atr_length", 10, 2, 10_000, "bars"),
        Real("width", 2.0, 0.01, 100.0, "average true ranges"),
    ),
    advance=advance_keltner,
    state_dtype=always(AVERAGE),
    warmup=lambda length, atr_length, width: max(length - 1, atr_length),  # noqa: ARG005
    parts=lambda length, atr_length, width: (ATR.instance(atr_length).name,),  # noqa: ARG005
)
