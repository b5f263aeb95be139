"""Tape of recorded files: changes of the book, best prices and trades of one instrument, in order of arrival.

Columns, times in ns UTC, prices in quote, sizes in base units (an empty file is refused, as is a value that cannot be):

- depth, one row a changed level: local_ts, is_snapshot (1: a level of a whole book), first_update_id,
  final_update_id, prev_final_update_id (−1 where the stream has none), side (b or a), price, qty (0: removed);
- quotes: local_ts, update_id, bid_price, bid_qty, ask_price, ask_qty;
- trades: local_ts, trade_id, price, qty, buyer_is_maker; where there is an `order_type`, only MARKET and empty ones are
  trades on the market.

A snapshot is asked for while changes come in, so it is older than some of them: those are taken again after it, as a
live feed does that has kept them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.files.columns import canonical_symbol
from quaestor.adapters.sources.files.rows import FileRows
from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.domain.bars import Bars
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError, DataError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Side
from quaestor.market.order_book.feed import TAPE_EVENT, Part, TapeKind
from quaestor.market.order_book.tape_rows import parse_clock, rows_of_tape

_DEPTH = (
    "local_ts",
    "is_snapshot",
    "first_update_id",
    "final_update_id",
    "prev_final_update_id",
    "side",
    "price",
    "qty",
)
_QUOTES = ("local_ts", "update_id", "bid_price", "bid_qty", "ask_price", "ask_qty")
_TRADES = ("local_ts", "trade_id", "price", "qty", "buyer_is_maker")
_MARKET_TYPES = ("MARKET", "")


@dataclass(frozen=True, slots=True)
class Tape:
    """Events (TAPE_EVENT, in order of arrival) of one instrument, and what was noticed while reading them."""

    symbol: str
    market: str
    tick_size: Decimal
    events: Table
    has_trades: bool
    notes: tuple[str, ...] = ()


def read_tape(
    symbol: str,
    *,
    depth: Path | None = None,
    quotes: Path | None = None,
    trades: Path | None = None,
    tick_size: Decimal | None = None,
) -> Tape:
    """The tape of recorded files, at least one: by arrival, then depth, quotes, trades, each in file order.

    Args:
        symbol: any case, BTC/USDT is BTCUSDT. The first file tells the market.
        depth, quotes, trades: files of the columns above, any format that `open_source` opens.
        tick_size: price of one tick; of the instrument table when None.

    Raises:
        ConfigError: when no file is given.
        DataError: a file is missing, damaged or empty, lacks a column, or holds an impossible row; a depth file without
            a snapshot, from which no book can be known.
        UnknownNameError: a file does not know the symbol.
    """
    name = canonical_symbol(symbol)
    changes, tops, prints = (open_source(path) if path is not None else None for path in (depth, quotes, trades))
    first = changes or tops or prints
    if first is None:
        raise ConfigError("no file to read a tape from", place="tape", remedy="give --depth, --quotes or --trades")
    market, why = first.market_of(name)
    tick = tick_size if tick_size is not None else first.instruments.find(name, market).tick_size
    notes = [why]
    parts: list[Table] = []
    if changes is not None:
        parts.append(_depth_events(_read_columns(changes, name, _DEPTH), tick))
        notes.append(_reach(parts[0]))
    if tops is not None:
        parts.append(_quote_events(_read_columns(tops, name, _QUOTES), tick))
    if prints is not None:
        events, left_out = _trade_events(_read_columns(prints, name, _TRADES, ("order_type",)), tick)
        notes += [f"{counted(left_out, 'row')} without a trade on the market left out"] if left_out else []
        parts.append(events)
    events = np.concatenate(parts)
    ordered = events[np.argsort(events["ts"], kind="stable")]
    return Tape(name, market, tick, ordered, prints is not None, tuple(notes))


def load_tape_rows(
    symbol: str, clock: str, *, depth: Path | None = None, quotes: Path | None = None, trades: Path | None = None
) -> Bars:
    """Rows of the market matrix from recorded files; arguments and errors as in `read_tape`.

    Args:
        clock: what ends a row: a timeframe such as 100ms or 1s, 50t (trades), 10v (volume) or 100000q (notional).

    Raises:
        DataError: also when no row is complete.
    """
    chosen = parse_clock(clock)
    tape = read_tape(symbol, depth=depth, quotes=quotes, trades=trades)
    rows = rows_of_tape(
        tape.events,
        chosen,
        symbol=tape.symbol,
        market=tape.market,
        tick_size=tape.tick_size,
        has_trades=tape.has_trades,
    )
    if not len(rows):
        raise DataError(
            f"no complete row of {clock}", place=str(depth or quotes or trades), remedy="choose a shorter clock"
        )
    return Bars(
        rows.symbol,
        rows.interval_ns,
        rows.ts,
        rows.columns,
        rows.flags,
        market=rows.market,
        notes=(*tape.notes, *rows.notes),
    )


def _read_columns(source: SourceFile, symbol: str, names: Sequence[str], optional: Sequence[str] = ()) -> FileRows:
    """Columns of the rows of one instrument, and further ones where the file has them.

    Raises:
        DataError: when the file lacks a column or has no row of the instrument; as `SourceFile.rows_of`.
        UnknownNameError: as `SourceFile.rows_of`.
    """
    missing = [name for name in names if name not in source.names]
    if missing:
        raise DataError(
            f"no column {' or '.join(missing)}",
            place=source.place,
            remedy=f"found: {', '.join(source.names) or 'none'}",
        )
    rows = source.rows_of(symbol, *names, *(name for name in optional if name in source.names))
    if not len(rows):
        raise DataError(f"no rows of {symbol}", place=source.place, remedy="give a file that holds some")
    return rows


def _depth_events(rows: FileRows, tick_size: Decimal) -> Table:
    events = _new_events(rows)
    events["id"] = rows.whole("final_update_id")
    before = rows.whole("prev_final_update_id")
    events["previous_id"] = np.where(before >= 0, before, rows.whole("first_update_id") - 1)
    snapshot = rows.whole("is_snapshot") != 0
    events["kind"] = np.where(snapshot, int(TapeKind.SNAPSHOT), int(TapeKind.DEPTH))
    events["side"] = _sides(rows)
    events["ticks"] = rows.ticks("price", tick_size)
    events["size"] = rows.sizes("qty", least="not negative")
    if not snapshot.any():
        raise DataError(
            "holds no snapshot, so its book is never known",
            place=rows.place,
            remedy="give a recording with one (is_snapshot = 1), or leave the depth out",
        )
    starts = _message_starts(events)
    events["part"][starts] |= int(Part.FIRST)
    events["part"][np.append(starts[1:], len(events)) - 1] |= int(Part.LAST)
    return _with_replays(events, starts)


def _sides(rows: FileRows) -> NDArray[np.int8]:
    texts = rows.texts("side")
    bids, asks = texts == "b", texts == "a"
    if not (bids | asks).all():
        k = int(np.argmin(bids | asks))
        raise DataError(
            f"row {rows.numbers[k]}: side '{texts[k]}'", place=rows.place, remedy="write b for bids and a for asks"
        )
    return np.where(bids, int(Side.BUY), int(Side.SELL)).astype(np.int8)


def _message_starts(events: Table) -> NDArray[np.int64]:
    """Rows at which a message begins: where arrival, kind or update id changes."""
    changes = np.zeros(len(events), bool)
    changes[0] = True
    for name in ("ts", "kind", "id"):
        changes[1:] |= events[name][1:] != events[name][:-1]
    return np.flatnonzero(changes)


def _with_replays(events: Table, starts: NDArray[np.int64]) -> Table:
    """The same with changes that are later than a snapshot, but came before it, once more after it."""
    ends = np.append(starts[1:], len(events))
    kinds, ids = events["kind"][starts], events["id"][starts]
    snapshots = np.flatnonzero(kinds == int(TapeKind.SNAPSHOT))
    pieces: list[Table] = []
    done = 0
    for k, message in enumerate(snapshots):
        first = message
        earliest = int(snapshots[k - 1]) + 1 if k else 0
        while first > earliest and ids[first - 1] > ids[message]:
            first -= 1
        pieces.append(events[done : ends[message]])
        done = int(ends[message])
        again = events[starts[first] : starts[message]].copy()
        again["ts"] = events["ts"][starts[message]]
        pieces.append(again)
    return np.concatenate([*pieces, events[done:]])


def _reach(events: Table) -> str:
    """How far from the mid price the first snapshot tells of levels."""
    snapshots = events[events["kind"] == int(TapeKind.SNAPSHOT)]
    first = snapshots[snapshots["id"] == snapshots["id"][0]]
    bids = first["ticks"][first["side"] == int(Side.BUY)]
    asks = first["ticks"][first["side"] == int(Side.SELL)]
    if not len(bids) or not len(asks):
        return "the first snapshot lacks a side"
    mid = (bids.max() + asks.min()) / 2
    below, above = 1e4 * (1 - bids.min() / mid), 1e4 * (asks.max() / mid - 1)
    return f"the first snapshot reaches {below:.0f} bps below and {above:.0f} above: sizes beyond are lower bounds"


def _quote_events(rows: FileRows, tick_size: Decimal) -> Table:
    both = np.zeros((len(rows), 2), TAPE_EVENT)
    both["ts"] = _new_events(rows)["ts"][:, None]
    both["id"] = rows.whole("update_id")[:, None]
    both["kind"] = int(TapeKind.QUOTE)
    for k, (side, name) in enumerate(((Side.BUY, "bid"), (Side.SELL, "ask"))):
        both["ticks"][:, k] = rows.ticks(f"{name}_price", tick_size)
        both["size"][:, k] = rows.sizes(f"{name}_qty", least="not negative")
        both["side"][:, k] = int(side)
    both["part"] = (int(Part.FIRST), int(Part.LAST))
    return both.reshape(-1)


def _trade_events(rows: FileRows, tick_size: Decimal) -> tuple[Table, int]:
    """Trades on the market, and how many rows are none."""
    events = _new_events(rows)
    events["id"] = rows.whole("trade_id")
    events["kind"] = int(TapeKind.TRADE)
    events["side"] = np.where(rows.whole("buyer_is_maker") != 0, int(Side.SELL), int(Side.BUY))
    events["ticks"] = rows.ticks("price", tick_size)
    events["size"] = rows.sizes("qty", least="positive")
    events["part"] = int(Part.FIRST) | int(Part.LAST)
    if "order_type" not in rows.frame.columns:
        return events, 0
    on_market = np.isin(rows.texts("order_type"), _MARKET_TYPES)
    return events[on_market], int(np.count_nonzero(~on_market))


def _new_events(rows: FileRows) -> Table:
    events = np.zeros(len(rows), TAPE_EVENT)
    events["ts"] = rows.ascending("local_ts")
    return events
