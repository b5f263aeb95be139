"""Market model: regression of an instrument's log returns on those of a benchmark."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.cross_asset.pairs import (
    MISSING,
    PAIR,
    correlation,
    is_missing_pair,
    pair_state,
    pair_sums,
    slot,
    take_returns,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table


@kernel
def advance_benchmark_beta(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the least-squares slope of own returns on the benchmark's."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            _, _, _, bb, ab = pair_sums(s, length, 0)
            out[0, k] = ab / bb if bb > 0.0 else 0.0


@kernel
def advance_benchmark_correlation(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the correlation of own returns with the benchmark's."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            _, _, aa, bb, ab = pair_sums(s, length, 0)
            out[0, k] = correlation(aa, bb, ab)


@kernel
def advance_residual_return(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the residual of the newest return, and alpha."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            mean_a, mean_b, _, bb, ab = pair_sums(s, length, 0)
            beta = ab / bb if bb > 0.0 else 0.0
            newest = slot(s, length, length - 1)
            alpha = mean_a - beta * mean_b
            out[0, k] = s["own"][0]["ring"][newest] - alpha - beta * s["other"][0]["ring"][newest]
            out[1, k] = alpha


@kernel
def advance_tracking_volatility(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the standard deviation of the differences between own returns and the benchmark's."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            own, other = s["own"][0]["ring"], s["other"][0]["ring"]
            mean = 0.0
            for j in range(length):
                mean += own[j] - other[j]
            mean /= length
            squares = 0.0
            for j in range(length):
                d = own[j] - other[j] - mean
                squares += d * d
            out[0, k] = np.sqrt(squares / (length - 1.0))


@kernel
def _side_beta(s: Row, length: int, sign: float) -> float:
    """Return the slope over the returns for which the benchmark's has a given sign; 0 when these do not differ."""
    own, other = s["own"][0]["ring"], s["other"][0]["ring"]
    pairs = 0
    mean_a = mean_b = 0.0
    for j in range(length):
        if sign * other[j] > 0.0:
            pairs += 1
            mean_a += own[j]
            mean_b += other[j]
    if pairs < 2:
        return 0.0
    mean_a /= pairs
    mean_b /= pairs
    bb = ab = 0.0
    for j in range(length):
        if sign * other[j] > 0.0:
            b = other[j] - mean_b
            bb += b * b
            ab += (own[j] - mean_a) * b
    return ab / bb if bb > 0.0 else 0.0


@kernel
def advance_side_beta(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the betas over rows in which the benchmark rose and over those in which it fell."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            out[0, k] = _side_beta(s, length, 1.0)
            out[1, k] = _side_beta(s, length, -1.0)


@kernel
def advance_lead_lag(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the correlations with the benchmark's return one row later and one row earlier."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, benchmark = columns[Column.CLOSE, k], columns[Column.BENCHMARK, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing_pair(close, benchmark):
            continue
        if take_returns(s, length, close, benchmark):
            _, _, aa, bb, ab = pair_sums(s, length, -1)
            out[0, k] = correlation(aa, bb, ab)
            _, _, aa, bb, ab = pair_sums(s, length, 1)
            out[1, k] = correlation(aa, bb, ab)


_LENGTH = Integer("length", 50, 3, 10_000, "bars")

BENCHMARK_BETA = Feature(
    name="benchmark_beta",
    family="cross_asset",
    doc="Least-squares slope, with a constant, of the last `length` log returns on the benchmark's; 0 when the "
    f"benchmark did not move. {MISSING}",
    units="ratio",
    source="Sharpe (1963), A Simplified Model for Portfolio Analysis",
    inputs=PAIR,
    outputs=("benchmark_beta",),
    parameters=(_LENGTH,),
    advance=advance_benchmark_beta,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

BENCHMARK_CORRELATION = Feature(
    name="benchmark_correlation",
    family="cross_asset",
    doc="Pearson's correlation of the last `length` log returns with the benchmark's; in [−1, 1]; 0 when either did "
    f"not move. {MISSING}",
    units="ratio",
    source="Pearson (1896), Regression, Heredity and Panmixia",
    inputs=PAIR,
    outputs=("benchmark_correlation",),
    parameters=(_LENGTH,),
    advance=advance_benchmark_correlation,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

RESIDUAL_RETURN = Feature(
    name="residual_return",
    family="cross_asset",
    doc="Newest log return less `alpha` and less beta times the benchmark's; alpha and beta are the constant and "
    f"the slope of the least-squares line through the last `length` returns. {MISSING}",
    units="fraction per bar",
    source="Jensen (1968), The Performance of Mutual Funds",
    inputs=PAIR,
    outputs=("residual_return", "alpha"),
    parameters=(_LENGTH,),
    advance=advance_residual_return,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

TRACKING_VOLATILITY = Feature(
    name="tracking_volatility",
    family="cross_asset",
    doc="Sample standard deviation of the differences between the last `length` log returns and the benchmark's; ≥ 0; "
    f"not annualised. {MISSING}",
    units="fraction per bar",
    source="Roll (1992), A Mean/Variance Analysis of Tracking Error",
    inputs=PAIR,
    outputs=("tracking_volatility",),
    parameters=(_LENGTH,),
    advance=advance_tracking_volatility,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

SIDE_BETA = Feature(
    name="side_beta",
    family="cross_asset",
    doc="`benchmark_beta` over those of the last `length` log returns in which the benchmark rose (`up`) and in which "
    f"it fell (`down`); 0 when those are fewer than two or all the same. {MISSING}",
    units="ratio",
    source="Ang, Chen and Xing (2006), Downside Risk",
    inputs=PAIR,
    outputs=("up", "down"),
    parameters=(_LENGTH,),
    advance=advance_side_beta,
    state_dtype=pair_state,
    warmup=lambda length: length,
)

LEAD_LAG = Feature(
    name="lead_lag",
    family="cross_asset",
    doc="Correlation, among the last `length` log returns, of a return with the benchmark's one bar later (`leads`) "
    f"and one bar earlier (`follows`); in [−1, 1]; 0 when either did not move. {MISSING}",
    units="ratio",
    source="Lo and MacKinlay (1990), When Are Contrarian Profits Due to Stock Market Overreaction?",
    inputs=PAIR,
    outputs=("leads", "follows"),
    parameters=(_LENGTH,),
    advance=advance_lead_lag,
    state_dtype=pair_state,
    warmup=lambda length: length,
)
