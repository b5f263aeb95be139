"""Midpoints of ranges: of closes, of highs and lows, and Ichimoku's lines."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.price.extremes import MAX, MIN
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import counted_windows, push_max, push_min

_range_dtype = counted_windows("highs", "lows")


@kernel
def _push_middle(state: Table, length: int, high: float, low: float) -> float:
    """Add a bar and return the midpoint of the highest high and the lowest low; NaN until `length` bars are added."""
    s = state[0]
    top = push_max(s["highs"], length, high)
    bottom = push_min(s["lows"], length, low)
    s["count"] = min(s["count"] + 1, length)
    return (top + bottom) / 2.0 if s["count"] == length else np.nan


@kernel
def advance_midpoint(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,  # noqa: ARG001
    lowest: Table,
    highest: Table,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the midpoint of the highest and the lowest close."""
    for k in range(i, n):
        out[0, k] = (highest[k] + lowest[k]) / 2.0


@kernel
def advance_midprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the midpoint of the highest high and the lowest low."""
    length = params[0]["length"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = np.nan
        if not any_missing(high, low, 0.0):
            out[0, k] = _push_middle(state, length, high, low)


def _ichimoku_state(conversion: int, base: int, span: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("count", "<i8"),
            ("conversion", _range_dtype(conversion), (1,)),
            ("base", _range_dtype(base), (1,)),
            ("span", _range_dtype(span), (1,)),
        ],
        align=True,
    )


@kernel
def advance_ichimoku(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the midpoints of three ranges and the mean of the first two."""
    s = state[0]
    conversion = params[0]["conversion"]
    base = params[0]["base"]
    span = params[0]["span"]
    for k in range(i, n):
        high, low = columns[Column.HIGH, k], columns[Column.LOW, k]
        out[0, k] = out[1, k] = out[2, k] = out[3, k] = np.nan
        if any_missing(high, low, 0.0):
            continue
        tenkan = _push_middle(s["conversion"], conversion, high, low)
        kijun = _push_middle(s["base"], base, high, low)
        span_b = _push_middle(s["span"], span, high, low)
        if span_b == span_b:
            out[0, k] = tenkan
            out[1, k] = kijun
            out[2, k] = (tenkan + kijun) / 2.0
            out[3, k] = span_b


def _conflict(conversion: int, base: int, span: int) -> str:
    if conversion <= base <= span:
        return ""
    return f"conversion = {conversion}, base = {base} and span = {span} must not fall"


MIDPOINT = Feature(
    name="midpoint",
    family="trend",
    doc="(highest + lowest close) / 2 of `length` bars.",
    units="price",
    source="TA-Lib MIDPOINT",
    inputs=(Column.CLOSE,),
    outputs=("midpoint",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_midpoint,
    state_dtype=always(np.dtype([("unused", "<i8")])),
    warmup=MAX.warmup,
    parts=lambda length: (MIN.instance(length).name, MAX.instance(length).name),
)

MIDPRICE = Feature(
    name="midprice",
    family="trend",
    doc="(highest high + lowest low) / 2 of `length` bars.",
    units="price",
    source="TA-Lib MIDPRICE",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("midprice",),
    parameters=(Integer("length", 14, 2, 10_000, "bars"),),
    advance=advance_midprice,
    state_dtype=_range_dtype,
    warmup=lambda length: length - 1,
)

ICHIMOKU = Feature(
    name="ichimoku",
    family="trend",
    doc="`tenkan` and `kijun`: midpoints of the ranges of `conversion` and `base` bars; `span_a`: their mean; "
    "`span_b`: midpoint of the range of `span` bars. As known at this bar: charts draw the spans `base` bars later.",
    units="price",
    source="Hosoda (1969), Ichimoku Kinko Hyo",
    inputs=(Column.HIGH, Column.LOW),
    outputs=("tenkan", "kijun", "span_a", "span_b"),
    parameters=(
        Integer("conversion", 9, 1, 10_000, "bars"),
        Integer("base", 26, 1, 10_000, "bars"),
        Integer("span", 52, 1, 10_000, "bars"),
    ),
    advance=advance_ichimoku,
    state_dtype=_ichimoku_state,
    warmup=lambda conversion, base, span: span - 1,  # noqa: ARG005
    conflict=_conflict,
)
