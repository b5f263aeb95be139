"""Current UTC day: return since its open, overnight gap, opening range and session VWAP."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.time.days import BAR_INPUTS, DAYS, distance_above, take_row
from quaestor.features.indicators.time.stamped import Stamps
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.calendar import DAY_NS, MINUTE_NS
from quaestor.numeric.elementary import any_missing, is_missing

_VWAP_STATE = np.dtype([("started", "<i8"), ("day", "<i8"), ("value", "<f8"), ("volume", "<f8")], align=True)
_RANGE_STATE = np.dtype(
    [("started", "<i8"), ("day", "<i8"), ("end_ts", "<i8"), ("high", "<f8"), ("low", "<f8")], align=True
)


@kernel
def advance_day_return(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the return since the day's open."""
    s = state[0]
    for k in range(i, n):
        out[0, k] = np.nan
        if take_row(s, ts[k], columns, k):
            out[0, k] = distance_above(s["close"], s["open"])


@kernel
def advance_overnight_gap(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the return from the last close of the previous day to the day's open."""
    s = state[0]
    for k in range(i, n):
        out[0, k] = np.nan
        if take_row(s, ts[k], columns, k):
            out[0, k] = distance_above(s["open"], s["previous_close"]) if s["days"] > 1 else 0.0


@kernel
def advance_session_vwap(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the volume-weighted typical price since midnight, and the close's distance from it."""
    s = state[0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        day = ts[k] // DAY_NS
        if s["started"] == 0 or day != s["day"]:
            s["started"] = 1
            s["day"] = day
            s["value"] = 0.0
            s["volume"] = 0.0
        typical = (high + low + close) / 3.0
        s["value"] += typical * volume
        s["volume"] += volume
        vwap = s["value"] / s["volume"] if s["volume"] > 0.0 else typical
        out[0, k] = vwap
        out[1, k] = distance_above(close, vwap)


@kernel
def advance_opening_range(
    state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the position of the close in the range of the day's first minutes."""
    s = state[0]
    length_ns = params[0]["minutes"] * MINUTE_NS
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        day = ts[k] // DAY_NS
        if s["started"] == 0 or day != s["day"]:
            s["started"] = 1
            s["day"] = day
            s["end_ts"] = ts[k] + length_ns
            s["high"] = high
            s["low"] = low
        elif ts[k] < s["end_ts"]:
            s["high"] = max(s["high"], high)
            s["low"] = min(s["low"], low)
        size = s["high"] - s["low"]
        out[0, k] = (close - s["low"]) / size if size > 0.0 else 0.5


DAY_RETURN = Feature(
    name="day_return",
    family="time",
    doc="close / open of the UTC day − 1, the open being that of the day's first row.",
    units="fraction",
    source="Gao, Han, Li and Zhou (2018), Market Intraday Momentum",
    inputs=BAR_INPUTS,
    outputs=("day_return",),
    parameters=(),
    advance=advance_day_return,
    state_dtype=always(DAYS),
    warmup=always(0),
    timed=True,
)

OVERNIGHT_GAP = Feature(
    name="overnight_gap",
    family="time",
    doc="Open of the UTC day / last close before it − 1, constant during the day; 0 on the first day, before which no "
    "close is known.",
    units="fraction",
    source="Lou, Polk and Skouras (2019), A Tug of War: Overnight versus Intraday Expected Returns",
    inputs=BAR_INPUTS,
    outputs=("overnight_gap",),
    parameters=(),
    advance=advance_overnight_gap,
    state_dtype=always(DAYS),
    warmup=always(0),
    timed=True,
)

SESSION_VWAP = Feature(
    name="session_vwap",
    family="time",
    doc="Σ typical · volume / Σ volume since midnight UTC, typical price (high + low + close) / 3; the row's own "
    "typical price while nothing has traded. `deviation` = close / that − 1, a fraction.",
    units="price, fraction",
    source="Berkowitz, Logue and Noser (1988), The Total Cost of Transactions on the NYSE",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME),
    outputs=("session_vwap", "deviation"),
    parameters=(),
    advance=advance_session_vwap,
    state_dtype=always(_VWAP_STATE),
    warmup=always(0),
    timed=True,
)

OPENING_RANGE = Feature(
    name="opening_range",
    family="time",
    doc="(close − low) / (high − low) of the rows that open in the first `minutes` of the UTC day, counted from its "
    "first row, of those so far during these minutes: 0 at the low, 1 at the high, beyond outside; 0.5 without range.",
    units="ratio",
    source="Crabel (1990), Day Trading with Short Term Price Patterns and Opening Range Breakout",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("opening_range",),
    parameters=(Integer("minutes", 60, 1, 1_440, "minutes"),),
    advance=advance_opening_range,
    state_dtype=always(_RANGE_STATE),
    warmup=always(0),
    timed=True,
)
