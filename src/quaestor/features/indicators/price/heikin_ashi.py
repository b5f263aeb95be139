"""Heikin-Ashi candles: bars smoothed by the previous candle."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing, is_missing

_STATE = np.dtype([("count", "<i8"), ("open", "<f8"), ("close", "<f8")], align=True)


@kernel
def advance_ha(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write a candle from the midpoint of the previous body to the bar's mean price."""
    s = state[0]
    for k in range(i, n):
        opened, high, low = columns[Column.OPEN, k], columns[Column.HIGH, k], columns[Column.LOW, k]
        close = columns[Column.CLOSE, k]
        out[0, k] = out[1, k] = out[2, k] = out[3, k] = np.nan
        if any_missing(opened, high, low) or is_missing(close):
            continue
        begin = (s["open"] + s["close"]) / 2.0 if s["count"] > 0 else (opened + close) / 2.0
        end = (opened + high + low + close) / 4.0
        s["count"] = 1
        s["open"] = begin
        s["close"] = end
        out[0, k] = begin
        out[1, k] = max(high, begin, end)
        out[2, k] = min(low, begin, end)
        out[3, k] = end


HA = Feature(
    name="ha",
    family="price",
    doc="Heikin-Ashi candle: `close` (open + high + low + close) / 4, `open` the midpoint of the previous body (of the "
    "bar's own body at the first bar), `high` and `low` the extremes of the bar's range and both.",
    units="price",
    source="TA-Lib HA; Valcu (2004), Using the Heikin-Ashi Technique",
    inputs=(Column.OPEN, Column.HIGH, Column.LOW, Column.CLOSE),
    outputs=("open", "high", "low", "close"),
    parameters=(),
    advance=advance_ha,
    state_dtype=always(_STATE),
    warmup=always(0),
)
