"""Performance of holding through a window: Sharpe and Sortino ratio, downside, drawdown, and a CUSUM event filter."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, Real
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import is_missing, natural_log
from quaestor.numeric.rolling import counted_windows, moments_dtype, push_delay, push_moments, push_sum, window_dtype

_NOTHING = 1e-60  # a sum of squares below this is treated as none
_DOWNSIDE, _SHARPE, _SORTINO = 0, 1, 2


def _returns_state(length: int) -> np.dtype[np.void]:
    moments, losses = moments_dtype(length), window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("close", "<f8"), ("moments", moments, (1,)), ("losses", losses, (1,))], align=True
    )


@kernel
def _ratio(mean: float, squares: float, losses: float, length: int, kind: int) -> float:
    if kind == _SHARPE:
        return mean / np.sqrt(squares / (length - 1.0)) if squares > _NOTHING else 0.0
    downside = np.sqrt(losses / length)
    if kind == _DOWNSIDE:
        return downside
    if abs(mean) >= length * downside:
        return length if mean > 0.0 else 0.0
    return mean / downside


@kernel
def _advance_returns(state: Table, length: int, kind: int, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    s = state[0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        if s["count"] > 0:
            change = natural_log(x / s["close"])
            mean, squares = push_moments(s["moments"], length, change)
            losses = push_sum(s["losses"], length, change * change if change < 0.0 else 0.0)
            if s["count"] == length:
                out[0, k] = _ratio(mean, squares, losses, length, kind)
        s["close"] = x
        s["count"] = min(s["count"] + 1, length)


@kernel
def advance_downside_deviation(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the root of the mean over all returns of the squares of those below zero."""
    _advance_returns(state, params[0]["length"], _DOWNSIDE, columns, out, i, n)


@kernel
def advance_sharpe(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean return over the standard deviation of returns."""
    _advance_returns(state, params[0]["length"], _SHARPE, columns, out, i, n)


@kernel
def advance_sortino(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean return over the downside deviation."""
    _advance_returns(state, params[0]["length"], _SORTINO, columns, out, i, n)


@kernel
def _deepest(s: Row, length: int) -> float:
    ring = s["closes"][0]["ring"]
    oldest = s["closes"][0]["position"]
    peak = ring[oldest]
    deepest = 1.0
    for j in range(1, length):
        x = ring[oldest + j if oldest + j < length else oldest + j - length]
        peak = x if x > peak else peak
        deepest = x / peak if x / peak < deepest else deepest
    return deepest - 1.0


@kernel
def advance_max_drawdown(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the deepest fall from a close to a later one."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        push_delay(s["closes"], length, x)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = _deepest(s, length)


def _cusum_state(length: int, width: float) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("close", "<f8"), ("up", "<f8"), ("down", "<f8")], align=True)


@kernel
def advance_cusum(
    state: Table, params: Table, columns: Matrix, volatility: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write an event when the sum of returns since the last event exceeds `width` volatilities."""
    s = state[0]
    width = params[0]["width"]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = np.nan
        if is_missing(x) or x <= 0.0:
            continue
        threshold = width * volatility[k]
        if threshold >= 0.0:
            change = natural_log(x / s["close"])
            up, down = max(s["up"] + change, 0.0), min(s["down"] + change, 0.0)
            event = 0.0
            if up > threshold:
                event, up = 1.0, 0.0
            elif -down > threshold:
                event, down = -1.0, 0.0
            s["up"], s["down"] = up, down
            out[0, k], out[1, k], out[2, k] = event, up, down
        s["close"] = x


_MISSING = "A close that is not positive counts as missing."
_LENGTH = Integer("length", 50, 2, 10_000, "bars")

DOWNSIDE_DEVIATION = Feature(
    name="downside_deviation",
    family="statistical",
    doc=f"Root of the mean of min(r, 0)² over the last `length` log returns r; ≥ 0; not annualised. {_MISSING}",
    units="fraction per bar",
    source="Sortino and Price (1994), Performance Measurement in a Downside Risk Framework",
    inputs=(Column.CLOSE,),
    outputs=("downside_deviation",),
    parameters=(_LENGTH,),
    advance=advance_downside_deviation,
    state_dtype=_returns_state,
    warmup=lambda length: length,
)

SHARPE = Feature(
    name="sharpe",
    family="statistical",
    doc="Mean over sample standard deviation of the last `length` log returns; no risk-free rate, not annualised; 0 "
    f"when nothing moved. {_MISSING}",
    units="ratio per bar",
    source="Sharpe (1994), The Sharpe Ratio",
    inputs=(Column.CLOSE,),
    outputs=("sharpe",),
    parameters=(_LENGTH,),
    advance=advance_sharpe,
    state_dtype=_returns_state,
    warmup=lambda length: length,
)

SORTINO = Feature(
    name="sortino",
    family="statistical",
    doc="Mean of the last `length` log returns over their downside deviation; not annualised; at most `length`, also "
    f"when none of them is negative; 0 when nothing moved. {_MISSING}",
    units="ratio per bar",
    source="Sortino and Price (1994), Performance Measurement in a Downside Risk Framework",
    inputs=(Column.CLOSE,),
    outputs=("sortino",),
    parameters=(_LENGTH,),
    advance=advance_sortino,
    state_dtype=_returns_state,
    warmup=lambda length: length,
)

MAX_DRAWDOWN = Feature(
    name="max_drawdown",
    family="statistical",
    doc=f"Least of later close / earlier close − 1 among the last `length` closes; in [−1, 0]. {_MISSING}",
    units="fraction",
    source="Magdon-Ismail and Atiya (2004), Maximum Drawdown",
    inputs=(Column.CLOSE,),
    outputs=("max_drawdown",),
    parameters=(_LENGTH,),
    advance=advance_max_drawdown,
    state_dtype=counted_windows("closes"),
    warmup=lambda length: length - 1,
)

CUSUM = Feature(
    name="cusum",
    family="statistical",
    doc="Symmetric cumulative-sum filter of log returns r: `up` ← max(up + r, 0), `down` ← min(down + r, 0). `cusum` "
    "is 1 in the bar in which up exceeds `width` times `volatility` of `length` returns, −1 when down does, else 0; "
    f"that sum is then reset to 0. {_MISSING}",
    units="sign; sums: fraction",
    source="López de Prado (2018), Advances in Financial Machine Learning, section 2.5.2.1; Page (1954)",
    inputs=(Column.CLOSE,),
    outputs=("cusum", "up", "down"),
    parameters=(_LENGTH, Real("width", 3.0, 0.01, 1_000.0, "volatilities")),
    advance=advance_cusum,
    state_dtype=_cusum_state,
    warmup=lambda length, width: length,  # noqa: ARG005
    parts=lambda length, width: (f"volatility_{length}",),  # noqa: ARG005
)
