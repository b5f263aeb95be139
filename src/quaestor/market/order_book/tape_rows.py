"""Tape sampling: builds a series of rows from a whole tape, by the kernel of `market.order_book.tape`."""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import ALL_COLUMNS
from quaestor.domain.resample import BucketKind, anchor_ns
from quaestor.domain.timeframe import parse_timeframe
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.market.order_book.feed import TapeKind
from quaestor.market.order_book.order_book import BOOK_TICKS
from quaestor.market.order_book.tape import TAPE_PARAMS, tape_advance, tape_dtype

#: Most rows that one call builds, which take 3.4 GB.
ROWS_MAX = 4_000_000

_CLOCKS = "write a time such as 100ms or 1s, 50t for trades, 2.5v for volume or 1000q for notional"
_KINDS = {"t": BucketKind.ROWS, "v": BucketKind.VOLUME, "q": BucketKind.NOTIONAL}


@dataclass(frozen=True, slots=True)
class TapeClock:
    """Clock of a tape: the span of time, or the number, volume or notional of trades, that ends a row."""

    kind: BucketKind
    interval_ns: int = 1  # TIME: the span; other kinds: the least distance of two rows
    threshold: float = 0.0  # other kinds: number of trades, base units, quote units


def parse_clock(text: str) -> TapeClock:
    """Return the clock written in a text: a timeframe, or a number and t (trades), v (volume) or q (notional in quote).

    Raises:
        ConfigError: when the text is no clock.

    Example:
        >>> parse_clock("100ms").interval_ns, parse_clock("50t").threshold, parse_clock("2.5v").kind.name
        (100000000, 50.0, 'VOLUME')
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([tvq])", text.strip())
    if match is None:
        try:
            return TapeClock(BucketKind.TIME, parse_timeframe(text))
        except ConfigError as error:
            raise ConfigError(f"'{text}' is no clock", place="clock", remedy=_CLOCKS) from error
    number, kind = float(match[1]), _KINDS[match[2]]
    if number <= 0.0 or (kind is BucketKind.ROWS and number != int(number)):
        raise ConfigError(f"'{text}' is no clock", place="clock", remedy=_CLOCKS)
    return TapeClock(kind, threshold=number)


def tape_params(clock: TapeClock, tick_size: Decimal, *, has_trades: bool) -> Table:
    """Return the parameters of `tape_advance`: one element of TAPE_PARAMS."""
    numerator, denominator = tick_size.as_integer_ratio()
    params = np.zeros(1, TAPE_PARAMS)
    params["kind"] = int(clock.kind)
    params["interval_ns"] = clock.interval_ns
    params["anchor_ns"] = anchor_ns(clock.interval_ns) if clock.kind is BucketKind.TIME else 0
    params["threshold"] = clock.threshold
    params["tick_numerator"] = float(numerator)
    params["tick_denominator"] = float(denominator)
    params["has_trades"] = int(has_trades)
    return params


def rows_of_tape(
    events: Table,
    clock: TapeClock,
    *,
    symbol: str,
    market: str,
    tick_size: Decimal,
    has_trades: bool = True,
    capacity: int = BOOK_TICKS,
) -> Bars:
    """Return every row that a tape completes, with all rows of the market matrix, NaN where the tape has no data.

    Args:
        events: TAPE_EVENT in order of arrival.
        clock: clock that ends a row; the last, incomplete row is left out.
        symbol, market: of the result.
        tick_size: price of one tick.
        has_trades: whether the tape carries trades.
        capacity: number of ticks that the book holds, see `market.order_book.order_book`.

    Returns:
        Bars with the clock's `interval_ns`; notes hold the counts of gaps, crossed books and levels out of range.

    Raises:
        ConfigError: when the clock could give more than `ROWS_MAX` rows.
    """
    size = _rows_at_most(events, clock, float(tick_size))
    if size > ROWS_MAX:
        raise ConfigError(
            f"up to {size:,} rows, more than {ROWS_MAX:,}", place="clock", remedy="choose a longer clock, or less data"
        )
    ts = np.empty(size, np.int64)
    columns = np.empty((ALL_COLUMNS, size))
    flags = np.empty(size, np.uint32)
    state = np.zeros(1, tape_dtype(capacity))
    params = tape_params(clock, tick_size, has_trades=has_trades)
    n = tape_advance(state, params, events, 0, len(events), ts, columns, flags, 0)
    return Bars(
        symbol,
        clock.interval_ns,
        ts[:n].copy(),
        np.ascontiguousarray(columns[:, :n]),
        flags[:n].copy(),
        market=market,
        notes=_notes(state["feed"]),
    )


def _rows_at_most(events: Table, clock: TapeClock, tick_size: float) -> int:
    if not len(events):
        return 0
    if clock.kind is BucketKind.TIME:
        return int(events["ts"][-1] - events["ts"][0]) // clock.interval_ns + 2
    trades = events[events["kind"] == int(TapeKind.TRADE)]
    if clock.kind is BucketKind.ROWS:
        return int(len(trades) // clock.threshold)
    total = trades["size"] if clock.kind is BucketKind.VOLUME else trades["size"] * trades["ticks"] * tick_size
    return min(len(trades), int(total.sum() / clock.threshold * (1 + 1e-9)) + 1)


def _notes(feed: Table) -> tuple[str, ...]:
    counts = {
        "gaps in the feed, the book unknown until the next snapshot": feed["gaps"],
        "messages that the book knew already": feed["stale"],
        "times without two best prices apart": feed["crossed"],
        "changes of levels out of the book's reach": feed["book"]["far"],
        "levels that the book's window left behind": feed["book"]["dropped"],
    }
    return tuple(f"{int(count.sum())} {what}" for what, count in counts.items() if count.any())
