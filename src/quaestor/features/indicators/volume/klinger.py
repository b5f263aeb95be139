"""Klinger volume oscillator: difference of averages of the volume force."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_ema
from quaestor.numeric.elementary import any_missing, is_missing

_STATE = np.dtype(
    [
        ("count", "<i8"),
        ("trend", "<f8"),
        ("price", "<f8"),
        ("range", "<f8"),
        ("travelled", "<f8"),  # sum of ranges since the trend reversed
        *((name, AVERAGE, (1,)) for name in ("fast", "slow", "signal")),
    ],
    align=True,
)


@kernel
def _force(s: Row, high: float, low: float, close: float, volume: float) -> float:
    """Return the volume force: volume with the sign of the trend, weighted by the bar's range relative to the sum of
    ranges since the trend reversed; NaN at the first bar."""
    price = high + low + close
    reach = high - low
    trend = 1.0 if price > s["price"] else -1.0
    force = np.nan
    if s["count"] > 0:
        s["travelled"] = (s["travelled"] if trend == s["trend"] else s["range"]) + reach
        share = reach / s["travelled"] if s["travelled"] > 0.0 else 1.0
        force = volume * abs(2.0 * (share - 1.0)) * trend * 100.0
        s["trend"] = trend
    s["count"] = 1
    s["price"] = price
    s["range"] = reach
    return force


@kernel
def advance_kvo(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write a fast average of the volume force less a slow one, and the average of the difference."""
    s = state[0]
    for k in range(i, n):
        high, low, close = columns[Column.HIGH, k], columns[Column.LOW, k], columns[Column.CLOSE, k]
        volume = columns[Column.VOLUME, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(high, low, close) or is_missing(volume):
            continue
        force = _force(s, high, low, close, volume)
        if force != force:
            continue
        fast = push_ema(s["fast"], params[0]["fast"], force)
        slow = push_ema(s["slow"], params[0]["slow"], force)
        if slow != slow:
            continue
        signal = push_ema(s["signal"], params[0]["signal"], fast - slow)
        if signal == signal:
            out[0, k] = fast - slow
            out[1, k] = signal


KVO = Feature(
    name="kvo",
    family="volume",
    doc="Klinger volume oscillator: EMA(`fast`) − EMA(`slow`) of 100 · t · volume · |2 (d / c − 1)|, t = 1 where high "
    "+ low + close rose and −1 elsewhere, d = high − low, c the sum of d since the bar before t changed; "
    "`signal`: its EMA.",
    units="base units in percent",
    source="Klinger (1997), Identifying Trends with Volume Analysis",
    inputs=(Column.HIGH, Column.LOW, Column.CLOSE, Column.VOLUME),
    outputs=("kvo", "signal"),
    parameters=(
        Integer("fast", 34, 1, 5_000, "bars"),
        Integer("slow", 55, 2, 10_000, "bars"),
        Integer("signal", 13, 1, 5_000, "bars"),
    ),
    advance=advance_kvo,
    state_dtype=always(_STATE),
    warmup=lambda fast, slow, signal: slow + signal - 1,  # noqa: ARG005
    conflict=lambda fast, slow, signal: (  # noqa: ARG005
        "" if fast < slow else f"fast = {fast} must be shorter than slow = {slow}"
    ),
)
