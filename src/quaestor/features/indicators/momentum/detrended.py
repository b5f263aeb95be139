"""Detrended closes: detrended price oscillator and forecast oscillator."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.trend.moving_averages import SMA
from quaestor.features.indicators.trend.regression import TSF
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import push_delay, window_dtype

_FOSC_STATE = np.dtype([("count", "<i8"), ("forecast", "<f8")], align=True)


def _dpo_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("window", window_dtype(length // 2 + 1), (1,))], align=True)


@kernel
def advance_dpo(state: Table, params: Table, columns: Matrix, mean: Table, out: Matrix, i: int, n: int) -> None:
    """Write the close in the middle of the window less the window's mean."""
    s = state[0]
    back = params[0]["length"] // 2 + 1
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if not is_missing(x):
            out[0, k] = push_delay(s["window"], back, x) - mean[k]


@kernel
def advance_fosc(
    state: Table,
    params: Table,  # noqa: ARG001
    columns: Matrix,
    forecast: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the distance of the close from the previous bars' linear forecast, in percent of the close."""
    s = state[0]
    for k in range(i, n):
        x = columns[Column.CLOSE, k]
        out[0, k] = np.nan
        if forecast[k] != forecast[k]:
            continue
        if s["count"] > 0:
            out[0, k] = 100.0 * ((x - s["forecast"]) / x) if x != 0.0 else 0.0
        s["forecast"] = forecast[k]
        s["count"] = 1


DPO = Feature(
    name="dpo",
    family="momentum",
    doc="Detrended price oscillator: close `length` / 2 + 1 bars ago (rounded down) − mean of `length` closes.",
    units="price",
    source="TA-Lib DPO; Achelis (2000), Technical Analysis from A to Z",
    inputs=(Column.CLOSE,),
    outputs=("dpo",),
    parameters=(Integer("length", 20, 3, 10_000, "bars"),),
    advance=advance_dpo,
    state_dtype=_dpo_state,
    warmup=lambda length: length - 1,
    parts=lambda length: (SMA.instance(length).name,),
)

FOSC = Feature(
    name="fosc",
    family="momentum",
    doc="Forecast oscillator: 100 · (close − forecast) / close, the forecast one bar ahead of the least-squares line "
    "through the previous `length` closes; 0 where the close is 0.",
    units="percent",
    source="TA-Lib FOSC; Chande and Kroll (1994), The New Technical Trader",
    inputs=(Column.CLOSE,),
    outputs=("fosc",),
    parameters=(Integer("length", 5, 2, 10_000, "bars"),),
    advance=advance_fosc,
    state_dtype=always(_FOSC_STATE),
    warmup=lambda length: length,
    parts=lambda length: (TSF.instance(length).name,),
)
