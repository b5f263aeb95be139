"""Trial markets: random and extreme market matrices to test features on, and random splits into chunks, by seed.

The feature check and the contract suites use the same ones.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.market_matrix import ALL_COLUMNS, BOOK_DISTANCES_BPS, BOOK_LEVELS, Column, book_row, distance_row

Columns = NDArray[np.float64]


def random_columns(rows: int, seed: int = 7) -> Columns:
    """Return a complete market matrix, which is the caller's to change: float64 (ALL_COLUMNS, rows).

    Prices follow a random walk with consistent bars, repeated prices and bars without volume; flow, reference series
    and order book are consistent with them.
    """
    return _drawn_columns(rows, seed).copy()


@lru_cache(maxsize=16)
def _drawn_columns(rows: int, seed: int) -> Columns:
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0, 0.004, rows) * (generator.random(rows) < 0.85)
    close = np.round(100.0 * np.exp(np.cumsum(steps)), 2)
    opened = np.concatenate([[100.0], close[:-1]])[:rows]
    columns = np.empty((ALL_COLUMNS, rows))
    columns[Column.OPEN] = opened
    columns[Column.HIGH] = np.round(np.maximum(opened, close) * (1 + generator.random(rows) * 0.002), 2)
    columns[Column.LOW] = np.round(np.minimum(opened, close) * (1 - generator.random(rows) * 0.002), 2)
    columns[Column.CLOSE] = close
    columns[Column.VOLUME] = np.round(generator.gamma(1.0, 5.0, rows) * (generator.random(rows) < 0.9), 5)
    _fill_flow(columns, generator)
    _fill_reference(columns, generator)
    _fill_book(columns, generator)
    return columns


def _fill_flow(columns: Columns, generator: np.random.Generator) -> None:
    """Write numbers of trades where there is volume, the share bought by takers, and changes of the best level."""
    rows = columns.shape[1]
    traded = columns[Column.VOLUME] > 0.0
    columns[Column.TRADES] = np.where(traded, generator.integers(1, 60, rows), 0)
    columns[Column.BUY_VOLUME] = np.round(columns[Column.VOLUME] * generator.beta(2.0, 2.0, rows), 5)
    columns[Column.ORDER_FLOW] = np.round(generator.normal(0.0, 4.0, rows), 5)


def _fill_reference(columns: Columns, generator: np.random.Generator) -> None:
    """Write a correlated benchmark, and funding, sentiment and index series that are held until they change."""
    rows = columns.shape[1]
    own = np.diff(np.log(columns[Column.CLOSE]), prepend=np.log(100.0))
    steps = 0.6 * own + generator.normal(0.0, 0.003, rows)
    columns[Column.BENCHMARK] = np.round(2_000.0 * np.exp(np.cumsum(steps)), 2)
    spell = np.arange(rows) // 24
    spells = rows // 24 + 1
    columns[Column.FUNDING_RATE] = np.round(generator.normal(1e-4, 1e-4, spells), 8)[spell]
    columns[Column.FEAR_GREED] = generator.integers(0, 101, spells)[spell]
    columns[Column.SENTIMENT] = np.clip(generator.normal(0.0, 0.4, spells), -1.0, 1.0)[spell]
    columns[Column.HEADLINES] = generator.poisson(2.0, spells)[spell] * generator.random(rows)


def _fill_book(columns: Columns, generator: np.random.Generator) -> None:
    """Write levels a few ticks of 0.01 apart around the close, and the sums of their sizes near the mid price."""
    rows = columns.shape[1]
    gaps = generator.integers(1, 4, (2, BOOK_LEVELS, rows)) * 0.01
    gaps[0, 0] = generator.integers(0, 3, rows) * 0.01
    offsets = np.cumsum(gaps, axis=1)
    bids = np.round(columns[Column.CLOSE] - offsets[0], 2)
    asks = np.round(columns[Column.CLOSE] + offsets[1], 2)
    sizes = np.round(generator.gamma(1.5, 2.0, (2, BOOK_LEVELS, rows)) + 0.5, 5)
    _write_book(columns, bids, asks, sizes)


def _write_book(columns: Columns, bids: Columns, asks: Columns, sizes: Columns) -> None:
    for level in range(BOOK_LEVELS):
        columns[book_row(Column.BID_PRICE, level)] = bids[level]
        columns[book_row(Column.BID_SIZE, level)] = sizes[0, level]
        columns[book_row(Column.ASK_PRICE, level)] = asks[level]
        columns[book_row(Column.ASK_SIZE, level)] = sizes[1, level]
    mid = (bids[0] + asks[0]) / 2.0
    for index, distance_bps in enumerate(BOOK_DISTANCES_BPS):
        reach = mid * distance_bps * 1e-4
        columns[distance_row(0, index)] = np.sum(sizes[0] * (mid - bids <= reach), axis=0)
        columns[distance_row(1, index)] = np.sum(sizes[1] * (asks - mid <= reach), axis=0)


def constant_columns(rows: int, price: float = 100.0, volume: float = 3.0) -> Columns:
    """Return a market matrix in which nothing changes: float64 (ALL_COLUMNS, rows)."""
    columns = np.full((ALL_COLUMNS, rows), price)
    columns[Column.VOLUME] = volume
    columns[Column.TRADES] = 2.0 if volume > 0.0 else 0.0
    columns[Column.BUY_VOLUME] = volume / 2.0
    columns[Column.ORDER_FLOW] = 0.0
    columns[Column.FUNDING_RATE] = 1e-4
    columns[Column.FEAR_GREED] = 50.0
    columns[Column.SENTIMENT] = 0.0
    columns[Column.HEADLINES] = 1.0
    ticks = 0.01 * (1.0 + np.arange(BOOK_LEVELS))[:, None] * np.ones(rows)
    _write_book(columns, price - ticks, price + ticks, np.full((2, BOOK_LEVELS, rows), 2.0))
    return columns


def irregular_stamps(rows: int, seed: int = 13) -> NDArray[np.int64]:
    """Return ascending time stamps, int64 ns UTC (rows,): from the end of February 2023 on, minutes apart, with gaps of
    hours, days and months."""
    steps = [1, 5, 60, 9 * 60, 3 * 24 * 60, 40 * 24 * 60]
    minutes = np.random.default_rng(seed).choice(steps, rows, p=[0.6, 0.2, 0.15, 0.03, 0.015, 0.005])
    return np.array("2023-02-27T21:00", "M8[ns]").astype(np.int64) + 60_000_000_000 * np.cumsum(minutes)


def chunks(rows: int, seed: int) -> Iterator[tuple[int, int]]:
    """Yield random consecutive ranges that cover 0 … rows−1, many of them empty or of a single row."""
    generator = np.random.default_rng(seed)
    start = 0
    while start < rows:
        stop = min(rows, start + int(generator.choice([0, 1, 1, 2, 7, 31, 120])))
        yield start, stop
        start = stop


def run_in_chunks(advance: Callable[..., None], state: Any, leading: tuple[Any, ...], rows: int, seed: int) -> None:
    """Call ``advance(state, *leading, i, n)`` over random chunks, copying the state through bytes in between."""
    held = state
    for i, n in chunks(rows, seed):
        held = np.frombuffer(bytearray(held.tobytes()), dtype=held.dtype)
        advance(held, *leading, i, n)
