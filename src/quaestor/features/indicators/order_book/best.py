"""Best level of the book: spread, mid price, microprice and sizes."""

import numpy as np

from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.features.indicators.order_book.levels import (
    ASK_PRICE,
    ASK_SIZE,
    BID_PRICE,
    BID_SIZE,
    book_inputs,
    imbalance,
    is_book_missing,
    mid_price,
)
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.rolling import moments_dtype, push_moments

_STATELESS = np.dtype([("unused", "<i8")])
_BEST = book_inputs(1)


@kernel
def advance_spread(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write best ask less best bid."""
    for k in range(i, n):
        missing = is_book_missing(columns, 1, k)
        out[0, k] = np.nan if missing else columns[ASK_PRICE, k] - columns[BID_PRICE, k]


@kernel
def advance_spread_bps(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the spread in basis points of the mid price."""
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, 1, k):
            out[0, k] = 1e4 * (columns[ASK_PRICE, k] - columns[BID_PRICE, k]) / mid_price(columns, k)


@kernel
def advance_mid(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the mean of the best prices."""
    for k in range(i, n):
        out[0, k] = np.nan if is_book_missing(columns, 1, k) else mid_price(columns, k)


@kernel
def _lean(columns: Matrix, k: int) -> float:
    """Return the distance of the microprice from the mid price."""
    half = 0.5 * (columns[ASK_PRICE, k] - columns[BID_PRICE, k])
    return half * imbalance(columns[BID_SIZE, k], columns[ASK_SIZE, k])


@kernel
def advance_microprice(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the mean of the best prices, each weighted with the size on the other side."""
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, 1, k):
            out[0, k] = mid_price(columns, k) + _lean(columns, k)


@kernel
def advance_microprice_deviation(
    state: Table,  # noqa: ARG001
    params: Table,  # noqa: ARG001
    columns: Matrix,
    out: Matrix,
    i: int,
    n: int,
) -> None:
    """Write the distance of the microprice from the mid price in basis points of the latter."""
    for k in range(i, n):
        out[0, k] = np.nan
        if not is_book_missing(columns, 1, k):
            out[0, k] = 1e4 * _lean(columns, k) / mid_price(columns, k)


@kernel
def advance_bid_size(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the size at the best bid."""
    for k in range(i, n):
        out[0, k] = np.nan if is_book_missing(columns, 1, k) else columns[BID_SIZE, k]


@kernel
def advance_ask_size(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the size at the best ask."""
    for k in range(i, n):
        out[0, k] = np.nan if is_book_missing(columns, 1, k) else columns[ASK_SIZE, k]


def _zscore_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("spreads", moments_dtype(length), (1,))], align=True)


@kernel
def advance_quoted_spread_zscore(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the distance of the relative spread from its mean in standard deviations."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        out[0, k] = np.nan
        if is_book_missing(columns, 1, k):
            continue
        spread = 1e4 * (columns[ASK_PRICE, k] - columns[BID_PRICE, k]) / mid_price(columns, k)
        mean, squares = push_moments(s["spreads"], length, spread)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            deviation = np.sqrt(squares / length)
            out[0, k] = (spread - mean) / deviation if deviation > 0.0 else 0.0


SPREAD = Feature(
    name="spread",
    family="order_book",
    doc="Quoted spread: best ask − best bid.",
    units="price",
    source="Demsetz (1968), The Cost of Transacting",
    inputs=_BEST,
    outputs=("spread",),
    parameters=(),
    advance=advance_spread,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

SPREAD_BPS = Feature(
    name="spread_bps",
    family="order_book",
    doc="Relative quoted spread: 10,000 · (best ask − best bid) / mid price.",
    units="basis points",
    source="Demsetz (1968), The Cost of Transacting",
    inputs=_BEST,
    outputs=("spread_bps",),
    parameters=(),
    advance=advance_spread_bps,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

MID = Feature(
    name="mid",
    family="order_book",
    doc="Mid price: (best bid + best ask) / 2.",
    units="price",
    source="Hasbrouck (2007), Empirical Market Microstructure",
    inputs=_BEST,
    outputs=("mid",),
    parameters=(),
    advance=advance_mid,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

MICROPRICE = Feature(
    name="microprice",
    family="order_book",
    doc="Weighted mid price: (ask · bid size + bid · ask size) / (bid size + ask size) of the best level; between the "
    "best prices; the mid price when both sizes are 0.",
    units="price",
    source="Gatheral and Oomen (2010), Zero-Intelligence Realized Variance Estimation; Stoikov (2018), The Micro-Price",
    inputs=_BEST,
    outputs=("microprice",),
    parameters=(),
    advance=advance_microprice,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

MICROPRICE_DEVIATION = Feature(
    name="microprice_deviation",
    family="order_book",
    doc="10,000 · (`microprice` − mid price) / mid price: half the relative spread times the imbalance of the best "
    "level; positive when the bid size is larger.",
    units="basis points",
    source="Stoikov (2018), The Micro-Price",
    inputs=_BEST,
    outputs=("microprice_deviation",),
    parameters=(),
    advance=advance_microprice_deviation,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

BID_SIZE_FEATURE = Feature(
    name="bid_size",
    family="order_book",
    doc="Size at the best bid; ≥ 0.",
    units="base units",
    source="Harris (1990), Liquidity, Trading Rules and Electronic Trading Systems",
    inputs=_BEST,
    outputs=("bid_size",),
    parameters=(),
    advance=advance_bid_size,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

ASK_SIZE_FEATURE = Feature(
    name="ask_size",
    family="order_book",
    doc="Size at the best ask; ≥ 0.",
    units="base units",
    source="Harris (1990), Liquidity, Trading Rules and Electronic Trading Systems",
    inputs=_BEST,
    outputs=("ask_size",),
    parameters=(),
    advance=advance_ask_size,
    state_dtype=always(_STATELESS),
    warmup=always(0),
)

QUOTED_SPREAD_ZSCORE = Feature(
    name="quoted_spread_zscore",
    family="order_book",
    doc="(`spread_bps` − its mean) / its population standard deviation over the last `length` rows, this one included; "
    "0 when it did not change.",
    units="standard deviations",
    source="Chordia, Roll and Subrahmanyam (2001), Market Liquidity and Trading Activity, standardised on a window",
    inputs=_BEST,
    outputs=("quoted_spread_zscore",),
    parameters=(Integer("length", 60, 2, 10_000, "rows"),),
    advance=advance_quoted_spread_zscore,
    state_dtype=_zscore_state,
    warmup=lambda length: length - 1,
)
