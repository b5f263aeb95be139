"""Order book feed: applies a venue's market data messages to a book in sequence and tracks the latest best prices.

The feed is a tape: a structured array of TAPE_EVENT in the order of arrival, one event for each changed level, side of
a quote or trade. Update ids of one venue and instrument form one sequence, whichever message carries them.

- A snapshot replaces the book. A message of changes is applied when it continues the sequence: the update before it
  (`previous_id`) is no later than the book's. It is skipped (and counted in `stale`) when the book contains it already.
  When updates are missing in between, that is a gap: it is counted, and the book is **unknown** until the next
  snapshot.
- The best prices are those of the quote or of the book, whichever has the later update id. A quote does not change the
  book: levels behind it are those of the last message.
- Best prices that touch or cross, or that lack a side, are unknown and counted in `crossed`; they are also unknown
  after a gap until a quote or a snapshot arrives.
"""

from enum import IntEnum

import numpy as np

from quaestor.jit.compile import inlined, kernel
from quaestor.jit.tables import Row, Table, record
from quaestor.ledger.codes import Side
from quaestor.market.order_book.order_book import BOOK_TICKS, NO_LEVEL, book_apply, book_dtype, book_reset
from quaestor.market.order_book.views import book_best, book_size


class TapeKind(IntEnum):
    """Kind of message that an event of a tape is part of."""

    DEPTH = 0  # the new size of a level
    SNAPSHOT = 1  # a level of a complete book
    QUOTE = 2  # one side of the best prices, bid first
    TRADE = 3


class Part(IntEnum):
    """Position of an event in its message, as a bit set."""

    FIRST = 1
    LAST = 2


class TopSource(IntEnum):
    """Source of the best prices."""

    NONE = 0  # unknown
    BOOK = 1
    QUOTE = 2


#: One event of a tape.
TAPE_EVENT = record(
    [
        ("ts", "i8"),  # arrival, ns UTC
        ("id", "i8"),  # last update id of its message; trades: number of the trade
        ("previous_id", "i8"),  # depth: last update id of the message before it
        ("ticks", "i8"),  # price
        ("size", "f8"),  # base units; depth: 0 removes the level
        ("kind", "i1"),  # TapeKind
        ("side", "i1"),  # Side of the level; trades: of the taker
        ("part", "i1"),  # Part
    ]
)

_DEPTH, _SNAPSHOT, _QUOTE = int(TapeKind.DEPTH), int(TapeKind.SNAPSHOT), int(TapeKind.QUOTE)
_TRADE = int(TapeKind.TRADE)
_FIRST, _LAST = int(Part.FIRST), int(Part.LAST)
_NONE, _BOOK, _FROM_QUOTE = int(TopSource.NONE), int(TopSource.BOOK), int(TopSource.QUOTE)
_BUY, _SELL = int(Side.BUY), int(Side.SELL)


def feed_dtype(capacity: int = BOOK_TICKS) -> np.dtype[np.void]:
    """Return the dtype of a feed's state, fresh when its bytes are zero; `capacity` as in `order_book.book_dtype`."""
    return np.dtype(
        [
            ("known", "<i8"),  # 1 while the book is in sequence
            ("id", "<i8"),  # last update id applied to the book
            ("skip", "<i8"),  # 1 inside a message that is skipped
            ("gaps", "<i8"),
            ("stale", "<i8"),
            ("crossed", "<i8"),
            ("top_id", "<i8"),
            ("top_source", "<i8"),  # TopSource
            ("bid", "<i8"),  # ticks
            ("ask", "<i8"),
            ("bid_size", "<f8"),
            ("ask_size", "<f8"),
            ("quoted_bid", "<i8"),  # of a quote whose ask side has yet to arrive
            ("quoted_size", "<f8"),
            ("book", book_dtype(capacity), (1,)),
        ],
        align=True,
    )


@kernel
def feed_take(feed: Table, events: Table, k: int) -> None:
    """Apply event k of a tape; its effect is complete once the last part of its message has been applied."""
    f = feed[0]
    e = events[k]
    kind = e["kind"]
    if kind == _QUOTE:
        _take_quote(f, e)
    elif kind != _TRADE:
        _take_depth(f, e, kind == _SNAPSHOT)


@inlined
def _take_quote(f: Row, e: Row) -> None:
    if e["part"] & _LAST == 0:
        f["quoted_bid"] = e["ticks"]
        f["quoted_size"] = e["size"]
    elif e["id"] >= f["top_id"]:
        _set_top(f, e["id"], _FROM_QUOTE, f["quoted_bid"], f["quoted_size"], e["ticks"], e["size"])


@inlined
def _take_depth(f: Row, e: Row, snapshot: bool) -> None:
    book = f["book"]
    if e["part"] & _FIRST != 0:
        f["skip"] = 0
        if snapshot:
            book_reset(book)
        else:
            _check_sequence(f, e)
    if f["skip"] != 0:
        return
    book_apply(book, e["side"], e["ticks"], e["size"])
    if e["part"] & _LAST != 0:
        f["known"] = 1
        f["id"] = e["id"]
        if e["id"] >= f["top_id"]:
            bid, ask = book_best(book, _BUY), book_best(book, _SELL)
            bid_size = book_size(book, _BUY, bid) if bid != NO_LEVEL else 0.0
            ask_size = book_size(book, _SELL, ask) if ask != NO_LEVEL else 0.0
            _set_top(f, e["id"], _BOOK, bid, bid_size, ask, ask_size)


@kernel
def _check_sequence(f: Row, e: Row) -> None:
    """Skip a message of changes that does not continue the book's sequence, and count stale messages and gaps."""
    if f["known"] == 0:
        f["skip"] = 1
    elif e["id"] <= f["id"]:
        f["skip"] = 1
        f["stale"] += 1
    elif e["previous_id"] > f["id"]:
        f["skip"] = 1
        f["gaps"] += 1
        f["known"] = 0
        if f["top_source"] == _BOOK:
            f["top_source"] = _NONE


@kernel
def _set_top(f: Row, update_id: int, source: int, bid: int, bid_size: float, ask: int, ask_size: float) -> None:
    f["top_id"] = update_id
    if bid < ask and bid_size > 0.0 and ask_size > 0.0:
        f["top_source"] = source
        f["bid"], f["bid_size"] = bid, bid_size
        f["ask"], f["ask_size"] = ask, ask_size
    else:
        f["top_source"] = _NONE
        f["crossed"] += 1
