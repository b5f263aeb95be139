"""Liquidity proxies from bars: price impact and spread estimators."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, is_missing, natural_log
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype

_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
_CURVE = 3.0 - 2.0 * math.sqrt(2.0)
_STEEPEST = 40.0  # for larger α the spread is 2 to the last bit


def _amihud_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("impacts", window_dtype(length), (1,))], align=True)


@kernel
def advance_amihud(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean absolute return per million of the quote currency traded."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(x, volume, 0.0) or x <= 0.0:
            continue
        if s["count"] > 0:
            traded = x * volume
            total = push_sum(s["impacts"], length, abs(x / s["close"] - 1.0) / traded if traded > 0.0 else 0.0)
            if s["count"] == length:
                out[0, k] = 1e6 * (total / length)
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


def _kyle_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("close", "<f8"), ("changes", window, (1,)), ("flows", window, (1,))], align=True
    )


@kernel
def slope_on_flows(s: Row, length: int) -> float:
    """Return the least-squares slope of changes on flows; 0 when the flows are all equal."""
    changes, flows = s["changes"][0]["ring"], s["flows"][0]["ring"]
    mean_x = mean_y = 0.0
    for j in range(length):
        mean_x += flows[j]
        mean_y += changes[j]
    mean_x /= length
    mean_y /= length
    xx = xy = 0.0
    for j in range(length):
        x = flows[j] - mean_x
        xx += x * x
        xy += x * (changes[j] - mean_y)
    return xy / xx if xx > 0.0 else 0.0


@kernel
def advance_kyle_lambda(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the close per unit of volume, volume signed by the change."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x, volume = columns[Column.CLOSE, k], columns[Column.VOLUME, k]
        out[0, k] = np.nan
        if any_missing(x, volume, 0.0):
            continue
        if s["count"] > 0:
            change = x - s["close"]
            push_delay(s["changes"], length, change)
            push_delay(s["flows"], length, volume * ((1.0 if change > 0.0 else 0.0) - (1.0 if change < 0.0 else 0.0)))
            if s["count"] == length:
                out[0, k] = slope_on_flows(s, length)
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


def _roll_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("moves", window_dtype(length), (1,))], align=True)


@kernel
def advance_roll_spread(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write twice the root of the negative covariance of neighbouring changes."""
    s = state[0]
    length = params[0]["length"]
    pairs = length - 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        if s["count"] > 0:
            push_delay(s["moves"], length, x - s["close"])
            if s["count"] == length:
                ring = s["moves"][0]["ring"]
                oldest = s["moves"][0]["position"]
                total = 0.0
                for j in range(length):
                    total += ring[j]
                first, last = ring[oldest], ring[oldest - 1 if oldest > 0 else length - 1]
                mean_before, mean_after = (total - last) / pairs, (total - first) / pairs
                product = 0.0
                for j in range(pairs):
                    a = oldest + j if oldest + j < length else oldest + j - length
                    b = a + 1 if a + 1 < length else 0
                    product += (ring[a] - mean_before) * (ring[b] - mean_after)
                out[0, k] = 2.0 * np.sqrt(max(-product / (pairs - 1.0), 0.0))
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


def _corwin_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("high", "<f8"), ("low", "<f8"), ("spreads", window_dtype(length), (1,))], align=True
    )


@kernel
def _spread_of(alpha: float) -> float:
    """Return 2 (e^α − 1) / (1 + e^α), e^α by its power series after a division by powers of two; 0 for α ≤ 0."""
    if not alpha > 0.0:
        return 0.0
    x = min(alpha, _STEEPEST)
    halvings = round(x / (_LN2_HIGH + _LN2_LOW))
    r = x - halvings * _LN2_HIGH - halvings * _LN2_LOW
    term = r
    series = 0.0  # e^r − 1
    for j in range(2, 20):
        series += term
        term *= r / j
    power = math.ldexp(1.0, halvings)
    less_one = power * series + (power - 1.0)
    return 2.0 * (less_one / (less_one + 2.0))


@kernel
def advance_corwin_schultz(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean of the spreads implied by ranges of one and of two bars."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if any_missing(high, low, 0.0) or high <= 0.0 or low <= 0.0:
            continue
        if s["count"] > 0:
            now = natural_log(high / low)
            before = natural_log(s["high"] / s["low"])
            both = natural_log(max(high, s["high"]) / min(low, s["low"]))
            beta = now * now + before * before
            alpha = (np.sqrt(2.0 * beta) - np.sqrt(beta)) / _CURVE - both / np.sqrt(_CURVE)
            total = push_sum(s["spreads"], length, _spread_of(alpha))
            if s["count"] == length:
                out[0, k] = total / length
        s["high"] = high
        s["low"] = low
        s["count"] = min(s["count"] + 1, length)


AMIHUD = Feature(
    name="amihud",
    family="microstructure",
    doc="Amihud's illiquidity: mean over `length` bars of |close / previous close − 1| / (close · volume), times 10⁶; "
    "≥ 0; a bar without volume adds 0. A close that is not positive counts as missing.",
    units="fraction for a million of the quote currency",
    source="Amihud (2002), Illiquidity and Stock Returns",
    inputs=(Column.CLOSE, Column.VOLUME),
    outputs=("amihud",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_amihud,
    state_dtype=_amihud_state,
    warmup=lambda length: length,
)

KYLE_LAMBDA = Feature(
    name="kyle_lambda",
    family="microstructure",
    doc="Proxy of Kyle's lambda: least-squares slope, over `length` bars, of the change of the close on the "
    "volume signed by that change; 0 when signed volume did not vary.",
    units="price for one unit of volume",
    source="Kyle (1985), Continuous Auctions and Insider Trading; Hasbrouck (2009), Trading Costs and Returns",
    inputs=(Column.CLOSE, Column.VOLUME),
    outputs=("kyle_lambda",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_kyle_lambda,
    state_dtype=_kyle_state,
    warmup=lambda length: length,
)

ROLL_SPREAD = Feature(
    name="roll_spread",
    family="microstructure",
    doc="Roll's spread: 2 √max(−c, 0), c the sample covariance of neighbouring changes among the last `length`; ≥ 0.",
    units="price",
    source="Roll (1984), A Simple Implicit Measure of the Effective Bid-Ask Spread in an Efficient Market",
    inputs=(Column.CLOSE,),
    outputs=("roll_spread",),
    parameters=(Integer("length", 20, 3, 10_000, "bars"),),
    advance=advance_roll_spread,
    state_dtype=_roll_state,
    warmup=lambda length: length,
)

CORWIN_SCHULTZ = Feature(
    name="corwin_schultz",
    family="microstructure",
    doc="Corwin and Schultz's spread from highs and lows, mean over `length` pairs of bars; an estimate below 0 counts "
    "as 0; no adjustment for jumps between bars; in [0, 2]. A price that is not positive counts as missing.",
    units="fraction of the price",
    source="Corwin and Schultz (2012), A Simple Way to Estimate Bid-Ask Spreads from Daily High and Low Prices",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("corwin_schultz",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_corwin_schultz,
    state_dtype=_corwin_state,
    warmup=lambda length: length,
)
