"""Recorded streams: the book against the venue's own best prices, and rows against plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.slices import tape

from quaestor.adapters.sources.files.tape import Tape, load_tape_rows, read_tape
from quaestor.domain.market_matrix import BOOK_DISTANCES_BPS, BOOK_LEVELS, Column, book_row, distance_row
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.market.order_book.feed import feed_dtype, feed_take
from quaestor.market.order_book.tape import tape_advance, tape_dtype
from quaestor.market.order_book.tape_rows import parse_clock, rows_of_tape, tape_params

SECOND = 1_000_000_000
TICKS = {"spot": 100, "usdm": 10}  # ticks in one dollar


@dataclass(frozen=True, slots=True)
class Recording:
    """Files of one market."""

    name: str
    depth: Path
    quotes: Path
    trades: Path
    quoted: int  # messages of the book that have a quote of the same update, at least

    def tape(self, *kinds: str) -> Tape:
        return read_tape("BTCUSDT", **{kind: getattr(self, kind) for kind in kinds})


@pytest.fixture(scope="module", params=["spot", "usdm"])
def recording(request: pytest.FixtureRequest) -> Recording:
    depth, quotes, trades = (tape(request.param, kind) for kind in ("depth", "bookticker", "trades"))
    return Recording(request.param, depth, quotes, trades, quoted=60)


def known_from(recording: Recording) -> NDArray[np.int64]:
    """Update ids of the snapshot and of the messages that change the book after it."""
    frame = pl.read_parquet(recording.depth)
    snapshot = pl.col("is_snapshot") == 1
    known = frame.filter(snapshot)["final_update_id"][0]
    ids = frame.filter(snapshot | (pl.col("final_update_id") > known))["final_update_id"]
    return ids.unique().to_numpy()


@kernel
def _tops(feed: Table, events: Table, ids: Any, tops: Any) -> int:
    """The best prices after every message."""
    count = 0
    for k in range(len(events)):
        feed_take(feed, events, k)
        f = feed[0]
        if events[k]["part"] & 2 != 0 and f["known"] == 1 and f["skip"] == 0:
            ids[count] = f["id"]
            tops[count, 0], tops[count, 1] = f["bid"], f["bid_size"]
            tops[count, 2], tops[count, 3] = f["ask"], f["ask_size"]
            count += 1
    return count


def test_the_book_has_the_best_prices_that_the_venue_quotes(recording: Recording) -> None:
    """At every message, against the last quote whose update id is not later."""
    tape = recording.tape("depth")
    feed = np.zeros(1, feed_dtype())
    ids, tops = np.zeros(10_000, np.int64), np.zeros((10_000, 4))
    count = _tops(feed, tape.events, ids, tops)
    quotes = pl.read_parquet(recording.quotes)
    quoted_ids = quotes["update_id"].to_numpy()
    scale = TICKS[recording.name]
    stated = quotes.select("bid_price", "bid_qty", "ask_price", "ask_qty").to_numpy() * (scale, 1, scale, 1)
    last = np.searchsorted(quoted_ids, ids[:count], side="right") - 1
    same = np.isclose(tops[:count], stated[last], rtol=1e-12, atol=0.0).all(axis=1) & (last >= 0)
    assert np.count_nonzero(last >= 0) == np.count_nonzero(known_from(recording) >= quoted_ids[0])
    assert np.count_nonzero(same) >= np.count_nonzero(last >= 0) - 2
    assert same[np.isin(ids[:count], quoted_ids)].all()
    assert np.count_nonzero(np.isin(ids[:count], quoted_ids)) >= recording.quoted
    assert int(feed["gaps"][0]) == int(feed["crossed"][0]) == 0


def dictionary_books(path: Path, ends: list[int]) -> Iterator[tuple[dict[float, float], dict[float, float]]]:
    """Bids and asks at some instants, by the venue's instructions and nothing else."""
    frame = pl.read_parquet(path).with_columns(pl.col("side").cast(pl.String))
    snapshot = frame.filter(pl.col("is_snapshot") == 1)
    bids, asks = (dict(snapshot.filter(side=s).select("price", "qty").iter_rows()) for s in "ba")
    later = frame.filter((pl.col("is_snapshot") == 0) & (pl.col("final_update_id") > snapshot["final_update_id"][0]))
    changes = later.select("local_ts", "side", "price", "qty").iter_rows()
    ts, side, price, size = next(changes)
    for end in ends:
        while ts < end:
            levels = bids if side == "b" else asks
            levels[price] = size
            if size == 0:
                del levels[price]
            ts, side, price, size = next(changes)
        yield bids, asks


