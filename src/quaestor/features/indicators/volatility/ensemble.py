"""Volatility ensemble: median of six volatility estimators."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.volatility.range_volatility import RANGE_SHARE, is_missing_bar
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import natural_log
from quaestor.numeric.rolling import moments_dtype, push_moments, push_sum, window_dtype

_ESTIMATORS = 6


def _ensemble_state(length: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("count", "<i8"),
            ("close", "<f8"),
            ("ewma", "<f8"),
            ("ranges", window_dtype(length), (1,)),
            ("returns", moments_dtype(length), (1,)),
            ("estimates", "<f8", (_ESTIMATORS,)),
        ],
        align=True,
    )


@kernel
def _median_of_six(values: Row) -> float:
    """Sort six values in place and return the mean of the middle two."""
    for j in range(1, _ESTIMATORS):
        x = values[j]
        hole = j
        while hole > 0 and values[hole - 1] > x:
            values[hole] = values[hole - 1]
            hole -= 1
        values[hole] = x
    return 0.5 * (values[2] + values[3])


@kernel
def advance_volatility_ensemble(
    state: Table,
    params: Table,
    columns: Matrix,
    garman_klass: Matrix,
    rogers_satchell: Matrix,
    yang_zhang: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the median of three estimates taken from parts and three computed here.

    Those computed here read fewer prices than a bar has: as parts they would count rows that lack the other prices.
    """
    s = state[0]
    length = params[0]["length"]
    weight = 2.0 / (length + 1.0)
    estimates = s["estimates"]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if is_missing_bar(columns[Column.OPEN, k], high, low, close):
            continue
        reach = natural_log(high / low)
        ranges = push_sum(s["ranges"], length, reach * reach)
        if s["count"] > 0:
            change = natural_log(close / s["close"])
            _, spread = push_moments(s["returns"], length, change)
            s["ewma"] += (1.0 if s["count"] == 1 else weight) * (change * change - s["ewma"])
            if s["count"] == length:
                estimates[0] = np.sqrt(RANGE_SHARE * (ranges / length))
                estimates[1] = np.sqrt(spread / (length - 1.0))
                estimates[2] = np.sqrt(s["ewma"])
                estimates[3] = garman_klass[k]
                estimates[4] = rogers_satchell[k]
                estimates[5] = yang_zhang[k]
                out[0, k] = _median_of_six(estimates)
        s["close"] = close
        s["count"] = min(s["count"] + 1, length)


VOLATILITY_ENSEMBLE = Feature(
    name="volatility_ensemble",
    family="volatility",
    doc="Median (mean of the middle two) of `volatility`, `parkinson`, `garman_klass`, `rogers_satchell` and "
    "`yang_zhang` of `length` bars and of `ewma_volatility` with the decay (length − 1)/(length + 1): robust to the "
    "bias of any one estimator, such as that of ranges when trades are few; ≥ 0. A price that is not positive counts "
    "as missing.",
    units="fraction per bar",
    source="Bates and Granger (1969), The Combination of Forecasts; the median after Stock and Watson (2004)",
    inputs=(Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("volatility_ensemble",),
    parameters=(Integer("length", 20, 2, 10_000, "bars"),),
    advance=advance_volatility_ensemble,
    state_dtype=_ensemble_state,
    warmup=lambda length: length,
    parts=lambda length: (f"garman_klass_{length}", f"rogers_satchell_{length}", f"yang_zhang_{length}"),
)
