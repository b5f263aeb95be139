"""Real minutes with a real order book, for features that read one: a book is recorded for eleven minutes only."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import MINUTE_NS, SYMBOL, minutes, shared_folder
from quaestor.adapters.sources.files.tape import load_tape_rows
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import ALL_COLUMNS, N_COLUMNS, Column, book_row
from quaestor.errors import ConfigError

#: Levels a side that the default features read.
LEVELS = 5
_RECORDED = "hft_binance_spot_BTCUSDT_20240808_depth.parquet"
_CLOCK = "100ms"
_PRICES = (Column.BID_PRICE, Column.ASK_PRICE)
_SIZES = (Column.BID_SIZE, Column.ASK_SIZE)


def bars_with_book(count: int) -> Bars:
    """The first `count` recorded minutes. Each has a recorded book around its close, the same distances off as when it
    was recorded: the books of eleven minutes, one each 100 ms, again and again.

    Raises:
        ConfigError: the folder of real data is not at hand.
    """
    depth = shared_folder() / _RECORDED
    if not depth.exists():
        raise ConfigError(f"needs {_RECORDED}", place="benchmarks", remedy="set QUAESTOR_SHARED to the folder above it")
    frame = minutes().head(count)
    columns = np.full((ALL_COLUMNS, len(frame)), np.nan)
    columns[:N_COLUMNS] = frame.select("open", "high", "low", "close", "volume").to_numpy().T
    books = _recorded_books(load_tape_rows(SYMBOL, _CLOCK, depth=depth).columns)
    order = np.arange(len(frame)) % books.shape[1]
    for level in range(LEVELS):
        for column in (*_PRICES, *_SIZES):
            row = book_row(column, level)
            scale = columns[Column.CLOSE] if column in _PRICES else 1.0
            columns[row] = books[row][order] * scale
    flags = np.zeros(len(frame), np.uint32)
    return Bars(SYMBOL, MINUTE_NS, frame["ts"].to_numpy().copy(), columns, flags)


def _recorded_books(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows in which every level is known, prices as multiples of the mid price."""
    read = [book_row(column, level) for level in range(LEVELS) for column in (*_PRICES, *_SIZES)]
    known = columns[:, np.isfinite(columns[read]).all(axis=0)].copy()
    mid = (known[Column.BID_PRICE] + known[Column.ASK_PRICE]) / 2.0
    for level in range(LEVELS):
        for column in _PRICES:
            known[book_row(column, level)] /= mid
    return known
