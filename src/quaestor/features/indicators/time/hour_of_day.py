"""Seasonality by hour of the day: relative volume and mean return."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.time.stamped import Stamps
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.calendar import DAY_NS, HOUR_NS
from quaestor.numeric.elementary import is_missing

_LENGTH = (Integer("length", 600, 1, 1_000_000, "bars of one hour of the day"),)
_STATE = np.dtype([("started", "<i8"), ("close", "<f8"), ("counts", "<i8", (24,)), ("means", "<f8", (24,))], align=True)


@kernel
def _update_mean(s: Row, hour: int, length: int, x: float) -> None:
    """Add a value to its hour's mean: of all values up to `length`, then exponential with weight 1 / length."""
    counts, means = s["counts"], s["means"]
    counts[hour] = min(counts[hour] + 1, length)
    means[hour] += (x - means[hour]) / counts[hour]


@kernel
def advance_hour_volume(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the volume over the mean of earlier bars at the same hour of the day."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(volume):
            continue
        hour = ts[k] % DAY_NS // HOUR_NS
        mean = s["means"][hour] if s["counts"][hour] > 0 else volume
        out[0, k] = volume / mean if mean > 0.0 else 1.0
        out[1, k] = mean
        _update_mean(s, hour, length, volume)


@kernel
def advance_hour_return(state: Table, params: Table, ts: Stamps, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean return at the same hour of the day, and at the following hour."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(close) or close <= 0.0:
            continue
        hour = ts[k] % DAY_NS // HOUR_NS
        if s["started"] == 1:
            _update_mean(s, hour, length, close / s["close"] - 1.0)
        s["started"] = 1
        s["close"] = close
        out[0, k] = s["means"][hour]
        out[1, k] = s["means"][(hour + 1) % 24]


HOUR_VOLUME = Feature(
    name="hour_volume",
    family="time",
    doc="Seasonal volume: volume / `mean`, the mean volume of the earlier bars of the same hour of the day, UTC: of "
    "all of them, from `length` on exponential with weight 1 / length. 1 while there are none or none of them traded.",
    units="ratio, base units",
    source="Jain and Joh (1988), The Dependence between Hourly Prices and Trading Volume",
    inputs=(Column.VOLUME,),
    outputs=("hour_volume", "mean"),
    parameters=_LENGTH,
    advance=advance_hour_volume,
    state_dtype=always(_STATE),
    warmup=always(0),
    timed=True,
)

HOUR_RETURN = Feature(
    name="hour_return",
    family="time",
    doc="Seasonal return: mean of close / previous close − 1 over the bars of the row's hour of the day, UTC, this row "
    "included (`now`), and over those of the hour after (`next`): of all of them, from `length` on exponential with "
    "weight 1 / length; 0 while there are none. A close that is not positive counts as missing.",
    units="fraction per bar",
    source="Heston, Korajczyk and Sadka (2010), Intraday Patterns in the Cross-section of Stock Returns",
    inputs=(Column.CLOSE,),
    outputs=("now", "next"),
    parameters=_LENGTH,
    advance=advance_hour_return,
    state_dtype=always(_STATE),
    warmup=always(0),
    timed=True,
)
