"""Return-based volatility: estimators from the returns or drawdowns of closes."""

import math

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.deviations import VOLATILITY
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import moments_dtype, push_max, push_moments, push_sum, window_dtype

_HALF_PI = math.pi / 2
_NOTHING = 1e-290  # a variance that has decayed below this is treated as none
_EWMA_STATE = np.dtype([("count", "<i8"), ("close", "<f8"), ("variance", "<f8")], align=True)


@kernel
def advance_ewma_volatility(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the exponentially weighted mean of squared log returns."""
    s = state[0]
    decay = params[0]["decay"]
    count = s["count"]
    close = s["close"]
    variance = s["variance"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if count > 0:
            change = natural_log(x / close)
            square = change * change
            variance = decay * variance + (1.0 - decay) * square if count > 1 else square
            variance = variance if variance >= _NOTHING else 0.0
            out[0, k] = np.sqrt(variance)
        close = x
        count = min(count + 1, 2)
    s["count"] = count
    s["close"] = close
    s["variance"] = variance


def _realised_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("window", window_dtype(length), (1,))], align=True)


@kernel
def advance_realised(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the sum of the last `length` squared log returns."""
    s = state[0]
    length = params[0]["length"]
    window = s["window"]
    count = s["count"]
    close = s["close"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if count > 0:
            change = natural_log(x / close)
            total = push_sum(window, length, change * change)
            if count == length:
                out[0, k] = np.sqrt(total)
        close = x
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = close


def _bipower_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [("count", "<i8"), ("close", "<f8"), ("change", "<f8"), ("window", window_dtype(length - 1), (1,))], align=True
    )


@kernel
def advance_bipower(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the scaled sum of products of neighbouring absolute log returns."""
    s = state[0]
    length = params[0]["length"]
    scale = _HALF_PI * (length / (length - 1.0))
    window = s["window"]
    count = s["count"]
    close = s["close"]
    before = s["change"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if count > 0:
            change = abs(natural_log(x / close))
            if count > 1:
                total = push_sum(window, length - 1, change * before)
                if count == length:
                    out[0, k] = np.sqrt(scale * total)
            before = change
        close = x
        count = min(count + 1, length)
    s["count"] = count
    s["close"] = close
    s["change"] = before


def _vol_of_vol_state(length: int, window: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("volatilities", moments_dtype(window), (1,))], align=True)


@kernel
def advance_volatility_of_volatility(
    state: Table,
    params: Table,
    columns: Matrix,  # noqa: ARG001
    volatility: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the sample standard deviation of the last `window` volatilities."""
    s = state[0]
    window = params[0]["window"]
    for k in range(i, n):
        out[0, k] = np.nan
        if volatility[k] != volatility[k]:
            continue
        _, spread = push_moments(s["volatilities"], window, volatility[k])
        s["count"] = min(s["count"] + 1, window)
        if s["count"] == window:
            out[0, k] = np.sqrt(spread / (window - 1.0))


def _ulcer_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("closes", window, (1,)), ("squares", window, (1,))], align=True)


@kernel
def advance_ulcer_index(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the mean squared percentage drawdown from the highest close."""
    s = state[0]
    length = params[0]["length"]
    closes, squares = s["closes"], s["squares"]
    full = 2 * length - 1
    count = s["count"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        top = push_max(closes, length, x)
        count = min(count + 1, full)
        if count >= length:
            below = 100.0 * (x - top) / top
            total = push_sum(squares, length, below * below)
            if count == full:
                out[0, k] = np.sqrt(total / length)
    s["count"] = count


_MISSING = "A close that is not positive counts as missing."
_LENGTH = Integer("length", 20, 2, 10_000, "bars")

EWMA_VOLATILITY = Feature(
    name="ewma_volatility",
    family="volatility",
    doc=f"Root of v ← decay · v + (1 − decay) · r², r the log return, seeded with the first r²; ≥ 0. {_MISSING}",
    units="fraction per bar",
    source="J.P. Morgan and Reuters (1996), RiskMetrics Technical Document",
    inputs=(Column.CLOSE,),
    outputs=("ewma_volatility",),
    parameters=(Real("decay", 0.94, 0.001, 0.99999, "weight of the past"),),
    advance=advance_ewma_volatility,
    state_dtype=always(_EWMA_STATE),
    warmup=always(1),
)

REALISED = Feature(
    name="realised",
    family="volatility",
    doc=f"Realised volatility: root of the sum of the last `length` squared log returns; ≥ 0. {_MISSING}",
    units="fraction over the window",
    source="Andersen and Bollerslev (1998), Answering the Skeptics",
    inputs=(Column.CLOSE,),
    outputs=("realised",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_realised,
    state_dtype=_realised_state,
    warmup=lambda length: length,
)

BIPOWER = Feature(
    name="bipower",
    family="volatility",
    doc="Bipower variation, a volatility robust to jumps: root of π/2 · length/(length − 1) · the sum over the last "
    f"`length` log returns of products of neighbouring absolute values; ≥ 0; comparable with `realised`. {_MISSING}",
    units="fraction over the window",
    source="Barndorff-Nielsen and Shephard (2004), Power and Bipower Variation with Stochastic Volatility and Jumps",
    inputs=(Column.CLOSE,),
    outputs=("bipower",),
    parameters=(_LENGTH,),
    advance=advance_bipower,
    state_dtype=_bipower_state,
    warmup=lambda length: length,
)

VOLATILITY_OF_VOLATILITY = Feature(
    name="volatility_of_volatility",
    family="volatility",
    doc=f"Sample standard deviation of the last `window` volatilities, each of `length` log returns; ≥ 0. {_MISSING}",
    units="fraction per bar",
    source="Baltussen, van Bekkum and van der Grient (2018), Unknown Unknowns",
    inputs=(Column.CLOSE,),
    outputs=("volatility_of_volatility",),
    parameters=(_LENGTH, Integer("window", 20, 2, 10_000, "bars")),
    advance=advance_volatility_of_volatility,
    state_dtype=_vol_of_vol_state,
    warmup=lambda length, window: length + window - 1,
    parts=lambda length, window: (VOLATILITY.instance(length).name,),  # noqa: ARG005
)

ULCER_INDEX = Feature(
    name="ulcer_index",
    family="volatility",
    doc="Ulcer index: root of the mean over `length` bars of the squared percentage by which the close lies below the "
    f"highest of the last `length` closes; in [0, 100]. {_MISSING}",
    units="percent",
    source="Martin and McCann (1989), The Investor's Guide to Fidelity Funds",
    inputs=(Column.CLOSE,),
    outputs=("ulcer_index",),
    parameters=(Integer("length", 14, 1, 10_000, "bars"),),
    advance=advance_ulcer_index,
    state_dtype=_ulcer_state,
    warmup=lambda length: 2 * length - 2,
)
