"""Support and resistance: price levels at which earlier pivots cluster."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.features.feature import Feature
from quaestor.features.indicators.patterns.swings import ATR_LENGTH, INPUTS, THRESHOLD
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Matrix, Row, Table

Series = NDArray[np.float64]

_KEPT = 16
_WIDTH = 0.25  # share of the swings' threshold within which a pivot touches a level
_FADING = 0.95  # decay of a touch's weight at each further pivot: half after 13.5

_STATE = np.dtype(
    [("side", "<i8"), ("prices", "<f8", (_KEPT,)), ("weights", "<f8", (_KEPT,))],  # weight 0: no level
    align=True,
)


@kernel
def _touch(s: Row, price: float, width: float) -> None:
    """Decay all levels and add a pivot: a touch of the nearest level, or a new level in place of the weakest."""
    prices, weights = s["prices"], s["weights"]
    nearest = -1
    weakest = 0
    for j in range(_KEPT):
        weights[j] *= _FADING
        if weights[j] < weights[weakest]:
            weakest = j
        distance = abs(prices[j] - price)
        if weights[j] > 0.0 and distance <= width:
            nearest = j
            width = distance
    if nearest >= 0:
        weights[nearest] += 1.0
        prices[nearest] += (price - prices[nearest]) / weights[nearest]
    else:
        weights[weakest] = 1.0
        prices[weakest] = price


@inlined
def _write(s: Row, close: float, out: Matrix, k: int) -> None:
    """Write the distances to the nearest levels on both sides of the close, and their strengths."""
    prices, weights = s["prices"], s["weights"]
    below = above = 0.0
    below_weight = above_weight = 0.0
    for j in range(_KEPT):
        weight, price = weights[j], prices[j]
        if weight > 0.0:
            if price <= close and (below_weight == 0.0 or price > below):
                below = price
                below_weight = weight
            elif price > close and (above_weight == 0.0 or price < above):
                above = price
                above_weight = weight
    out[0, k] = min((close - below) / close, 1.0) if below_weight > 0.0 and close > 0.0 else 1.0
    out[1, k] = below_weight / (1.0 + below_weight)
    out[2, k] = min((above - close) / close, 1.0) if above_weight > 0.0 and close > 0.0 else 1.0
    out[3, k] = above_weight / (1.0 + above_weight)


@kernel
def advance_levels(
    state: Table,
    params: Table,  # noqa: ARG001
    columns: Matrix,
    pivots: Series,
    sides: Series,
    reaches: Series,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write distance and strength of the nearest levels below and above the close."""
    s = state[0]
    for k in range(i, n):
        if pivots[k] != pivots[k]:
            for j in range(4):
                out[j, k] = np.nan
            continue
        if sides[k] != s["side"]:
            s["side"] = int(sides[k])
            _touch(s, pivots[k], _WIDTH * reaches[k])
        _write(s, columns[Column.CLOSE, k], out, k)


def _parts(threshold: float) -> tuple[str, ...]:
    stem = f"swings_{THRESHOLD.format(threshold)}"
    return (f"{stem}.price", f"{stem}.side", f"{stem}.reach")


LEVELS = Feature(
    name="levels",
    family="patterns",
    doc="Distance of the close from the nearest level at or below it (`support`) and above it (`resistance`), as a "
    "fraction of the close, in [0, 1] (1 when there is none), and their strengths w / (1 + w) in [0, 1). A level is "
    "where pivots lie within a quarter of the swings' threshold of one another, tops and bottoms alike; w is the sum "
    "of their weights 0.95^(pivots since), and its price their weighted mean. The 16 of the largest w are kept.",
    units="fraction of price; `..._strength` share",
    source="Edwards and Magee (1948), Technical Analysis of Stock Trends, ch. 13; Osler (2000), Support for Resistance",
    inputs=INPUTS,
    outputs=("support", "support_strength", "resistance", "resistance_strength"),
    parameters=(THRESHOLD,),
    advance=advance_levels,
    state_dtype=always(_STATE),
    warmup=always(ATR_LENGTH),
    parts=_parts,
)
