"""Order book against a plain dictionary of levels, compiled and interpreted, and moves of its window."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sortedcontainers import SortedDict

from quaestor.jit.bits import highest_bit, lowest_bit
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Side
from quaestor.market.order_book.order_book import NO_LEVEL, book_apply, book_dtype, book_reset
from quaestor.market.order_book.views import (
    book_best,
    book_next,
    book_size,
    copy_levels,
    is_crossed,
    size_within,
    sweep,
)

CAPACITY = 8_192
BID, ASK = Side.BUY, Side.SELL


def new_book() -> Table:
    return np.zeros(1, book_dtype(CAPACITY))


class Model:
    """Reference book of two dictionaries."""

    def __init__(self) -> None:
        self.sides = {BID: SortedDict(lambda ticks: -ticks), ASK: SortedDict()}

    def apply(self, side: Side, ticks: int, size: float) -> None:
        if size > 0.0:
            self.sides[side][ticks] = size
        else:
            self.sides[side].pop(ticks, None)

    def forget(self, low: int) -> None:
        """Delete levels outside the window."""
        for levels in self.sides.values():
            for ticks in [t for t in levels if not low <= t < low + CAPACITY]:
                del levels[ticks]


def assert_same(book: Table, model: Model) -> None:
    for side, levels in model.sides.items():
        assert book["levels"][0, 0 if side is BID else 1] == len(levels)
        ticks, sizes = np.zeros(len(levels) + 3, np.int64), np.zeros(len(levels) + 3)
        count = copy_levels(book, side, NO_LEVEL, ticks, sizes, 0)
        assert list(zip(ticks[:count].tolist(), sizes[:count].tolist(), strict=True)) == list(levels.items())
        assert book_best(book, side) == (levels.keys()[0] if levels else NO_LEVEL)


# prices close together, so that levels are updated and emptied; some far outside
prices = st.one_of(st.integers(50_000, 50_080), st.integers(40_000, 60_000), st.integers(0, 10**9))
updates = st.lists(
    st.tuples(st.sampled_from([BID, ASK]), prices, st.sampled_from([0.0, 0.0, 1.5, 2.25, 1e-5])), max_size=120
)


@given(updates)
def test_book_equals_a_dictionary_inside_its_window(messages: list[tuple[Side, int, float]]) -> None:
    book, model = new_book(), Model()
    book_apply(book, BID, 50_000, 1.0)
    model.apply(BID, 50_000, 1.0)
    for side, ticks, size in messages:
        far = int(book["far"][0])
        book_apply(book, side, ticks, size)
        low = int(book["low"][0])
        assert low % 1_024 == 0
        if int(book["far"][0]) == far:
            model.apply(side, ticks, size)
        else:
            assert not low <= ticks < low + CAPACITY
        held = sum(map(len, model.sides.values()))
        model.forget(low)
        assert_same(book, model)
        assert held - sum(map(len, model.sides.values())) >= 0
    bids, asks = model.sides[BID], model.sides[ASK]
    assert is_crossed(book) == bool(bids and asks and bids.keys()[0] >= asks.keys()[0])


@kernel
def _replay(book: Table, sides: Any, ticks: Any, sizes: Any, best: Any) -> None:
    for k in range(len(sides)):
        book_apply(book, sides[k], ticks[k], sizes[k])
        best[0, k] = book_best(book, 1)
        best[1, k] = book_best(book, -1)


def walk(rows: int, seed: int = 5) -> tuple[Any, Any, Any]:
    """Return updates of a book that never stays crossed, around a price that moves further than the window's width."""
    generator = np.random.default_rng(seed)
    model, mid = Model(), 30_000
    updates: list[tuple[int, int, float]] = []
    while len(updates) < rows:
        mid += int(generator.integers(-6, 11))
        for side, levels in model.sides.items():
            while levels and side * (levels.keys()[0] - mid) >= 0:
                updates.append((int(side), levels.popitem(0)[0], 0.0))
        side = Side(int(generator.choice([1, -1])))
        update = (side, mid - side * int(generator.geometric(0.02)), round(float(generator.random()), 5) + 1e-5)
        model.apply(*update)
        updates.append(update)
    return tuple(np.array(column) for column in zip(*updates[:rows], strict=True))  # type: ignore[return-value]


def test_window_follows_a_price_that_leaves_it() -> None:
    sides, ticks, sizes = walk(20_000)
    book, model = new_book(), Model()
    for side, price, size in zip(sides.tolist(), ticks.tolist(), sizes.tolist(), strict=True):
        far = int(book["far"][0])
        book_apply(book, side, price, size)
        if int(book["far"][0]) == far:
            model.apply(Side(side), price, size)
        model.forget(int(book["low"][0]))
    assert int(book["moves"][0]) >= 5
    assert int(book["dropped"][0]) > 100
    assert_same(book, model)


