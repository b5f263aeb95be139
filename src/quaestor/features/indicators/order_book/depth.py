"""Depth of the book: sizes of the first levels and their imbalance."""

import numpy as np

from quaestor.domain.market_matrix import BOOK_LEVELS
from quaestor.domain.parameter import Integer, Real, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.order_book.levels import (
    ASK_PRICE,
    ASK_SIZE,
    BID_PRICE,
    BID_SIZE,
    LEVEL_ROWS,
    book_inputs,
    imbalance,
    is_book_missing,
    mid_price,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table

_STATELESS = np.dtype([("unused", "<i8")])
_LEVELS = Integer("levels", 5, 1, BOOK_LEVELS, "levels of a side")
_DEFAULT = book_inputs(5)


@kernel
def _size_of(columns: Matrix, first: int, levels: int, decay: float, k: int) -> float:
    """Return the sum of the sizes of one side, level j weighted with decay^j."""
    total = 0.0
    weight = 1.0
    for level in range(levels):
        total += weight * columns[first + LEVEL_ROWS * level, k]
        weight *= decay
    return total


@kernel
def advance_depth(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the sizes of both sides."""
    levels = params[0]["levels"]
    for k in range(i, n):
        out[0, k] = out[1, k] = np.nan
        if not is_book_missing(columns, levels, k):
            out[0, k] = _size_of(columns, BID_SIZE, levels, 1.0, k)
            out[1, k] = _size_of(columns, ASK_SIZE, levels, 1.0, k)


@kernel
def advance_depth_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the bids' share of both sides."""
    levels = params[0]["levels"]
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, levels, k):
            bid = _size_of(columns, BID_SIZE, levels, 1.0, k)
            ask = _size_of(columns, ASK_SIZE, levels, 1.0, k)
            out[0, k] = bid / (bid + ask) if bid + ask > 0.0 else 0.5


@kernel
def advance_book_imbalance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the size of the bids less that of the asks, as a share of both."""
    levels = params[0]["levels"]
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, levels, k):
            bid = _size_of(columns, BID_SIZE, levels, 1.0, k)
            out[0, k] = imbalance(bid, _size_of(columns, ASK_SIZE, levels, 1.0, k))


@kernel
def advance_weighted_imbalance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the imbalance with nearer levels weighing more."""
    levels = params[0]["levels"]
    decay = params[0]["decay"]
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, levels, k):
            bid = _size_of(columns, BID_SIZE, levels, decay, k)
            out[0, k] = imbalance(bid, _size_of(columns, ASK_SIZE, levels, decay, k))


