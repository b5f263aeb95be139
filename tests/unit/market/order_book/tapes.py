"""Small constructed tapes."""

import numpy as np

from quaestor.jit.tables import Table
from quaestor.ledger.codes import Side
from quaestor.market.order_book.feed import TAPE_EVENT, Part, TapeKind

BID, ASK = Side.BUY, Side.SELL
SECOND = 1_000_000_000
Level = tuple[Side, int, float]


def message(ts: int, kind: TapeKind, update_id: int, *levels: Level, after: int = -1) -> Table:
    """Return one message: its levels or the two sides of a quote; `after` is the previous update id."""
    events = np.zeros(len(levels), TAPE_EVENT)
    events["ts"], events["kind"], events["id"], events["previous_id"] = ts, int(kind), update_id, after
    for k, (side, ticks, size) in enumerate(levels):
        events["side"][k], events["ticks"][k], events["size"][k] = int(side), ticks, size
    events["part"][0] |= int(Part.FIRST)
    events["part"][-1] |= int(Part.LAST)
    return events


def snapshot(ts: int, update_id: int, *levels: Level) -> Table:
    return message(ts, TapeKind.SNAPSHOT, update_id, *levels)


def change(ts: int, update_id: int, *levels: Level, after: int | None = None) -> Table:
    return message(ts, TapeKind.DEPTH, update_id, *levels, after=update_id - 1 if after is None else after)


def quote(ts: int, update_id: int, bid: int, bid_size: float, ask: int, ask_size: float) -> Table:
    return message(ts, TapeKind.QUOTE, update_id, (BID, bid, bid_size), (ASK, ask, ask_size))


def trade(ts: int, taker: Side, ticks: int, size: float) -> Table:
    return message(ts, TapeKind.TRADE, 0, (taker, ticks, size))
