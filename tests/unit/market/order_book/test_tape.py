"""Tape rows: small tapes against hand-computed rows."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column, book_row, distance_row
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Quality, Side
from quaestor.market.order_book.tape_rows import ROWS_MAX, parse_clock, rows_of_tape

from .tapes import ASK, BID, SECOND, change, quote, snapshot, trade

BOOK = ((BID, 10_000, 2.0), (BID, 9_999, 3.0), (BID, 9_990, 5.0), (ASK, 10_002, 1.0), (ASK, 10_003, 4.0))


def rows_of(*messages: Table, clock: str = "1s", has_trades: bool = True) -> Bars:
    return rows_of_tape(
        np.concatenate(messages),
        parse_clock(clock),
        symbol="BTCUSDT",
        market="spot",
        tick_size=Decimal("0.01"),
        has_trades=has_trades,
        capacity=8_192,
    )


def at(rows: Bars, column: int) -> list[float]:
    values: list[float] = rows.columns[column].tolist()
    return values


def test_trades_make_bars_and_a_row_without_trades_keeps_the_last_price() -> None:
    rows = rows_of(
        trade(SECOND, BID, 10_002, 1.0),
        trade(SECOND + 5, ASK, 10_000, 0.25),
        trade(SECOND + 6, BID, 10_004, 0.5),
        trade(3 * SECOND, ASK, 9_990, 2.0),
        trade(4 * SECOND, BID, 9_991, 2.0),
    )
    assert rows.ts.tolist() == [SECOND, 2 * SECOND, 3 * SECOND]
    assert at(rows, Column.OPEN) == [100.02, 100.04, 99.9]
    assert at(rows, Column.HIGH) == [100.04, 100.04, 99.9]
    assert at(rows, Column.LOW) == [100.0, 100.04, 99.9]
    assert at(rows, Column.CLOSE) == [100.04, 100.04, 99.9]
    assert at(rows, Column.VOLUME) == [1.75, 0.0, 2.0]
    assert at(rows, Column.TRADES) == [3.0, 0.0, 1.0]
    assert at(rows, Column.BUY_VOLUME) == [1.5, 0.0, 0.0]
    assert rows.flags.tolist() == [0, int(Quality.ZERO_VOLUME), 0]
    assert np.isnan(rows.columns[Column.ORDER_FLOW :]).all()


def test_tape_that_begins_inside_a_row_flags_it_incomplete() -> None:
    rows = rows_of(trade(SECOND + 1, BID, 10_000, 1.0), trade(3 * SECOND, BID, 10_000, 1.0))
    assert rows.ts.tolist() == [SECOND, 2 * SECOND]
    assert rows.flags.tolist() == [int(Quality.INCOMPLETE), int(Quality.ZERO_VOLUME)]


def test_row_holds_levels_and_distances_at_its_end() -> None:
    rows = rows_of(
        snapshot(SECOND, 7, *BOOK),
        change(SECOND + 1, 8, (BID, 10_001, 0.5), (BID, 9_999, 0.0)),
        change(2 * SECOND, 9, (BID, 10_001, 0.0)),
        change(3 * SECOND, 10, (ASK, 10_002, 0.0)),
    )
    assert at(rows, Column.BID_PRICE) == [100.01, 100.0]
    assert at(rows, Column.BID_SIZE) == [0.5, 2.0]
    assert at(rows, book_row(Column.BID_PRICE, 1)) == [100.0, 99.9]
    assert at(rows, book_row(Column.BID_SIZE, 2))[0] == 5.0
    assert np.isnan(at(rows, book_row(Column.BID_SIZE, 2))[1])
    assert at(rows, Column.ASK_PRICE) == [100.02, 100.02]
    assert at(rows, book_row(Column.ASK_SIZE, 1)) == [4.0, 4.0]
    # mid 10001.5, then 10001: within 1 bp are 1.0 ticks, within 10 bps 10.0 and so on
    assert at(rows, distance_row(0, 0)) == [0.5, 2.0]
    assert at(rows, distance_row(1, 0)) == [1.0, 1.0]
    assert at(rows, distance_row(0, 1)) == [2.5, 2.0]
    assert at(rows, distance_row(1, 1)) == [5.0, 5.0]
    assert at(rows, distance_row(0, 3)) == [2.5, 2.0]
    assert at(rows, distance_row(0, 4)) == [7.5, 7.0]
    assert at(rows, Column.CLOSE) == [100.015, 100.01]


def test_order_flow_equals_hand_computed_values() -> None:
    rows = rows_of(
        quote(SECOND - 5, 1, 10_000, 2.0, 10_002, 1.0),
        quote(SECOND + 1, 2, 10_000, 3.0, 10_002, 1.0),  # +1 bid
        quote(SECOND + 2, 3, 10_001, 0.5, 10_002, 4.0),  # +0.5 better bid, −3 offered
        quote(SECOND + 3, 4, 9_998, 7.0, 10_003, 6.0),  # −0.5 bid lost, +4 offer lost
        quote(SECOND + 4, 5, 9_998, 7.0, 10_002, 2.0),  # −2 better offer
        quote(2 * SECOND, 6, 9_998, 7.0, 10_002, 2.5),
        quote(3 * SECOND, 7, 9_998, 7.0, 10_002, 2.5),
        has_trades=False,
    )
    assert at(rows, Column.ORDER_FLOW)[1:] == [1.0 + 0.5 - 3.0 - 0.5 + 4.0 - 2.0, -0.5]
    assert np.isnan(at(rows, Column.ORDER_FLOW)[0])  # the best prices were not known from its start
    assert np.isnan(rows.columns[Column.VOLUME]).all()
    assert np.isnan(rows.columns[book_row(Column.BID_PRICE, 1) :]).all()


def test_gap_makes_the_book_unknown_until_the_next_snapshot() -> None:
    rows = rows_of(
        snapshot(SECOND, 7, *BOOK),
        change(SECOND + 1, 8, (BID, 10_000, 1.0)),
        change(2 * SECOND, 11, (BID, 10_000, 9.0), after=9),
        change(2 * SECOND + 1, 12, (BID, 10_000, 8.0)),
        snapshot(3 * SECOND, 20, *BOOK),
        change(4 * SECOND, 21, (BID, 10_001, 1.0)),
        change(5 * SECOND, 22, (BID, 10_001, 1.0)),
    )
    assert at(rows, Column.BID_SIZE)[::2] == [1.0, 2.0]
    assert np.isnan(rows.columns[Column.ORDER_FLOW :, 1]).all()
    assert np.isnan(rows.columns[Column.ORDER_FLOW].tolist()[:3]).all()
    assert at(rows, Column.ORDER_FLOW)[3] == 1.0
    assert rows.notes == ("1 gaps in the feed, the book unknown until the next snapshot",)


def test_stale_messages_are_skipped_and_overlapping_ones_applied() -> None:
    rows = rows_of(
        snapshot(SECOND, 7, *BOOK),
        change(SECOND + 1, 6, (BID, 10_000, 9.0)),
        change(SECOND + 2, 9, (BID, 10_000, 1.0), after=4),
        change(2 * SECOND, 10, (BID, 10_000, 1.0)),
    )
    assert at(rows, Column.BID_SIZE) == [1.0]
    assert rows.notes == ("1 messages that the book knew already",)


def test_book_is_unknown_before_a_snapshot() -> None:
    rows = rows_of(change(SECOND, 5, *BOOK), change(2 * SECOND, 6, *BOOK))
    assert np.isnan(rows.columns[Column.ORDER_FLOW :]).all()
    assert np.isnan(rows.columns[Column.CLOSE]).all()


def test_crossed_book_is_unknown() -> None:
    rows = rows_of(
        snapshot(SECOND, 7, *BOOK),
        change(SECOND + 1, 8, (BID, 10_002, 1.0)),
        change(2 * SECOND, 9, (ASK, 10_002, 0.0)),
        change(3 * SECOND, 10, (ASK, 10_003, 4.0)),
    )
    assert np.isnan(rows.columns[Column.ORDER_FLOW :, 0]).all()
    assert at(rows, Column.ASK_PRICE)[1] == 100.03
    assert rows.notes == ("1 times without two best prices apart",)


def test_later_quote_overrides_the_book_and_an_earlier_one_does_not() -> None:
    rows = rows_of(
        snapshot(SECOND, 7, *BOOK),
        quote(SECOND + 1, 9, 9_999, 1.5, 10_001, 0.5),
        change(2 * SECOND, 8, (ASK, 10_003, 2.0)),
        change(3 * SECOND, 10, (BID, 10_000, 0.0), (ASK, 10_001, 0.25), after=8),
        quote(3 * SECOND + 1, 5, 1, 1.0, 2, 1.0),
        change(4 * SECOND, 11, (BID, 9_000, 1.0)),
    )
    assert rows.notes == ()
    assert at(rows, Column.BID_PRICE) == [99.99, 99.99, 99.99]
    assert at(rows, Column.BID_SIZE) == [1.5, 1.5, 3.0]
    assert at(rows, book_row(Column.BID_PRICE, 1)) == [99.9, 99.9, 99.9]
    assert at(rows, Column.ASK_SIZE) == [0.5, 0.5, 0.25]
    assert at(rows, book_row(Column.ASK_PRICE, 1)) == [100.02, 100.02, 100.02]
    assert at(rows, book_row(Column.ASK_SIZE, 2)) == [4.0, 2.0, 2.0]
    assert at(rows, distance_row(1, 5)) == [5.5, 3.5, 3.25]


def test_clocks_of_trades_volume_and_notional_end_rows_at_thresholds() -> None:
    trades = [trade(SECOND, BID, 10_000 + k, 0.5 * (k % 3) + 0.5) for k in range(7)]
    by_count = rows_of(*trades, clock="2t")
    assert at(by_count, Column.TRADES) == [2.0, 2.0, 2.0]
    assert by_count.ts.tolist() == [SECOND, SECOND + 1, SECOND + 2]
    assert by_count.interval_ns == 1
    assert at(by_count, Column.OPEN) == [100.0, 100.02, 100.04]
    by_volume = rows_of(*trades, clock="1.5v")
    assert at(by_volume, Column.VOLUME) == [1.5, 1.5, 1.5, 1.5]
    by_value = rows_of(*trades, clock="200q")
    assert at(by_value, Column.VOLUME) == [3.0, 3.0]
    assert by_value.flags.tolist() == [0, 0]


def test_clock_with_too_many_rows_is_refused() -> None:
    with pytest.raises(ConfigError, match="choose a longer clock"):
        rows_of(trade(0, BID, 1, 1.0), trade(ROWS_MAX * SECOND, BID, 1, 1.0))


@pytest.mark.parametrize("text", ["0t", "1.5t", "0v", "1x", "", "t", "-1s"])
def test_invalid_clock_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_clock(text)


def test_empty_tape_has_no_rows() -> None:
    assert len(rows_of(snapshot(SECOND, 7, *BOOK)[:0])) == 0


_TWIN = """
import sys
from decimal import Decimal
import numpy as np
from quaestor.jit.compile import INTERPRETED
from quaestor.market.order_book.tape_rows import parse_clock, rows_of_tape
assert INTERPRETED
events = np.load(sys.argv[1])
settings = {"symbol": "X", "market": "spot", "tick_size": Decimal("0.01"), "capacity": 8192}
for clock in ("1s", "2t"):
    rows = rows_of_tape(events, parse_clock(clock), **settings)
    np.save(f"{sys.argv[2]}_{clock}.npy", rows.columns)
"""


def test_interpreted_tape_gives_the_same_bits(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    messages = [snapshot(SECOND, 7, *BOOK)]
    for k in range(300):
        ts, update_id, size = SECOND + k * 20_000_000, 8 + k, float(generator.integers(0, 4))
        shift = int(generator.integers(0, 12))
        messages.append(change(ts, update_id, (BID, 10_000 - shift, size), (ASK, 10_002 + shift, size)))
        if k % 3 == 0:
            messages.append(quote(ts, update_id, 10_000 - shift, 1.0 + size, 10_002, 2.0))
            messages.append(trade(ts, Side(int(generator.choice([1, -1]))), 10_000 + shift, 1.0 + size))
    np.save(tmp_path / "events.npy", np.concatenate(messages))
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    arguments = [str(tmp_path / "events.npy"), str(tmp_path / "rows")]
    subprocess.run([sys.executable, "-c", _TWIN, *arguments], check=True, env=environment)
    for clock in ("1s", "2t"):
        rows = rows_of(*messages, clock=clock)
        assert len(rows) >= 5
        assert np.isfinite(rows.columns[Column.ORDER_FLOW, 2:]).any()
        assert np.load(tmp_path / f"rows_{clock}.npy").tobytes() == rows.columns.tobytes()
