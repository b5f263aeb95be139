"""Tape kernel: samples a tape of book changes, quotes and trades into rows of the market matrix.

A row ends at a boundary of the clock: after a number of nanoseconds, or with the trade that reaches a number of trades,
a volume or a notional (a trade is never split). Its label is its open time: for a time clock the start of its bucket,
otherwise its first trade (one nanosecond after the previous row where both coincide).

Contents of a row, by `domain.market_matrix.Column`:

- open, high, low, close, volume, trades and buy volume of its trades. Without a trade the four prices are the last
  traded price, before the first trade the mid price at the row's end; volumes are 0. A tape without trades gives mid
  prices, and NaN for volume, trades and buy volume.
- `ORDER_FLOW`, the sum over the changes of the best prices of e = q_b·[p_b ≥ p_b'] − q_b'·[p_b ≤ p_b'] −
  q_a·[p_a ≤ p_a'] + q_a'·[p_a ≥ p_a'], primes for the previous values (Cont, Kukanov and Stoikov, 2014): positive when
  bid size was added or ask size removed. NaN when the best prices were unknown at any time in the row.
- the levels of the book at the row's end and the sizes within the distances, NaN where they are unknown (see
  `market.order_book.feed`) or where the book holds fewer levels. Sizes within a distance are sums over the levels
  received: a venue's snapshot ends at some level, and beyond it they are lower bounds.
- NaN for series that a tape does not contain.
"""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import BOOK_DISTANCES_BPS, BOOK_LEVELS, Column, distance_row
from quaestor.domain.resample import BucketKind
from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Quality, Side
from quaestor.market.order_book.feed import Part, TapeKind, TopSource, feed_dtype, feed_take
from quaestor.market.order_book.order_book import BOOK_TICKS, NO_LEVEL
from quaestor.market.order_book.views import copy_levels, size_within

TAPE_PARAMS = np.dtype(
    [
        ("kind", "<i8"),  # BucketKind
        ("interval_ns", "<i8"),
        ("anchor_ns", "<i8"),
        ("threshold", "<f8"),
        ("tick_numerator", "<f8"),  # a price is ticks · numerator / denominator, rounded once
        ("tick_denominator", "<f8"),
        ("has_trades", "<i8"),
    ],
    align=True,
)

_TIME, _ROWS, _VOLUME_KIND = int(BucketKind.TIME), int(BucketKind.ROWS), int(BucketKind.VOLUME)
_TRADE, _LAST = int(TapeKind.TRADE), int(Part.LAST)
_NONE = int(TopSource.NONE)
_BUY, _SELL = int(Side.BUY), int(Side.SELL)
_ZERO_VOLUME, _INCOMPLETE = int(Quality.ZERO_VOLUME), int(Quality.INCOMPLETE)
_DISTANCES = len(BOOK_DISTANCES_BPS)
_FIRST_DISTANCE = distance_row(0, 0)
_CLOSE, _BID_PRICE, _ASK_PRICE = int(Column.CLOSE), int(Column.BID_PRICE), int(Column.ASK_PRICE)


def tape_dtype(capacity: int = BOOK_TICKS) -> np.dtype[np.void]:
    """Return the dtype of the state of `tape_advance`, fresh when its bytes are zero; `capacity` as in `book_dtype`."""
    return np.dtype(
        [
            ("started", "<i8"),  # 1 once the first event has come
            ("open_ts", "<i8"),  # of the row; other than time clocks: of its first trade
            ("last_ts", "<i8"),  # label of the previous row
            ("rows", "<i8"),  # rows written
            ("late_start", "<i8"),  # 1 in a first row that began before the tape did
            ("trades", "<i8"),  # trades in the row
            ("traded", "<i8"),  # 1 once any trade has arrived
            ("open", "<f8"),
            ("high", "<f8"),
            ("low", "<f8"),
            ("close", "<f8"),
            ("volume", "<f8"),
            ("buy_volume", "<f8"),
            ("filled", "<f8"),  # amount counted towards the threshold
            ("flow", "<f8"),
            ("flow_whole", "<i8"),  # 1 while the best prices have been known ever since the row began
            ("top_known", "<i8"),  # 1 if the best prices were known after the last event; their values:
            ("bid", "<i8"),
            ("ask", "<i8"),
            ("bid_size", "<f8"),
            ("ask_size", "<f8"),
            ("ticks", "<i8", (BOOK_LEVELS,)),  # scratch space
            ("sizes", "<f8", (BOOK_LEVELS,)),
            ("feed", feed_dtype(capacity), (1,)),
        ],
        align=True,
    )


