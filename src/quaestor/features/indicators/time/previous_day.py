"""Previous day's levels: high, low, close and floor pivots."""

import numpy as np

from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.time.days import BAR_INPUTS, DAYS, distance_above, take_row
from quaestor.features.indicators.time.stamped import Stamps
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table

_BEFORE = "The previous day is the last UTC day with a row; on the first day, the day so far is used."


@kernel
def advance_previous_day(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distances of the close from high, low and close of the previous day."""
    s = state[0]
    for k in range(i, n):
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if take_row(s, ts[k], columns, k):
            close = s["close"]
            out[0, k] = distance_above(close, s["previous_high"])
            out[1, k] = distance_above(close, s["previous_low"])
            out[2, k] = distance_above(close, s["previous_close"])


@kernel
def advance_floor_pivots(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the floor pivot and three levels each of resistance and support."""
    s = state[0]
    for k in range(i, n):
        for row in range(7):
            out[row, k] = np.nan
        if take_row(s, ts[k], columns, k):
            high, low = s["previous_high"], s["previous_low"]
            pivot = (high + low + s["previous_close"]) / 3.0
            out[0, k] = pivot
            out[1, k] = 2.0 * pivot - low
            out[2, k] = 2.0 * pivot - high
            out[3, k] = pivot + (high - low)
            out[4, k] = pivot - (high - low)
            out[5, k] = high + 2.0 * (pivot - low)
            out[6, k] = low - 2.0 * (high - pivot)


PREVIOUS_DAY = Feature(
    name="previous_day",
    family="time",
    doc=f"close / level − 1 for the `high`, `low` and `close` of the previous day. {_BEFORE}",
    units="fraction",
    source="Osler (2000), Support for Resistance: Technical Analysis and Intraday Exchange Rates",
    inputs=BAR_INPUTS,
    outputs=("high", "low", "close"),
    parameters=(),
    advance=advance_previous_day,
    state_dtype=always(DAYS),
    warmup=always(0),
    timed=True,
)

FLOOR_PIVOTS = Feature(
    name="floor_pivots",
    family="time",
    doc="`pivot` = (high + low + close) / 3 of the previous day; `r1` = 2 pivot − low, `s1` = 2 pivot − high; `r2`, "
    f"`s2` = pivot ± (high − low); `r3` = high + 2 (pivot − low), `s3` = low − 2 (high − pivot). {_BEFORE}",
    units="price",
    source="Person (2004), A Complete Guide to Technical Trading Tactics",
    inputs=BAR_INPUTS,
    outputs=("pivot", "r1", "s1", "r2", "s2", "r3", "s3"),
    parameters=(),
    advance=advance_floor_pivots,
    state_dtype=always(DAYS),
    warmup=always(0),
    timed=True,
)