def test_levels_and_depths_of_rows_are_those_of_a_dictionary(recording: Recording) -> None:
    rows = load_tape_rows("BTCUSDT", "1s", depth=recording.depth)
    sampled = range(5, len(rows) - 1, max(5, len(rows) // 24))
    ends = [int(rows.ts[k]) + SECOND for k in sampled]
    for k, (bids, asks) in zip(sampled, dictionary_books(recording.depth, ends), strict=True):
        levels = {Column.BID_PRICE: sorted(bids.items(), reverse=True), Column.ASK_PRICE: sorted(asks.items())}
        mid = (levels[Column.BID_PRICE][0][0] + levels[Column.ASK_PRICE][0][0]) / 2
        for side, (column, best) in enumerate(levels.items()):
            for level in range(BOOK_LEVELS):
                assert tuple(rows.columns[[book_row(column, level), book_row(column, level) + 1], k]) == best[level]
            for distance, bps in enumerate(BOOK_DISTANCES_BPS):
                within = sum(size for price, size in best if abs(price - mid) <= mid * bps / 1e4)
                assert rows.columns[distance_row(side, distance), k] == pytest.approx(within, rel=1e-12)
    assert len(sampled) > 10
    assert "0 bps" not in rows.notes[1]
    assert "lower bounds" in rows.notes[1]


def test_bars_of_trades_are_those_of_a_group_by(recording: Recording) -> None:
    rows = load_tape_rows("BTCUSDT", "1s", trades=recording.trades)
    bought = pl.when(pl.col("buyer_is_maker")).then(0.0).otherwise(pl.col("qty"))
    bars = (
        pl.read_parquet(recording.trades)
        .with_columns(ts=pl.col("local_ts") // SECOND * SECOND, bought=bought)
        .group_by("ts", maintain_order=True)
        .agg(
            pl.col("price").first().alias("open"),
            pl.col("price").max().alias("high"),
            pl.col("price").min().alias("low"),
            pl.col("price").last().alias("close"),
            pl.col("qty").sum().alias("volume"),
            pl.len().cast(pl.Float64).alias("trades"),
            pl.col("bought").sum(),
        )
    )
    traded = rows.columns[Column.TRADES] > 0
    expected = bars.filter(pl.col("ts") <= int(rows.ts[-1])).drop("ts").to_numpy().T
    assert rows.ts[traded].tolist() == bars["ts"].to_list()[: expected.shape[1]]
    assert np.array_equal(rows.columns[:4, traded], expected[:4])
    np.testing.assert_allclose(rows.columns[4:7, traded], expected[4:], rtol=1e-12)
    closes = rows.columns[Column.CLOSE]
    quiet = np.flatnonzero(~traded)
    assert np.array_equal(rows.columns[:4, quiet], np.tile(closes[quiet - 1], (4, 1)))


def test_order_flow_is_the_published_sum(recording: Recording) -> None:
    rows = load_tape_rows("BTCUSDT", "1s", quotes=recording.quotes)
    quotes = pl.read_parquet(recording.quotes)
    pb, qb, pa, qa = quotes.select("bid_price", "bid_qty", "ask_price", "ask_qty").to_numpy().T
    flow = qb[1:] * (pb[1:] >= pb[:-1]) - qb[:-1] * (pb[1:] <= pb[:-1])
    flow += qa[:-1] * (pa[1:] >= pa[:-1]) - qa[1:] * (pa[1:] <= pa[:-1])
    row = (quotes["local_ts"].to_numpy()[1:] - rows.ts[0]) // SECOND
    expected = np.bincount(row, flow, len(rows) + 1)[1 : len(rows)]
    assert np.isnan(rows.columns[Column.ORDER_FLOW, 0])
    np.testing.assert_allclose(rows.columns[Column.ORDER_FLOW, 1:], expected, rtol=1e-9, atol=1e-9)


def test_all_streams_together_agree_on_the_top(recording: Recording) -> None:
    """The best prices at a row's end are the last quote's, whatever depth messages came late in between."""
    rows = load_tape_rows("BTCUSDT", "100ms", depth=recording.depth, quotes=recording.quotes, trades=recording.trades)
    quotes = pl.read_parquet(recording.quotes)
    last = np.searchsorted(quotes["local_ts"].to_numpy(), rows.ts + rows.interval_ns, side="left") - 1
    tops = rows.columns[[Column.BID_PRICE, Column.BID_SIZE, Column.ASK_PRICE, Column.ASK_SIZE]]
    stated = quotes.select("bid_price", "bid_qty", "ask_price", "ask_qty").to_numpy().T[:, last]
    known = np.isfinite(tops[0]) & (last >= 0)
    same = (tops == stated).all(axis=0)[known]
    # the others are rows in which a depth message with a later update id came before its quote
    assert same.mean() > 0.99
    bids = rows.columns[[book_row(Column.BID_PRICE, level) for level in range(BOOK_LEVELS)]][:, 10:]
    asks = rows.columns[[book_row(Column.ASK_PRICE, level) for level in range(BOOK_LEVELS)]][:, 10:]
    assert np.all(np.diff(bids, axis=0) < 0)
    assert np.all(np.diff(asks, axis=0) > 0)
    assert np.all(bids[0] < asks[0])


@pytest.mark.parametrize("clock", ["250ms", "7t", "0.5v"])
def test_chunks_and_restarts_change_no_bit(recording: Recording, clock: str) -> None:
    tape = recording.tape("depth", "quotes", "trades")
    events = tape.events[:60_000]
    chosen = parse_clock(clock)
    whole = rows_of_tape(events, chosen, symbol="X", market="spot", tick_size=tape.tick_size)
    params = tape_params(chosen, tape.tick_size, has_trades=True)
    ts, flags = np.empty_like(whole.ts), np.empty_like(whole.flags)
    columns: NDArray[np.float64] = np.empty_like(whole.columns)
    state = np.zeros(1, tape_dtype())
    n_out, start = 0, 0
    generator = np.random.default_rng(3)
    while start < len(events):
        stop = min(len(events), start + int(generator.choice([0, 1, 2, 5, 900, 7_000])))
        held = np.frombuffer(bytearray(state.tobytes()), state.dtype) if stop - start > 100 else state
        n_out = tape_advance(held, params, events, start, stop, ts, columns, flags, n_out)
        state, start = held, stop
    assert n_out == len(whole) > 20
    assert columns.tobytes() == whole.columns.tobytes()
    assert ts.tobytes() == whole.ts.tobytes()
    assert flags.tobytes() == whole.flags.tobytes()
