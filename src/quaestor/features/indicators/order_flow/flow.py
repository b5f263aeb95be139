"""Order flow: imbalance of the best level, and volume by the side of the taker."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer, always
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import any_missing
from quaestor.numeric.rolling import push_sum, window_dtype

_LENGTH = Integer("length", 20, 1, 10_000, "rows")


def _imbalance_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("flows", window, (1,)), ("depths", window, (1,))], align=True)


@kernel
def advance_order_flow_imbalance(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the sum of the rows' order flow, and its ratio to the mean depth."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        flow, bid, ask = columns[Column.ORDER_FLOW, k], columns[Column.BID_SIZE, k], columns[Column.ASK_SIZE, k]
        out[0, k] = out[1, k] = np.nan
        if any_missing(flow, bid, ask):
            continue
        total = push_sum(s["flows"], length, flow)
        depth = push_sum(s["depths"], length, 0.5 * (bid + ask)) / length
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = total
            out[1, k] = total / depth if depth > 0.0 else 0.0


@kernel
def signed_volume(columns: Matrix, k: int) -> float:
    """Return the volume bought less the volume sold by takers; NaN when either is missing."""
    volume, bought = columns[Column.VOLUME, k], columns[Column.BUY_VOLUME, k]
    return np.nan if any_missing(volume, bought, 0.0) else bought - (volume - bought)


_TOTAL = np.dtype([("total", "<f8")])


@kernel
def advance_cvd(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Write the signed volume summed from the first row."""
    s = state[0]
    for k in range(i, n):
        signed = signed_volume(columns, k)
        out[0, k] = np.nan
        if signed == signed:
            s["total"] += signed
            out[0, k] = s["total"]


def _delta_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("signed", window, (1,)), ("volumes", window, (1,))], align=True)


@kernel
def advance_volume_delta(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the signed volume of a window, and its share of the volume."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        signed = signed_volume(columns, k)
        out[0, k] = out[1, k] = np.nan
        if signed != signed:
            continue
        total = push_sum(s["signed"], length, signed)
        volume = push_sum(s["volumes"], length, columns[Column.VOLUME, k])
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = total
            out[1, k] = min(max(total / volume, -1.0), 1.0) if volume > 0.0 else 0.0


def _ratio_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("bought", window, (1,)), ("volumes", window, (1,))], align=True)


@kernel
def advance_buy_ratio(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the buyers' share of the volume of a window."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        volume, bought = columns[Column.VOLUME, k], columns[Column.BUY_VOLUME, k]
        out[0, k] = np.nan
        if any_missing(volume, bought, 0.0):
            continue
        part = push_sum(s["bought"], length, bought)
        whole = push_sum(s["volumes"], length, volume)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = min(part / whole, 1.0) if whole > 0.0 else 0.5


ORDER_FLOW_IMBALANCE = Feature(
    name="order_flow_imbalance",
    family="order_flow",
    doc="Sum over `length` rows of the order flow of the best level (added bids and removed asks are positive), and "
    "that divided by the mean over the rows of (bid size + ask size) / 2 (`normalised`; 0 when both sizes are 0).",
    units="base units; ratio",
    source="Cont, Kukanov and Stoikov (2014), The Price Impact of Order Book Events",
    inputs=(Column.ORDER_FLOW, Column.BID_SIZE, Column.ASK_SIZE),
    outputs=("order_flow_imbalance", "normalised"),
    parameters=(_LENGTH,),
    advance=advance_order_flow_imbalance,
    state_dtype=_imbalance_state,
    warmup=lambda length: length - 1,
)

CVD = Feature(
    name="cvd",
    family="order_flow",
    doc="Cumulative volume delta: volume bought less volume sold by takers, summed from the first row; "
    "unbounded, and its level depends on where the data begin.",
    units="base units",
    source="Lee and Ready (1991), Inferring Trade Direction from Intraday Data; here the venue says it",
    inputs=(Column.VOLUME, Column.BUY_VOLUME),
    outputs=("cvd",),
    parameters=(),
    advance=advance_cvd,
    state_dtype=always(_TOTAL),
    warmup=always(0),
)

VOLUME_DELTA = Feature(
    name="volume_delta",
    family="order_flow",
    doc="Volume bought less volume sold by takers over `length` rows, and its share of their volume (`ratio`, in "
    "[−1, 1]; 0 when nothing was traded).",
    units="base units; fraction",
    source="Chordia, Roll and Subrahmanyam (2002), Order Imbalance, Liquidity, and Market Returns",
    inputs=(Column.VOLUME, Column.BUY_VOLUME),
    outputs=("volume_delta", "ratio"),
    parameters=(_LENGTH,),
    advance=advance_volume_delta,
    state_dtype=_delta_state,
    warmup=lambda length: length - 1,
)

BUY_RATIO = Feature(
    name="buy_ratio",
    family="order_flow",
    doc="Share of the volume of `length` rows bought by takers; in [0, 1]; ½ when nothing was traded.",
    units="fraction",
    source="Chordia, Roll and Subrahmanyam (2002), Order Imbalance, Liquidity, and Market Returns",
    inputs=(Column.VOLUME, Column.BUY_VOLUME),
    outputs=("buy_ratio",),
    parameters=(_LENGTH,),
    advance=advance_buy_ratio,
    state_dtype=_ratio_state,
    warmup=lambda length: length - 1,
)
