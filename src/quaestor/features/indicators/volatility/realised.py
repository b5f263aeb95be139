"""Realised moments: semivariances, skewness and kurtosis from sums of powers of returns."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import push_sum, window_dtype


def _pair_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("first", window, (1,)), ("second", window, (1,))], align=True)


@kernel
def advance_realised_semivariance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sums of the squared log returns above and below zero."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if s["count"] > 0:
            change = natural_log(x / s["close"])
            square = change * change
            up = push_sum(s["first"], length, square if change > 0.0 else 0.0)
            down = push_sum(s["second"], length, square if change < 0.0 else 0.0)
            if s["count"] == length:
                out[0, k] = up
                out[1, k] = down
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


@kernel
def _advance_shape(state: Table, length: int, order: int, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum of returns to the power of 3 or 4, scaled by the sum of their squares."""
    s = state[0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if s["count"] > 0:
            change = natural_log(x / s["close"])
            square = change * change
            squares = push_sum(s["first"], length, square)
            powers = push_sum(s["second"], length, square * change if order == 3 else square * square)
            if s["count"] == length:
                out[0, k] = 0.0
                if squares > 0.0:
                    root = np.sqrt(squares)
                    out[0, k] = (
                        np.sqrt(float(length)) * (powers / squares) / root
                        if order == 3
                        else length * (powers / squares) / squares
                    )
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


@kernel
def advance_realised_skew(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the realised skewness: √length times the sum of cubes over the sum of squares to the power 3/2."""
    _advance_shape(state, params[0]["length"], 3, columns, out, i, n)


@kernel
def advance_realised_kurtosis(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the realised kurtosis: `length` times the sum of fourth powers over the squared sum of squares."""
    _advance_shape(state, params[0]["length"], 4, columns, out, i, n)


_MISSING = "A close that is not positive counts as missing."
_SOURCE = "Amaya and others (2015), Does Realized Skewness Predict the Cross-Section of Equity Returns?"

REALISED_SEMIVARIANCE = Feature(
    name="realised_semivariance",
    family="volatility",
    doc="Sums over the last `length` log returns of the squares of those above zero (`up`) and below (`down`); ≥ 0; "
    f"together the square of `realised`. {_MISSING}",
    units="squared fraction over the window",
    source="Barndorff-Nielsen, Kinnebrock and Shephard (2010), Measuring Downside Risk: Realised Semivariance",
    inputs=(Column.CLOSE,),
    outputs=("up", "down"),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_realised_semivariance,
    state_dtype=_pair_state,
    warmup=lambda length: length,
)

REALISED_SKEW = Feature(
    name="realised_skew",
    family="volatility",
    doc="√length · Σ r³ / (Σ r²)^1.5 over the last `length` log returns r; within ±√length; 0 when nothing moved. "
    f"{_MISSING}",
    units="ratio",
    source=_SOURCE,
    inputs=(Column.CLOSE,),
    outputs=("realised_skew",),
    parameters=(Integer("length", 50, 2, 10_000, "bars"),),
    advance=advance_realised_skew,
    state_dtype=_pair_state,
    warmup=lambda length: length,
)

REALISED_KURTOSIS = Feature(
    name="realised_kurtosis",
    family="volatility",
    doc="length · Σ r⁴ / (Σ r²)² over the last `length` log returns r; in [1, length], 3 for normal returns; 0 when "
    f"nothing moved. {_MISSING}",
    units="ratio",
    source=_SOURCE,
    inputs=(Column.CLOSE,),
    outputs=("realised_kurtosis",),
    parameters=(Integer("length", 50, 2, 10_000, "bars"),),
    advance=advance_realised_kurtosis,
    state_dtype=_pair_state,
    warmup=lambda length: length,
)