@kernel
def advance_book_pressure(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the imbalance with each level weighted by the inverse of its distance from the mid price."""
    levels = params[0]["levels"]
    for k in range(i, n):
        out[0, k] = np.nan
        if is_book_missing(columns, levels, k):
            continue
        mid = mid_price(columns, k)
        half = 0.5 * (columns[ASK_PRICE, k] - columns[BID_PRICE, k])
        bid = ask = 0.0
        for row in range(0, LEVEL_ROWS * levels, LEVEL_ROWS):
            # distances in half spreads: 1 at the best level
            bid += columns[BID_SIZE + row, k] * (half / (mid - columns[BID_PRICE + row, k]))
            ask += columns[ASK_SIZE + row, k] * (half / (columns[ASK_PRICE + row, k] - mid))
        out[0, k] = imbalance(bid, ask)


@kernel
def _slope_of(columns: Matrix, price: int, size: int, levels: int, mid: float, k: int) -> float:
    """Return the least-squares slope, through the origin, of cumulative size on distance from mid in basis points."""
    total = xx = xy = 0.0
    for row in range(0, LEVEL_ROWS * levels, LEVEL_ROWS):
        total += columns[size + row, k]
        distance = 1e4 * abs(columns[price + row, k] / mid - 1.0)
        xx += distance * distance
        xy += distance * total
    return xy / xx if xx > 0.0 else 0.0


@kernel
def advance_book_slope(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the slope of cumulative size on distance from the mid price, for both sides."""
    levels = params[0]["levels"]
    for k in range(i, n):
        out[0, k] = out[1, k] = np.nan
        if not is_book_missing(columns, levels, k):
            mid = mid_price(columns, k)
            out[0, k] = _slope_of(columns, BID_PRICE, BID_SIZE, levels, mid, k)
            out[1, k] = _slope_of(columns, ASK_PRICE, ASK_SIZE, levels, mid, k)


DEPTH = Feature(
    name="depth",
    family="order_book",
    doc="Sum of the sizes of the first `levels` levels of the bids (`bid`) and of the asks (`ask`); ≥ 0. NaN when the "
    "book holds fewer levels.",
    units="base units",
    source="Harris (1990), Liquidity, Trading Rules and Electronic Trading Systems",
    inputs=_DEFAULT,
    inputs_at=book_inputs,
    outputs=("bid", "ask"),
    parameters=(_LEVELS,),
    advance=advance_depth,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

DEPTH_RATIO = Feature(
    name="depth_ratio",
    family="order_book",
    doc="bid / (bid + ask) of `depth`; in [0, 1]; ½ when both are 0.",
    units="fraction",
    source="Cao, Hansch and Wang (2009), The Information Content of an Open Limit-Order Book",
    inputs=_DEFAULT,
    inputs_at=book_inputs,
    outputs=("depth_ratio",),
    parameters=(_LEVELS,),
    advance=advance_depth_ratio,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

BOOK_IMBALANCE = Feature(
    name="book_imbalance",
    family="order_book",
    doc="(bid − ask) / (bid + ask) of `depth`; in [−1, 1]; 0 when both are 0.",
    units="fraction",
    source="Cao, Hansch and Wang (2009), The Information Content of an Open Limit-Order Book; Gould and Bonart (2016), "
    "Queue Imbalance as a One-Tick-Ahead Price Predictor",
    inputs=_DEFAULT,
    inputs_at=book_inputs,
    outputs=("book_imbalance",),
    parameters=(_LEVELS,),
    advance=advance_book_imbalance,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

WEIGHTED_IMBALANCE = Feature(
    name="weighted_imbalance",
    family="order_book",
    doc="`book_imbalance` with the sizes of level j (0 the best) weighted by decay^j; in [−1, 1]; 0 when both are 0.",
    units="fraction",
    source="Lipton, Pesavento and Sotiropoulos (2013), Trade Arrival Dynamics and Quote Imbalance, over several levels",
    inputs=book_inputs(10),
    inputs_at=book_inputs,
    outputs=("weighted_imbalance",),
    parameters=(
        Integer("levels", 10, 1, BOOK_LEVELS, "levels of a side"),
        Real("decay", 0.8, 0.0, 1.0, "weight of a level relative to the previous one"),
    ),
    advance=advance_weighted_imbalance,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

BOOK_PRESSURE = Feature(
    name="book_pressure",
    family="order_book",
    doc="(B − A) / (B + A), B and A the sums over `levels` levels of size / distance of the price from the mid price; "
    "in [−1, 1]; 0 when both are 0.",
    units="fraction",
    source="Cao, Hansch and Wang (2009), The Information Content of an Open Limit-Order Book, weights 1 / distance",
    inputs=_DEFAULT,
    inputs_at=book_inputs,
    outputs=("book_pressure",),
    parameters=(_LEVELS,),
    advance=advance_book_pressure,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

BOOK_SLOPE = Feature(
    name="book_slope",
    family="order_book",
    doc="Least-squares slope, through the origin, of the size cumulated over `levels` levels on their distance from "
    "the mid price, for bids (`bid`) and asks (`ask`); ≥ 0, larger for a more liquid book.",
    units="base units a basis point",
    source="Næs and Skjeltorp (2006), Order Book Characteristics and the Volume–Volatility Relation, as a regression",
    inputs=book_inputs(10),
    inputs_at=book_inputs,
    outputs=("bid", "ask"),
    parameters=(Integer("levels", 10, 1, BOOK_LEVELS, "levels of a side"),),
    advance=advance_book_slope,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)
