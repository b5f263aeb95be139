"""Range-based volatility: estimators from open, high, low and close, more efficient than those from closes alone."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing, natural_log
from quaestor.numeric.rolling import (
    counted_windows,
    moments_dtype,
    push_max,
    push_min,
    push_moments,
    push_sum,
    window_dtype,
)

_BAR = (Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE)
#: Variance of a random walk over the mean of its squared log range.
RANGE_SHARE = 1.0 / (4.0 * math.log(2.0))
_BODY_SHARE = 2.0 * math.log(2.0) - 1.0


_sum_state = counted_windows("window")


@kernel
def _is_missing_price(price: float) -> bool:
    return is_missing(price) or price <= 0.0


@kernel
def is_missing_bar(opened: float, high: float, low: float, close: float) -> bool:
    """Return whether one of a bar's prices is missing or not positive."""
    return _is_missing_price(opened) or _is_missing_price(high) or _is_missing_price(low) or _is_missing_price(close)


@kernel
def _drift_free(opened: float, high: float, low: float, close: float) -> float:
    """Return Rogers and Satchell's variance of one bar."""
    return natural_log(high / close) * natural_log(high / opened) + natural_log(low / close) * natural_log(low / opened)


@kernel
def advance_parkinson(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the mean squared log range, scaled to a random walk."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if _is_missing_price(high) or _is_missing_price(low):
            continue
        reach = natural_log(high / low)
        total = push_sum(window, length, reach * reach)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = np.sqrt(RANGE_SHARE * (total / length))
    s["count"] = count


@kernel
def advance_garman_klass(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the mean of half the squared log range less a share of the squared log body."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        opened, high = columns[Column.OPEN, k], columns[Column.HIGH, k]
        low, close = columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing_bar(opened, high, low, close):
            continue
        reach = natural_log(high / low)
        body = natural_log(close / opened)
        total = push_sum(window, length, 0.5 * reach * reach - _BODY_SHARE * body * body)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = np.sqrt(max(total / length, 0.0))
    s["count"] = count


@kernel
def advance_rogers_satchell(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the mean of Rogers and Satchell's variances."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        opened, high = columns[Column.OPEN, k], columns[Column.HIGH, k]
        low, close = columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing_bar(opened, high, low, close):
            continue
        total = push_sum(window, length, _drift_free(opened, high, low, close))
        count = min(count + 1, length)
        if count == length:
            out[0, k] = np.sqrt(max(total / length, 0.0))
    s["count"] = count


def _yang_zhang_state(length: int) -> np.dtype[np.void]:
    moments = moments_dtype(length)
    return np.dtype(
        [
            ("count", "<i8"),
            ("close", "<f8"),
            ("jumps", moments, (1,)),
            ("bodies", moments, (1,)),
            ("ranges", window_dtype(length), (1,)),
        ],
        align=True,
    )


@kernel
def advance_yang_zhang(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the variance of gaps between bars plus a weighted mean of the variances inside them."""
    s = state[0]
    length = params[0]["length"]
    jumps, bodies, ranges = s["jumps"], s["bodies"], s["ranges"]
    weight = 0.34 / (1.34 + (length + 1.0) / (length - 1.0))
    count = s["count"]
    before = s["close"]
    for k in range(i, n):
        opened, high = columns[Column.OPEN, k], columns[Column.HIGH, k]
        low, close = columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing_bar(opened, high, low, close):
            continue
        if count > 0:
            _, jump = push_moments(jumps, length, natural_log(opened / before))
            _, body = push_moments(bodies, length, natural_log(close / opened))
            inside = push_sum(ranges, length, _drift_free(opened, high, low, close))
            if count == length:
                total = (jump + weight * body) / (length - 1.0) + (1.0 - weight) * (inside / length)
                out[0, k] = np.sqrt(max(total, 0.0))
        before = close
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = before


@kernel
def advance_historical_range(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the log of the window's highest high over its lowest low."""
    s = state[0]
    length = params[0]["length"]
    highs, lows = s["highs"], s["lows"]
    count = s["count"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0) or high <= 0.0 or low <= 0.0:
            continue
        top = push_max(highs, length, high)
        bottom = push_min(lows, length, low)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = natural_log(top / bottom)
    s["count"] = count


_MISSING = "A price that is not positive counts as missing."
_LENGTH = Integer("length", 20, 2, 10_000, "bars")

PARKINSON = Feature(
    name="parkinson",
    family="volatility",
    doc=f"Parkinson's volatility: root of the mean over `length` bars of ln(high/low)² / (4 ln 2); ≥ 0. {_MISSING}",
    units="fraction per bar",
    source="Parkinson (1980), The Extreme Value Method for Estimating the Variance of the Rate of Return",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("parkinson",),
    parameters=(_LENGTH,),
    advance=advance_parkinson,
    state_dtype=_sum_state,
    warmup=lambda length: length - 1,
)

GARMAN_KLASS = Feature(
    name="garman_klass",
    family="volatility",
    doc="Garman and Klass's volatility: root of the mean over `length` bars of ½ ln(high/low)² − (2 ln 2 − 1) "
    f"ln(close/open)²; ≥ 0. {_MISSING}",
    units="fraction per bar",
    source="Garman and Klass (1980), On the Estimation of Security Price Volatilities from Historical Data",
    inputs=_BAR,
    outputs=("garman_klass",),
    parameters=(_LENGTH,),
    advance=advance_garman_klass,
    state_dtype=_sum_state,
    warmup=lambda length: length - 1,
)

ROGERS_SATCHELL = Feature(
    name="rogers_satchell",
    family="volatility",
    doc="Rogers and Satchell's volatility, free of drift: root of the mean over `length` bars of ln(high/close) "
    f"ln(high/open) + ln(low/close) ln(low/open); ≥ 0. {_MISSING}",
    units="fraction per bar",
    source="Rogers and Satchell (1991), Estimating Variance from High, Low and Closing Prices",
    inputs=_BAR,
    outputs=("rogers_satchell",),
    parameters=(_LENGTH,),
    advance=advance_rogers_satchell,
    state_dtype=_sum_state,
    warmup=lambda length: length - 1,
)

YANG_ZHANG = Feature(
    name="yang_zhang",
    family="volatility",
    doc="Yang and Zhang's volatility: root of var(ln(open/previous close)) + k var(ln(close/open)) + (1 − k) Rogers "
    "and Satchell's mean over `length` bars, sample variances, k = 0.34 / (1.34 + (length + 1)/(length − 1)); ≥ 0. "
    f"{_MISSING}",
    units="fraction per bar",
    source="Yang and Zhang (2000), Drift-Independent Volatility Estimation",
    inputs=_BAR,
    outputs=("yang_zhang",),
    parameters=(_LENGTH,),
    advance=advance_yang_zhang,
    state_dtype=_yang_zhang_state,
    warmup=lambda length: length,
)

HISTORICAL_RANGE = Feature(
    name="historical_range",
    family="volatility",
    doc=f"ln(highest high / lowest low) of the last `length` bars; ≥ 0. {_MISSING}",
    units="log ratio",
    source="Alizadeh, Brandt and Diebold (2002), Range-Based Estimation of Stochastic Volatility Models",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("historical_range",),
    parameters=(_LENGTH,),
    advance=advance_historical_range,
    state_dtype=counted_windows("highs", "lows"),
    warmup=lambda length: length - 1,
)