@kernel
def tape_advance(
    state: Table,
    params: Table,
    events: Table,
    i: int,
    n: int,
    out_ts: NDArray[np.int64],
    out_columns: NDArray[np.float64],
    out_flags: NDArray[np.uint32],
    n_out: int,
) -> int:
    """Apply events i … n−1 of a tape and write every row that they end; any split into ranges gives the same bits.

    Args:
        state, params: one element of `tape_dtype`, TAPE_PARAMS.
        events: TAPE_EVENT in order of arrival.
        out_ts, out_columns, out_flags: int64[c], float64 (ALL_COLUMNS, c), uint32[c]. Flags are ZERO_VOLUME for a row
            without trades and INCOMPLETE for a first row that began before the tape.
        n_out: number of rows that the outputs hold already.

    Returns:
        Number of rows that the outputs hold now.

    Raises:
        ValueError: when the outputs are full.
    """
    s = state[0]
    p = params[0]
    for k in range(i, n):
        e = events[k]
        if p["kind"] == _TIME:
            n_out = tape_reach(state, params, e["ts"], out_ts, out_columns, out_flags, n_out)
        if e["kind"] != _TRADE:
            feed_take(s["feed"], events, k)
            if e["part"] & _LAST != 0:
                _add_flow(s, s["feed"][0])
        elif _add_trade(s, p, e):
            n_out = _end_row(s, p, out_ts, out_columns, out_flags, n_out)
    return n_out


@kernel
def tape_reach(
    state: Table,
    params: Table,
    ts: int,
    out_ts: NDArray[np.int64],
    out_columns: NDArray[np.float64],
    out_flags: NDArray[np.uint32],
    n_out: int,
) -> int:
    """Advance a time clock to `ts`: write the rows that have ended and return the number that the outputs hold."""
    s = state[0]
    p = params[0]
    if s["started"] == 0:
        s["started"] = 1
        s["open_ts"] = ts - (ts - p["anchor_ns"]) % p["interval_ns"]
        s["late_start"] = 1 if s["open_ts"] < ts else 0
    while ts >= s["open_ts"] + p["interval_ns"]:
        n_out = _end_row(s, p, out_ts, out_columns, out_flags, n_out)
        s["open_ts"] += p["interval_ns"]
    return n_out


@inlined
def _add_trade(s: Row, p: Row, e: Row) -> bool:
    """Add a trade to the row and return whether that fills the row."""
    price = e["ticks"] * p["tick_numerator"] / p["tick_denominator"]
    size = e["size"]
    if s["trades"] == 0:
        s["open"] = s["high"] = s["low"] = price
        if p["kind"] != _TIME:
            s["open_ts"] = max(e["ts"], s["last_ts"] + 1) if s["rows"] > 0 else e["ts"]
    s["high"] = max(s["high"], price)
    s["low"] = min(s["low"], price)
    s["close"] = price
    s["volume"] += size
    if e["side"] == _BUY:
        s["buy_volume"] += size
    s["trades"] += 1
    s["traded"] = 1
    if p["kind"] == _TIME:
        return False
    s["filled"] += 1.0 if p["kind"] == _ROWS else (size if p["kind"] == _VOLUME_KIND else price * size)
    return s["filled"] >= p["threshold"]


@kernel
def _add_flow(s: Row, f: Row) -> None:
    """Add the change of the best prices since the last message to the order flow."""
    known = f["top_source"] != _NONE
    if known and s["top_known"] == 1:
        if f["bid"] >= s["bid"]:
            s["flow"] += f["bid_size"]
        if f["bid"] <= s["bid"]:
            s["flow"] -= s["bid_size"]
        if f["ask"] <= s["ask"]:
            s["flow"] -= f["ask_size"]
        if f["ask"] >= s["ask"]:
            s["flow"] += s["ask_size"]
    s["top_known"] = 1 if known else 0
    if known:
        s["bid"], s["bid_size"] = f["bid"], f["bid_size"]
        s["ask"], s["ask_size"] = f["ask"], f["ask_size"]
    else:
        s["flow_whole"] = 0


