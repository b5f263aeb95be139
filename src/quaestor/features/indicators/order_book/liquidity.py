"""Liquidity near the mid price: sizes within a distance, and cost of a market order."""

import numpy as np

from quaestor.domain.market_matrix import BOOK_DISTANCES_BPS, BOOK_LEVELS, distance_row
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
from quaestor.numeric.elementary import any_missing

_STATELESS = np.dtype([("unused", "<i8")])
_FIRST = distance_row(0, 0)
_DISTANCE = Integer("bps", 10, 1, BOOK_DISTANCES_BPS[-1], f"basis points, one of {BOOK_DISTANCES_BPS}")


def _unknown_distance(bps: int) -> str:
    known = ", ".join(map(str, BOOK_DISTANCES_BPS))
    return "" if bps in BOOK_DISTANCES_BPS else f"sizes are summed within {known} basis points, not {bps}"


def _distance_inputs(bps: int) -> tuple[int, ...]:
    return tuple(distance_row(side, BOOK_DISTANCES_BPS.index(bps)) for side in (0, 1))


@kernel
def _row_of(bps: int) -> int:
    """Return the row of the bids' size within a distance; the asks' is the next."""
    row = _FIRST
    for distance in range(len(BOOK_DISTANCES_BPS)):
        if BOOK_DISTANCES_BPS[distance] == bps:
            row = _FIRST + 2 * distance
    return row


@kernel
def advance_depth_within(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the sizes of both sides."""
    row = _row_of(params[0]["bps"])
    for k in range(i, n):
        bid, ask = columns[row, k], columns[row + 1, k]
        missing = any_missing(bid, ask, 0.0)
        out[0, k] = np.nan if missing else bid
        out[1, k] = np.nan if missing else ask


@kernel
def advance_distance_imbalance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the size of the bids less that of the asks, as a share of both."""
    row = _row_of(params[0]["bps"])
    for k in range(i, n):
        bid, ask = columns[row, k], columns[row + 1, k]
        out[0, k] = np.nan if any_missing(bid, ask, 0.0) else imbalance(bid, ask)


@kernel
def _average_price(columns: Matrix, price: int, size: int, quantity: float, k: int) -> float:
    """Return the mean price of taking `quantity` from one side; NaN when its levels do not fill it."""
    left = quantity
    value = 0.0
    for row in range(0, LEVEL_ROWS * BOOK_LEVELS, LEVEL_ROWS):
        part = min(left, columns[size + row, k])
        value += part * columns[price + row, k]
        left -= part
        if left <= 0.0:
            return value / quantity
    return np.nan


@kernel
def advance_sweep_cost(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the distance of the mean price of a market order from the mid price, for both sides."""
    size = params[0]["size"]
    for k in range(i, n):
        out[0, k] = out[1, k] = np.nan
        if not is_book_missing(columns, BOOK_LEVELS, k):
            mid = mid_price(columns, k)
            out[0, k] = 1e4 * (_average_price(columns, ASK_PRICE, ASK_SIZE, size, k) / mid - 1.0)
            out[1, k] = 1e4 * (1.0 - _average_price(columns, BID_PRICE, BID_SIZE, size, k) / mid)


DEPTH_WITHIN = Feature(
    name="depth_within",
    family="order_book",
    doc="Sum of the sizes of the bids (`bid`) and of the asks (`ask`) within `bps` basis points of the mid price; ≥ 0. "
    "A lower bound where the venue's snapshot ends nearer.",
    units="base units",
    source="Degryse, de Jong and van Kervel (2015), The Impact of Dark Trading and Visible Fragmentation",
    inputs=_distance_inputs(10),
    inputs_at=_distance_inputs,
    outputs=("bid", "ask"),
    parameters=(_DISTANCE,),
    advance=advance_depth_within,
    state_dtype=always(_STATELESS),
    warmup=always(0),
    conflict=_unknown_distance,
)

DISTANCE_IMBALANCE = Feature(
    name="distance_imbalance",
    family="order_book",
    doc="(bid − ask) / (bid + ask) of `depth_within`; in [−1, 1]; 0 when both are 0.",
    units="fraction",
    source="Cao, Hansch and Wang (2009), The Information Content of an Open Limit-Order Book, within a distance",
    inputs=_distance_inputs(10),
    inputs_at=_distance_inputs,
    outputs=("distance_imbalance",),
    parameters=(_DISTANCE,),
    advance=advance_distance_imbalance,
    state_dtype=always(_STATELESS),
    warmup=always(0),
    conflict=_unknown_distance,
)

SWEEP_COST = Feature(
    name="sweep_cost",
    family="order_book",
    doc="Cost of an immediate market order of `size` relative to the mid price: 10,000 · (mean ask price taken / mid − "
    f"1) (`buy`) and 10,000 · (1 − mean bid price taken / mid) (`sell`); ≥ 0. NaN when the {BOOK_LEVELS} known levels "
    "do not fill it.",
    units="basis points",
    source="Gomber, Schweickert and Theissen (2015), Liquidity Dynamics in an Electronic Open Limit Order Book (XLM)",
    inputs=book_inputs(BOOK_LEVELS),
    outputs=("buy", "sell"),
    parameters=(Real("size", 1.0, 1e-9, 1e12, "base units"),),
    advance=advance_sweep_cost,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)
