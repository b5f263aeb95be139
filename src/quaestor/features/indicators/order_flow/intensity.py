"""Trade intensity: frequency, excitation and size of trades, and autocorrelation of their sides."""

import numpy as np

from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import Integer
from quaestor.features.feature import Feature
from quaestor.features.indicators.order_flow.flow import signed_volume
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Row, Table
from quaestor.numeric.averages import AVERAGE, push_wilder
from quaestor.numeric.elementary import any_missing, is_missing
from quaestor.numeric.rolling import push_delay, push_sum, window_dtype

_LENGTH = Integer("length", 20, 1, 10_000, "rows")


def _intensity_state(length: int) -> np.dtype[np.void]:
    return np.dtype([("count", "<i8"), ("trades", window_dtype(length), (1,))], align=True)


@kernel
def advance_trade_intensity(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the mean number of trades per row, and this row's number relative to it."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        trades = columns[Column.TRADES, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(trades):
            continue
        rate = push_sum(s["trades"], length, trades) / length
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = rate
            out[1, k] = trades / rate if rate > 0.0 else 0.0


def _hawkes_state(fast: int, slow: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("fast", AVERAGE, (1,)), ("slow", AVERAGE, (1,))], align=True)


@kernel
def advance_hawkes_intensity(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the exponentially decayed rate of trades, and its ratio to a slower one."""
    s = state[0]
    fast, slow = params[0]["fast"], params[0]["slow"]
    for k in range(i, n):
        trades = columns[Column.TRADES, k]
        out[0, k] = out[1, k] = np.nan
        if is_missing(trades):
            continue
        excited = push_wilder(s["fast"], fast, trades)
        usual = push_wilder(s["slow"], slow, trades)
        if usual == usual:
            out[0, k] = excited
            out[1, k] = excited / usual if usual > 0.0 else 0.0


def _size_state(length: int) -> np.dtype[np.void]:
    window = window_dtype(length)
    return np.dtype([("count", "<i8"), ("volumes", window, (1,)), ("trades", window, (1,))], align=True)


@kernel
def advance_trade_size(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Write the volume per trade of a window."""
    s = state[0]
    length = params[0]["length"]
    for k in range(i, n):
        volume, trades = columns[Column.VOLUME, k], columns[Column.TRADES, k]
        out[0, k] = np.nan
        if any_missing(volume, trades, 0.0):
            continue
        whole = push_sum(s["volumes"], length, volume)
        count = push_sum(s["trades"], length, trades)
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = whole / count if count > 0.0 else 0.0


def _sign_state(length: int, lag: int) -> np.dtype[np.void]:  # noqa: ARG001
    return np.dtype([("count", "<i8"), ("signs", window_dtype(length), (1,))], align=True)


@kernel
def _autocorrelation(s: Row, length: int, lag: int) -> float:
    """Return the sample autocorrelation of the ring's values; 0 when all are equal."""
    ring, oldest = s["signs"][0]["ring"], s["signs"][0]["position"]
    mean = 0.0
    for j in range(length):
        mean += ring[j]
    mean /= length
    squares = products = 0.0
    for j in range(length):
        a = oldest + j if oldest + j < length else oldest + j - length
        distance = ring[a] - mean
        squares += distance * distance
        if j + lag < length:
            b = a + lag if a + lag < length else a + lag - length
            products += distance * (ring[b] - mean)
    return products / squares if squares > 0.0 else 0.0


@kernel
def advance_trade_sign_autocorrelation(
    state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """Write the autocorrelation of the taker's side."""
    s = state[0]
    length, lag = params[0]["length"], params[0]["lag"]
    for k in range(i, n):
        signed = signed_volume(columns, k)
        out[0, k] = np.nan
        if signed != signed:
            continue
        push_delay(s["signs"], length, (1.0 if signed > 0.0 else 0.0) - (1.0 if signed < 0.0 else 0.0))
        s["count"] = min(s["count"] + 1, length)
        if s["count"] == length:
            out[0, k] = _autocorrelation(s, length, lag)


TRADE_INTENSITY = Feature(
    name="trade_intensity",
    family="order_flow",
    doc="Mean number of trades per row over `length` rows, and this row's number divided by it (`ratio`, in "
    "[0, length]; 0 without trades); ≥ 0.",
    units="trades a row; ratio",
    source="Jones, Kaul and Lipson (1994), Transactions, Volume, and Volatility",
    inputs=(Column.TRADES,),
    outputs=("trade_intensity", "ratio"),
    parameters=(_LENGTH,),
    advance=advance_trade_intensity,
    state_dtype=_intensity_state,
    warmup=lambda length: length - 1,
)

HAWKES_INTENSITY = Feature(
    name="hawkes_intensity",
    family="order_flow",
    doc="Rate of trades that decays by 1 − 1/`fast` per row, as that of a Hawkes process with an exponential kernel "
    "and no base rate, seeded with the mean of the first rows; and that divided by the rate with `slow` (`excitation`: "
    "above 1 in a burst of trades; 0 without trades); ≥ 0.",
    units="trades a row; ratio",
    source="Hawkes (1971), Spectra of Some Self-Exciting Point Processes; Bacry, Mastromatteo and Muzy (2015), Hawkes "
    "Processes in Finance",
    inputs=(Column.TRADES,),
    outputs=("hawkes_intensity", "excitation"),
    parameters=(Integer("fast", 5, 1, 10_000, "rows"), Integer("slow", 50, 2, 10_000, "rows")),
    advance=advance_hawkes_intensity,
    state_dtype=_hawkes_state,
    warmup=lambda fast, slow: slow - 1,  # noqa: ARG005
    conflict=lambda fast, slow: "" if fast < slow else f"fast {fast} is not below slow {slow}",
)

TRADE_SIZE = Feature(
    name="trade_size",
    family="order_flow",
    doc="Average trade size: volume / number of trades over `length` rows; ≥ 0; 0 without trades.",
    units="base units",
    source="Jones, Kaul and Lipson (1994), Transactions, Volume, and Volatility",
    inputs=(Column.VOLUME, Column.TRADES),
    outputs=("trade_size",),
    parameters=(_LENGTH,),
    advance=advance_trade_size,
    state_dtype=_size_state,
    warmup=lambda length: length - 1,
)

TRADE_SIGN_AUTOCORRELATION = Feature(
    name="trade_sign_autocorrelation",
    family="order_flow",
    doc="Sample autocorrelation at `lag` of the sign of (volume bought − volume sold) over `length` rows; in [−1, 1]; "
    "0 when the sign did not change. On rows of one trade, that of the trades' signs.",
    units="correlation",
    source="Lillo and Farmer (2004), The Long Memory of the Efficient Market",
    inputs=(Column.VOLUME, Column.BUY_VOLUME),
    outputs=("trade_sign_autocorrelation",),
    parameters=(Integer("length", 50, 3, 10_000, "rows"), Integer("lag", 1, 1, 1_000, "rows")),
    advance=advance_trade_sign_autocorrelation,
    state_dtype=_sign_state,
    warmup=lambda length, lag: length - 1,  # noqa: ARG005
    conflict=lambda length, lag: "" if lag < length else f"lag {lag} is not below length {length}",
)
