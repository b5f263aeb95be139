"""Price impact: slopes of price changes on signed flow, and effective and realised spreads."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.microstructure.liquidity import slope_on_flows
from quaestor.features.indicators.order_flow.flow import signed_volume
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype


def _impact_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype(
        [("count", "<i8"), ("price", "<f8"), ("changes", window, (1,)), ("flows", window, (1,))], align=True
    )


@kernel
def _impact_of(s: Row, length: int, price: float, flow: float) -> float:
    """Add a row and return the slope of the price changes on the flow, NaN before there are `length` of them."""
    slope = np.nan
    if s["count"] > 0:
        push_delay(s["changes"], length, price - s["price"])
        push_delay(s["flows"], length, flow)
        if s["count"] == length:
            slope = slope_on_flows(s, length)
    s["price"] = price
    s["count"] = min(s["count"] + 1, length)
    return slope


@kernel
def advance_kyle_lambda_flow(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the close per unit of signed volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        close, signed = columns[Column.CLOSE, k], signed_volume(columns, k)
        out[0, k] = np.nan if any_missing(close, signed, 0.0) else _impact_of(s, length, close, signed)


@kernel
def advance_order_flow_impact(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the change of the mid price per unit of order flow."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        bid, ask, flow = columns[Column.BID_PRICE, k], columns[Column.ASK_PRICE, k], columns[Column.ORDER_FLOW, k]
        out[0, k] = np.nan if any_missing(bid, ask, flow) else _impact_of(s, length, 0.5 * (bid + ask), flow)


def _effective_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("mid", "<f8"), ("costs", window, (1,)), ("traded", window, (1,))], align=True)


@kernel
def advance_effective_spread(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean, over rows with trades, of twice the distance of the close from the previous mid price."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        bid, ask = columns[Column.BID_PRICE, k], columns[Column.ASK_PRICE, k]
        close, trades = columns[Column.CLOSE, k], columns[Column.TRADES, k]
        out[0, k] = np.nan
        if any_missing(bid, ask, close) or is_missing(trades):
            continue
        if s["count"] > 0:
            counts = trades > 0.0 and s["mid"] > 0.0
            cost = 2e4 * abs(close / s["mid"] - 1.0) if counts else 0.0
            total = push_sum(s["costs"], length, cost)
            rows = push_sum(s["traded"], length, 1.0 if counts else 0.0)
            if s["count"] == length:
                out[0, k] = total / rows if rows > 0.0 else 0.0
        s["mid"] = 0.5 * (bid + ask)
        s["count"] = min(s["count"] + 1, length)


def _realised_state(length: int, horizon: int) -> np.dtype[np.void]:
    past = window_dtype(horizon)
    window = window_dtype(length)
    return np.dtype(
        [
            ("count", "<i8"),
            ("closes", past, (1,)),
            ("sides", past, (1,)),
            ("costs", window, (1,)),
            ("rows", window, (1,)),
        ],
        align=True,
    )


@kernel
def advance_realised_spread(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean, over rows with a direction, of twice the taker's cost against the mid price `horizon` rows
    later."""
    s = state[0]
    length, horizon = params[0]["length"], params[0]["horizon"]
    for k in range(i, n):
        bid, ask = columns[Column.BID_PRICE, k], columns[Column.ASK_PRICE, k]
        close, signed = columns[Column.CLOSE, k], signed_volume(columns, k)
        out[0, k] = np.nan
        if any_missing(bid, ask, close) or signed != signed:
            continue
        paid = push_delay(s["closes"], horizon, close)
        side = push_delay(s["sides"], horizon, (1.0 if signed > 0.0 else 0.0) - (1.0 if signed < 0.0 else 0.0))
        if s["count"] >= horizon:
            mid = 0.5 * (bid + ask)
            counts = side != 0.0 and mid > 0.0
            total = push_sum(s["costs"], length, 2e4 * side * (paid / mid - 1.0) if counts else 0.0)
            rows = push_sum(s["rows"], length, 1.0 if counts else 0.0)
            if s["count"] == horizon + length - 1:
                out[0, k] = total / rows if rows > 0.0 else 0.0
        s["count"] = min(s["count"] + 1, horizon + length - 1)


KYLE_LAMBDA_FLOW = Feature(
    name="kyle_lambda_flow",
    family="order_flow",
    doc="Kyle's lambda from the side of each trade: least-squares slope, over `length` rows, of the change of the "
    "close on (volume bought − volume sold); 0 when that did not vary.",
    units="price for one base unit",
    source="Kyle (1985), Continuous Auctions and Insider Trading; Hasbrouck (2009), Trading Costs and Returns",
    inputs=(Column.CLOSE, Column.VOLUME, Column.BUY_VOLUME),
    outputs=("kyle_lambda_flow",),
    parameters=(Integer("length", 50, 2, 10_000, "rows"),),
    advance=advance_kyle_lambda_flow,
    state_dtype=_impact_state,
    warmup=lambda length: length,
)

ORDER_FLOW_IMPACT = Feature(
    name="order_flow_impact",
    family="order_flow",
    doc="Least-squares slope, over `length` rows, of the change of the mid price on the row's order flow imbalance of "
    "the best level; 0 when that did not vary.",
    units="price for one base unit",
    source="Cont, Kukanov and Stoikov (2014), The Price Impact of Order Book Events",
    inputs=(Column.BID_PRICE, Column.ASK_PRICE, Column.ORDER_FLOW),
    outputs=("order_flow_impact",),
    parameters=(Integer("length", 50, 2, 10_000, "rows"),),
    advance=advance_order_flow_impact,
    state_dtype=_impact_state,
    warmup=lambda length: length,
)

EFFECTIVE_SPREAD = Feature(
    name="effective_spread",
    family="order_flow",
    doc="Effective spread: 20,000 · |last price of the row / mid price at the previous row − 1|, mean over those of "
    "`length` rows with trades; ≥ 0; 0 without any. On rows of one trade, the effective spread of the trades.",
    units="basis points",
    source="Huang and Stoll (1996), Dealer versus Auction Markets",
    inputs=(Column.CLOSE, Column.TRADES, Column.BID_PRICE, Column.ASK_PRICE),
    outputs=("effective_spread",),
    parameters=(Integer("length", 50, 1, 10_000, "rows"),),
    advance=advance_effective_spread,
    state_dtype=_effective_state,
    warmup=lambda length: length,
)

REALISED_SPREAD = Feature(
    name="realised_spread",
    family="order_flow",
    doc="Realised spread: 20,000 · side · (last price of the row `horizon` rows ago / mid price now − 1), side the "
    "sign of that row's (volume bought − volume sold), mean over those of `length` rows that have one; 0 when none "
    "has. The part of the spread that remains after the price impact; known `horizon` rows late.",
    units="basis points",
    source="Huang and Stoll (1996), Dealer versus Auction Markets",
    inputs=(Column.CLOSE, Column.VOLUME, Column.BUY_VOLUME, Column.BID_PRICE, Column.ASK_PRICE),
    outputs=("realised_spread",),
    parameters=(Integer("length", 50, 1, 10_000, "rows"), Integer("horizon", 5, 1, 10_000, "rows")),
    advance=advance_realised_spread,
    state_dtype=_realised_state,
    warmup=lambda length, horizon: horizon + length - 1,
)