@kernel
def _end_row(
    s: Row,
    p: Row,
    out_ts: NDArray[np.int64],
    out_columns: NDArray[np.float64],
    out_flags: NDArray[np.uint32],
    n_out: int,
) -> int:
    """Write the row, begin the next and return the number of rows that the outputs hold."""
    if n_out >= len(out_ts):
        raise ValueError("the arrays for rows are full")
    for row in range(out_columns.shape[0]):
        out_columns[row, n_out] = np.nan
    bits = 0 if s["trades"] > 0 else _ZERO_VOLUME
    if s["rows"] == 0 and s["late_start"] == 1:
        bits |= _INCOMPLETE
    out_ts[n_out] = s["open_ts"]
    out_flags[n_out] = bits
    _write_trades(s, p, out_columns, n_out)
    if s["feed"][0]["top_source"] != _NONE:
        _write_book(s, s["feed"][0], p, out_columns, n_out)
    s["last_ts"] = s["open_ts"]
    s["rows"] += 1
    s["trades"] = 0
    s["volume"] = s["buy_volume"] = s["filled"] = s["flow"] = 0.0
    s["flow_whole"] = s["top_known"]
    return n_out + 1


@inlined
def _write_trades(s: Row, p: Row, out: NDArray[np.float64], k: int) -> None:
    f = s["feed"][0]
    if s["trades"] > 0:
        out[Column.OPEN, k], out[Column.HIGH, k] = s["open"], s["high"]
        out[Column.LOW, k], out[Column.CLOSE, k] = s["low"], s["close"]
    else:
        price = np.nan
        if s["traded"] == 1:
            price = s["close"]
        elif f["top_source"] != _NONE:
            price = 0.5 * (f["bid"] + f["ask"]) * p["tick_numerator"] / p["tick_denominator"]
        for row in range(_CLOSE + 1):
            out[row, k] = price
    if p["has_trades"] == 1:
        out[Column.VOLUME, k] = s["volume"]
        out[Column.TRADES, k] = s["trades"]
        out[Column.BUY_VOLUME, k] = s["buy_volume"]
    if s["flow_whole"] == 1:
        out[Column.ORDER_FLOW, k] = s["flow"]


@inlined
def _write_book(s: Row, f: Row, p: Row, out: NDArray[np.float64], k: int) -> None:
    mid = 0.5 * (f["bid"] + f["ask"])
    _write_side(s, f, p, _BUY, f["bid"], f["bid_size"], mid, out, k)
    _write_side(s, f, p, _SELL, f["ask"], f["ask_size"], mid, out, k)


@kernel
def _write_side(
    s: Row, f: Row, p: Row, side: int, best: int, best_size: float, mid: float, out: NDArray[np.float64], k: int
) -> None:
    """Write levels and sizes within distances of one side: the best price, and the book's levels behind it."""
    price_row = _BID_PRICE if side == _BUY else _ASK_PRICE
    ticks, sizes = s["ticks"], s["sizes"]
    ticks[0] = best
    sizes[0] = best_size
    count = copy_levels(f["book"], side, best, ticks, sizes, 1) if f["known"] == 1 else 1
    for level in range(count):
        out[price_row + 4 * level, k] = ticks[level] * p["tick_numerator"] / p["tick_denominator"]
        out[price_row + 1 + 4 * level, k] = sizes[level]
    if f["known"] == 0:
        return
    total = 0.0
    behind = NO_LEVEL
    for distance in range(_DISTANCES):
        reach = mid * BOOK_DISTANCES_BPS[distance] / 1e4
        limit = mid - reach if side == _BUY else mid + reach
        inside = best >= limit if side == _BUY else best <= limit
        if inside:
            if behind == NO_LEVEL:
                total = best_size
                behind = best
            total += size_within(f["book"], side, behind, limit)
            behind = int(np.ceil(limit)) if side == _BUY else int(np.floor(limit))
        out[_FIRST_DISTANCE + 2 * distance + (0 if side == _BUY else 1), k] = total
