"""Relative prices: strength, momentum and cointegration spread of an instrument against a benchmark."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.cross_asset.pairs import MISSING, PAIR, is_missing_pair, pair_state, pair_sums, slot
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import natural_log
from quaestor.numeric.rolling import push_delay


@kernel
def advance_relative_strength(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the ratio of both prices."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        close_before = push_delay(s["own"], length, close)
        benchmark_before = push_delay(s["other"], length, benchmark)
        if s["count"] == length:
            out[0, k] = (close / close_before) / (benchmark / benchmark_before) - 1.0
        s["count"] = min(s["count"] + 1, length)


def _momentum_state(fast: int, slow: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("fast", AVERAGE, (1,)), ("slow", AVERAGE, (1,))], align=True)


@kernel
def advance_ratio_momentum(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the difference of a fast and a slow average of the log ratio of both prices."""
    s = state[0]
    fast, slow = params[0]["fast"], params[0]["slow"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        ratio = natural_log(close) - natural_log(benchmark)
        near = push_ema(s["fast"], fast, ratio)
        out[0, k] = near - push_ema(s["slow"], slow, ratio)


@kernel
def _spread_score(s: Row, length: int, mean_a: float, mean_b: float, slope: float) -> float:
    """Return the newest residual of the fitted line in sample standard deviations of the window's residuals."""
    own, other = s["own"][0]["ring"], s["other"][0]["ring"]
    squares = 0.0
    distance = 0.0
    for j in range(length):
        place = slot(s, length, j)
        distance = (own[place] - mean_a) - slope * (other[place] - mean_b)
        squares += distance * distance
    return distance / np.sqrt(squares / (length - 1.0)) if squares > 0.0 else 0.0


@kernel
def advance_spread_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the standard score of the residual of the log price on the benchmark's, and the slope of the line."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        push_delay(s["own"], length, natural_log(close))
        push_delay(s["other"], length, natural_log(benchmark))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            mean_a, mean_b, _, bb, ab = pair_sums(s, length, 0)
            slope = ab / bb if bb > 0.0 else 0.0
            out[0, k] = _spread_score(s, length, mean_a, mean_b, slope)
            out[1, k] = slope


RELATIVE_STRENGTH = Feature(
    name="relative_strength",
    family="cross_asset",
    doc=f"(close / close `length` bars ago) / (benchmark / benchmark `length` bars ago) − 1; > −1. {MISSING}",
    units="fraction",
    source="Levy (1967), Relative Strength as a Criterion for Investment Selection",
    inputs=PAIR,
    outputs=("relative_strength",),
    parameters=(Integer("length", 20, 1, 10_000, "bars"),),
    advance=advance_relative_strength,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

RATIO_MOMENTUM = Feature(
    name="ratio_momentum",
    family="cross_asset",
    doc="`fast` less `slow` exponential average (factor 2/(length + 1), seeded with the mean of its first values) of "
    f"ln(close / benchmark). {MISSING}",
    units="log ratio",
    source="Appel (2005), Technical Analysis: Power Tools, the MACD of a price ratio",
    inputs=PAIR,
    outputs=("ratio_momentum",),
    parameters=(Integer("fast", 12, 1, 10_000, "bars"), Integer("slow", 26, 2, 10_000, "bars")),
    advance=advance_ratio_momentum,
    state_dtype=_momentum_state,
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=lambda fast, slow: "" if fast < slow else f"fast = {fast} must be shorter than slow = {slow}",
)

SPREAD_ZSCORE = Feature(
    name="spread_zscore",
    family="cross_asset",
    doc="Residual of the newest bar in the least-squares line, with a constant, of ln close on ln benchmark over the "
    "last `length` bars, in sample standard deviations of the residuals; 0 when they are all 0. `hedge_ratio` is the "
    f"slope of the line, 0 when the benchmark did not move. {MISSING}",
    units="standard deviations; hedge ratio: ratio",
    source="Engle and Granger (1987), Co-Integration and Error Correction; Vidyamurthy (2004), Pairs Trading",
    inputs=PAIR,
    outputs=("spread_zscore", "hedge_ratio"),
    parameters=(Integer("length", 100, 3, 10_000, "bars"),),
    advance=advance_spread_zscore,
    state_dtype=pair_state,
    warmup=lambda length: length - 1,
)
