"""Activity: volume, position and change of a bar relative to the previous bars."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing, natural_log
from quaestor.numeric.rolling import (
    counted_windows,
    moments_dtype,
    push_delay,
    push_max,
    push_min,
    push_moments,
    push_sum,
    window_dtype,
)


@kernel
def advance_relative_volume(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the volume over its mean, this bar included."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if is_missing(volume):
            continue
        total = push_sum(s["window"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = volume / (total / length) if total > 0.0 else 0.0


def _spike_state(length: int, width: float) -> np.dtype[np.void]:  # noqa: ARG001
    scalars = [("count", "<i8"), ("mean", "<f8"), ("squares", "<f8")]
    return np.dtype([*scalars, ("volumes", moments_dtype(length), (1,))], align=True)


@kernel
def advance_volume_spike(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write 1 where the volume far exceeds that of the previous bars, otherwise 0."""
    s = state[0]
    length = params[0]["length"]
    width = params[0]["width"]
    for k in range(i, n):
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if is_missing(volume):
            continue
        if s["count"] == length:
            limit = s["mean"] + width * np.sqrt(s["squares"] / (length - 1.0))
            out[0, k] = 1.0 if volume > limit else 0.0
        mean, squares = push_moments(s["volumes"], length, volume)
        s["mean"] = mean
        s["squares"] = squares
        s["count"] = min(s["count"] + 1, length)


@kernel
def advance_vwap_deviation(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the relative distance of the close from the rolling volume-weighted price."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        typical = (high + low + close) / 3.0
        value = push_sum(s["values"], length, typical * volume)
        traded = push_sum(s["volumes"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            price = value / traded if traded > 0.0 else typical
            out[0, k] = (close - price) / price if price != 0.0 else 0.0


def _range_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("tops", window, (1,)), ("bottoms", window, (1,))], align=True)


@kernel
def advance_range_position(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the position of the close between the lowest low and the highest high."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if any_missing(high, low, close):
            continue
        top = push_max(s["tops"], length, high)
        bottom = push_min(s["bottoms"], length, low)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = (close - bottom) / (top - bottom) if top > bottom else 0.5


def _acceleration_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("nearer", window, (1,)), ("farther", window, (1,))], align=True)


@kernel
def advance_acceleration(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the log return of the last `length` bars less that of the `length` bars before them."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(close) or close <= 0.0:
            continue
        middle = push_delay(s["nearer"], length, close)
        if s["count"] >= length:
            first = push_delay(s["farther"], length, middle)
            if s["count"] == 2 * length:
                out[0, k] = natural_log(close / middle) - natural_log(middle / first)
        s["count"] = min(s["count"] + 1, 2 * length)


@kernel
def advance_price_change(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the close as a fraction."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(close):
            continue
        before = push_delay(s["past"], length, close)
        if s["count"] == length:
            out[0, k] = (close - before) / before if before != 0.0 else 0.0
        s["count"] = min(s["count"] + 1, length)


_LENGTH = Integer("length", 20, 1, 10_000, "bars")
_BAR = (Column.HIGH, Column.LOW, Column.CLOSE)


RELATIVE_VOLUME = Feature(
    name="relative_volume",
    family="microstructure",
    doc="Volume / mean volume of the last `length` bars, this one included; in [0, length]; 0 when nothing was traded.",
    units="ratio",
    source="Gervais, Kaniel and Mingelgrin (2001), The High-Volume Return Premium",
    inputs=(Column.VOLUME,),
    outputs=("relative_volume",),
    parameters=(_LENGTH,),
    advance=advance_relative_volume,
    state_dtype=counted_windows("window"),
    warmup=lambda length: length - 1,
)

VOLUME_SPIKE = Feature(
    name="volume_spike",
    family="microstructure",
    doc="1 when volume > mean + `width` sample standard deviations of the `length` bars before this one, else 0.",
    units="flag",
    source="Gervais, Kaniel and Mingelgrin (2001), The High-Volume Return Premium",
    inputs=(Column.VOLUME,),
    outputs=("volume_spike",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"), Real("width", 3.0, 0.0, 100.0, "standard deviations")),
    advance=advance_volume_spike,
    state_dtype=_spike_state,
    warmup=lambda length, width: length,  # noqa: ARG005
)

VWAP_DEVIATION = Feature(
    name="vwap_deviation",
    family="microstructure",
    doc="close / `vwap` over `length` bars − 1; against the typical price when nothing was traded.",
    units="fraction",
    source="Berkowitz, Logue and Noser (1988), The Total Cost of Transactions on the NYSE, on a rolling window",
    inputs=(*_BAR, Column.VOLUME),
    outputs=("vwap_deviation",),
    parameters=(_LENGTH,),
    advance=advance_vwap_deviation,
    state_dtype=counted_windows("values", "volumes"),
    warmup=lambda length: length - 1,
)

RANGE_POSITION = Feature(
    name="range_position",
    family="microstructure",
    doc="(close − lowest low) / (highest high − lowest low) of the last `length` bars; in [0, 1]; ½ when equal.",
    units="fraction",
    source="Lane (1984), Lane's Stochastics",
    inputs=_BAR,
    outputs=("range_position",),
    parameters=(_LENGTH,),
    advance=advance_range_position,
    state_dtype=_range_state,
    warmup=lambda length: length - 1,
)

ACCELERATION = Feature(
    name="acceleration",
    family="microstructure",
    doc="Log return of the last `length` bars less that of the `length` before; a close that is not positive counts as "
    "missing.",
    units="log ratio",
    source="Ardila, Forrò and Sornette (2021), The Acceleration Effect and Gamma Factor in Asset Pricing",
    inputs=(Column.CLOSE,),
    outputs=("acceleration",),
    parameters=(Integer("length", 10, 1, 10_000, "bars"),),
    advance=advance_acceleration,
    state_dtype=_acceleration_state,
    warmup=lambda length: 2 * length,
)

PRICE_CHANGE = Feature(
    name="price_change",
    family="microstructure",
    doc="close / close `length` bars ago − 1; 0 after a close of 0.",
    units="fraction",
    source="Jegadeesh and Titman (1993), Returns to Buying Winners and Selling Losers",
    inputs=(Column.CLOSE,),
    outputs=("price_change",),
    parameters=(Integer("length", 1, 1, 10_000, "bars"),),
    advance=advance_price_change,
    state_dtype=counted_windows("past"),
    warmup=lambda length: length,
)
