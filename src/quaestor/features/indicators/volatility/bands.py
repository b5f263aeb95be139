"""Range bands: Keltner channel of the typical price and acceleration bands."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.averages import AVERAGE, push_ema, push_wilder
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_sum, window_dtype

_KC_STATE = np.dtype(
    [("count", "<i8"), ("close", "<f8"), ("middle", AVERAGE, (1,)), ("range", AVERAGE, (1,))], align=True
)


@kernel
def advance_kc(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponential average of the typical price and the lines `width` average true ranges away from it."""
    s = state[0]
    length = params[0]["length"]
    atr_length = params[0]["atr_length"]
    width = params[0]["width"]
    last = max(length - 1, atr_length)
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if any_missing(high, low, close):
            continue
        row = s["count"]
        s["count"] = min(row + 1, last)
        middle = reach = np.nan
        if row >= last - (length - 1):
            middle = push_ema(s["middle"], length, (high + low + close) / 3.0)
        if row >= last - (atr_length - 1):
            reach = width * push_wilder(s["range"], atr_length, true_range(high, low, s["close"]))
        s["close"] = close
        if row == last:
            out[0, k] = middle + reach
            out[1, k] = middle
            out[2, k] = middle - reach


def _accbands_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), *((name, window, (1,)) for name in ("upper", "middle", "lower"))], align=True)


@kernel
def advance_accbands(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the means of the close and of highs and lows moved outwards by a share of the range."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if any_missing(high, low, close):
            continue
        share = 4.0 * (high - low) / (high + low) if high + low != 0.0 else 0.0
        upper = push_sum(s["upper"], length, high * (1.0 + share))
        middle = push_sum(s["middle"], length, close)
        lower = push_sum(s["lower"], length, low * (1.0 - share))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = upper / length
            out[1, k] = middle / length
            out[2, k] = lower / length


_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)

KC = Feature(
    name="kc",
    family="volatility",
    doc="Keltner channel of the typical price: `middle` is the EMA of `length` values of (high + low + close) / 3, "
    "`upper` and `lower` lie `width` · ATR(`atr_length`) away, both seeded on the row of the first value; `keltner` is "
    "the channel of the close.",
    units="price",
    source="TA-Lib KC; Keltner (1960), How To Make Money in Commodities",
    inputs=_INPUTS,
    outputs=("upper", "middle", "lower"),
    parameters=(
        Integer("length", 20, 1, 10_000, "bars"),
        Integer("atr_length", 10, 1, 10_000, "bars"),
        Real("width", 2.0, 0.01, 100.0, "average true ranges"),
    ),
    advance=advance_kc,
    state_dtype=always(_KC_STATE),
    warmup=lambda length, atr_length, width: max(length - 1, atr_length),  # noqa: ARG005
)

ACCBANDS = Feature(
    name="accbands",
    family="volatility",
    doc="Acceleration bands: means over `length` bars of high · (1 + f), of the close and of low · (1 − f), f = "
    "4 · (high − low) / (high + low).",
    units="price",
    source="TA-Lib ACCBANDS; Headley (2002), Big Trends in Trading",
    inputs=_INPUTS,
    outputs=("upper", "middle", "lower"),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_accbands,
    state_dtype=_accbands_state,
    warmup=lambda length: length - 1,
)
