"""Directional movement: Wilder's directional indicators and average directional index."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.true_range import true_range
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing

MOVEMENT = np.dtype(
    [
        ("count", "<i8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("plus", "<f8"),
        ("minus", "<f8"),
        ("range", "<f8"),
        ("index", "<f8"),
    ],
    align=True,
)
_NOTHING = 1e-290  # sums that have decayed below this are treated as no movement


@kernel
def move(s: Row, keep: float, length: int, high: float, low: float, close: float) -> None:
    """Add one bar to the decaying sums of directional movement and true range."""
    up = high - s["high"]
    down = s["low"] - low
    reach = true_range(high, low, s["close"])
    s["high"] = high
    s["low"] = low
    s["close"] = close
    count = s["count"]
    s["count"] = min(count + 1, 2 * length)
    if count == 0:
        return
    decay = keep if count >= length else 1.0
    s["plus"] = s["plus"] * decay + (up if up > 0.0 and up > down else 0.0)
    s["minus"] = s["minus"] * decay + (down if down > 0.0 and down > up else 0.0)
    s["range"] = s["range"] * decay + reach


@kernel
def directional_index(plus: float, minus: float, reach: float) -> float:
    """Return the imbalance of the two movements in percent; −1 when nothing moved."""
    if not reach >= _NOTHING:
        return -1.0
    plus_share = 100.0 * (plus / reach)
    minus_share = 100.0 * (minus / reach)
    total = plus_share + minus_share
    if not total >= _NOTHING:
        return -1.0
    return 100.0 * (abs(minus_share - plus_share) / total)


@inlined
def advance_adx(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write Wilder's average of the directional index."""
    s = state[0]
    length = params[0]["length"]
    keep = (length - 1.0) / length
    weight = 1.0 / length
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        seeded = s["count"] >= 2 * length
        move(s, keep, length, high, low, close)
        if s["count"] <= length:
            continue
        value = directional_index(s["plus"], s["minus"], s["range"])
        index = s["index"]
        if seeded:
            if value >= 0.0:
                index = index * keep + value * weight
        else:
            index += max(value, 0.0)
            if s["count"] == 2 * length:
                index /= length
        s["index"] = index
        if s["count"] == 2 * length:
            out[0, k] = index


@inlined
def advance_plus_di(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of upward movement in the true range, in percent."""
    _advance_share(state, params, columns, out, i, n, True)


@inlined
def advance_minus_di(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the share of downward movement in the true range, in percent."""
    _advance_share(state, params, columns, out, i, n, False)


@kernel
def _advance_share(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int, upward: bool) -> None:
    s = state[0]
    length = params[0]["length"]
    keep = (length - 1.0) / length
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        move(s, keep, length, high, low, close)
        if s["count"] <= length:
            continue
        movement = s["plus"] if upward else s["minus"]
        out[0, k] = 100.0 * (movement / s["range"]) if s["range"] >= _NOTHING else 0.0


_INPUTS = (Column.HIGH, Column.LOW, Column.CLOSE)
_SOURCE = "Wilder (1978), New Concepts in Technical Trading Systems"
_LENGTH = Integer("length", 14, 2, 10_000, "bars")

ADX = Feature(
    name="adx",
    family="trend",
    doc="Wilder's average of 100 · |+DI − −DI| / (+DI + −DI), seeded with the mean of the first `length`; in [0, 100].",
    units="percent",
    source=f"TA-Lib ADX; {_SOURCE}",
    inputs=_INPUTS,
    outputs=("adx",),
    parameters=(_LENGTH,),
    advance=advance_adx,
    state_dtype=always(MOVEMENT),
    warmup=lambda length: 2 * length - 1,
)

PLUS_DI = Feature(
    name="plus_di",
    family="trend",
    doc="100 · decaying sum of upward directional movement / that of the true range; in [0, 100].",
    units="percent",
    source=f"TA-Lib PLUS_DI; {_SOURCE}",
    inputs=_INPUTS,
    outputs=("plus_di",),
    parameters=(_LENGTH,),
    advance=advance_plus_di,
    state_dtype=always(MOVEMENT),
    warmup=lambda length: length,
)

MINUS_DI = Feature(
    name="minus_di",
    family="trend",
    doc="100 · decaying sum of downward directional movement / that of the true range; in [0, 100].",
    units="percent",
    source=f"TA-Lib MINUS_DI; {_SOURCE}",
    inputs=_INPUTS,
    outputs=("minus_di",),
    parameters=(_LENGTH,),
    advance=advance_minus_di,
    state_dtype=always(MOVEMENT),
    warmup=lambda length: length,
)
