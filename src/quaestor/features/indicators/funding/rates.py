"""Funding rates of a perpetual: last rate, its standard score and the cumulative cost of holding."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.held_values import NO_STATE, advance_value, advance_zscore, zscore_dtype
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import counted_windows, push_sum

_FUNDING = int(Column.FUNDING_RATE)
_SOURCE = "Binance, Introduction to Binance Futures Funding Rates"


@kernel
def advance_funding_rate(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the funding rate of the market matrix."""
    advance_value(_FUNDING, 1.0, 0.0, columns, out, i, n)


@kernel
def advance_funding_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance from the mean of `length` bars in sample standard deviations."""
    advance_zscore(state, params[0]["length"], _FUNDING, columns, out, i, n)


@kernel
def advance_cumulative_funding(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum of the rates of `length` bars, divided by the bars per settlement."""
    s = state[0]
    length = params[0]["length"]
    settled = params[0]["settled"]
    window = s["window"]
    count = s["count"]
    for k in range(i, n):
        x = columns[_FUNDING, k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        total = push_sum(window, length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = total / settled
    s["count"] = count


FUNDING_RATE = Feature(
    name="funding_rate",
    family="funding",
    doc="The last funding rate settled by the close; positive where longs pay shorts.",
    units="fraction per settlement",
    source=_SOURCE,
    inputs=(Column.FUNDING_RATE,),
    outputs=("funding_rate",),
    parameters=(),
    advance=advance_funding_rate,
    state_dtype=always(NO_STATE),
    warmup=always(0),
)

FUNDING_ZSCORE = Feature(
    name="funding_zscore",
    family="funding",
    doc="(rate − mean) / sample standard deviation of the rates of the last `length` bars, this one included; 0 "
    "without spread; in ±(length − 1) / √length.",
    units="standard deviations",
    source=_SOURCE,
    inputs=(Column.FUNDING_RATE,),
    outputs=("funding_zscore",),
    parameters=(Integer("length", 168, 2, 100_000, "bars"),),
    advance=advance_funding_zscore,
    state_dtype=zscore_dtype,
    warmup=lambda length: length - 1,
)

CUMULATIVE_FUNDING = Feature(
    name="cumulative_funding",
    family="funding",
    doc="Funding paid by a long position over the last `length` bars: the sum of the last settled rate at each, "
    "divided by the `settled` bars from one settlement to the next (8 of an hour for the usual eight hours).",
    units="fraction",
    source=_SOURCE,
    inputs=(Column.FUNDING_RATE,),
    outputs=("cumulative_funding",),
    parameters=(
        Integer("length", 168, 1, 100_000, "bars"),
        Integer("settled", 8, 1, 10_000, "bars from one settlement to the next"),
    ),
    advance=advance_cumulative_funding,
    state_dtype=counted_windows("window"),
    warmup=lambda length, settled: length - 1,  # noqa: ARG005
)