_TWIN = """
import sys
import numpy as np
from quaestor.market.order_book.order_book import book_apply, book_dtype
from quaestor.jit.compile import INTERPRETED
assert INTERPRETED
sides, ticks, sizes = np.load(sys.argv[1])
book = np.zeros(1, book_dtype(8192))
for side, price, size in zip(sides, ticks, sizes):
    book_apply(book, np.int64(side), np.int64(price), size)
np.save(sys.argv[2], np.frombuffer(book.tobytes(), np.uint8))
"""


def test_interpreted_book_gives_the_same_bits(tmp_path: Path) -> None:
    sides, ticks, sizes = walk(8_000)
    book = new_book()
    _replay(book, sides, ticks, sizes, np.zeros((2, 8_000), np.int64))
    assert int(book["moves"][0]) > 1
    updates_file, answer = tmp_path / "updates.npy", tmp_path / "book.npy"
    np.save(updates_file, np.array([sides, ticks, sizes]))
    environment = os.environ | {"QUAESTOR_INTERPRET": "1", "PYTHONWARNINGS": "error"}
    subprocess.run([sys.executable, "-c", _TWIN, str(updates_file), str(answer)], check=True, env=environment)
    assert np.load(answer).tobytes() == book.tobytes()


def test_book_survives_a_copy_through_bytes() -> None:
    sides, ticks, sizes = walk(4_000)
    whole, best = new_book(), np.zeros((2, 4_000), np.int64)
    _replay(whole, sides, ticks, sizes, best)
    held = new_book()
    for start in range(0, 4_000, 333):
        part = slice(start, start + 333)
        held = np.frombuffer(bytearray(held.tobytes()), held.dtype)
        _replay(held, sides[part], ticks[part], sizes[part], np.zeros((2, 333), np.int64))
    assert held.tobytes() == whole.tobytes()


def test_erroneous_price_does_not_move_the_window() -> None:
    book = new_book()
    for side, ticks in ((BID, 1_000), (ASK, 1_001)):
        book_apply(book, side, ticks, 1.0)
    book_apply(book, BID, 10**7, 3.0)
    book_apply(book, ASK, -(10**7), 3.0)
    assert (book_best(book, BID), book_best(book, ASK)) == (1_000, 1_001)
    assert int(book["far"][0]) == 2


def test_emptied_side_moves_the_window_to_a_distant_level() -> None:
    book = new_book()
    for side, ticks in ((BID, 1_000), (ASK, 1_001)):
        book_apply(book, side, ticks, 1.0)
    for side, ticks in ((ASK, 1_001), (BID, 1_000)):
        book_apply(book, side, ticks, 0.0)
    book_apply(book, BID, 90_000, 2.0)
    book_apply(book, ASK, 90_004, 3.0)
    assert (book_best(book, BID), book_best(book, ASK)) == (90_000, 90_004)
    assert int(book["far"][0]) == int(book["dropped"][0]) == 0


def test_reset_book_is_empty_and_starts_at_any_price() -> None:
    book = new_book()
    book_apply(book, BID, 1_000, 1.0)
    book_reset(book)
    assert book_best(book, BID) == NO_LEVEL
    book_apply(book, ASK, 10**9, 1.0)
    assert book_best(book, ASK) == 10**9


def test_views_equal_hand_computed_values() -> None:
    book = new_book()
    for side, ticks, size in ((BID, 99, 1.0), (BID, 97, 2.0), (BID, 90, 4.0), (ASK, 101, 0.5), (ASK, 104, 3.0)):
        book_apply(book, side, ticks, size)
    assert book_next(book, BID, 99) == 97
    assert book_next(book, BID, 98) == 97
    assert book_next(book, ASK, 104) == NO_LEVEL
    assert book_size(book, ASK, 104) == 3.0
    assert book_size(book, ASK, 10**8) == book_size(book, BID, 98) == 0.0
    assert size_within(book, BID, NO_LEVEL, 97.0) == 3.0
    assert size_within(book, BID, NO_LEVEL, 97.5) == 1.0
    assert size_within(book, ASK, 101, 104.0) == 3.0
    assert sweep(book, ASK, 2.0) == (2.0, 0.5 * 101 + 1.5 * 104)
    assert sweep(book, ASK, 9.0) == (3.5, 0.5 * 101 + 3.0 * 104)
    assert sweep(book, BID, 0.0) == (0.0, 0.0)
    prices, amounts = np.zeros(3, np.int64), np.zeros(3)
    assert copy_levels(book, BID, 97, prices, amounts, 1) == 2
    assert (prices[1], amounts[1]) == (90, 4.0)


@pytest.mark.parametrize("capacity", [4_096, 10_000, 0])
def test_capacity_that_is_no_power_of_two_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        book_dtype(capacity)


@kernel
def _bits(x: int) -> tuple[int, int]:
    return lowest_bit(x), highest_bit(x)


@given(st.integers(1, 2**62))
def test_lowest_and_highest_bit_equal_python(x: int) -> None:
    assert _bits(x) == (lowest_bit(x), highest_bit(x)) == ((x & -x).bit_length() - 1, x.bit_length() - 1)
