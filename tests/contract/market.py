"""Market columns for the contract suites, random and extreme, and ways of walking over them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.kernels.columns import Column

Columns = NDArray[np.float64]


#: Rows that the random matrices hold: a bar, the flow within it and what was known at its close.
MATRIX_ROWS = Column.HEADLINES + 1


def random_columns(rows: int, seed: int = 7) -> Columns:
    """A random walk with consistent bars, prices that repeat and bars without volume; flow and side data beside it."""
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0, 0.004, rows) * (generator.random(rows) < 0.85)
    close = np.round(100.0 * np.exp(np.cumsum(steps)), 2)
    opened = np.concatenate([[100.0], close[:-1]])
    columns = np.empty((MATRIX_ROWS, rows))
    columns[Column.OPEN] = opened
    columns[Column.HIGH] = np.round(np.maximum(opened, close) * (1 + generator.random(rows) * 0.002), 2)
    columns[Column.LOW] = np.round(np.minimum(opened, close) * (1 - generator.random(rows) * 0.002), 2)
    columns[Column.CLOSE] = close
    columns[Column.VOLUME] = np.round(generator.gamma(1.0, 5.0, rows) * (generator.random(rows) < 0.9), 5)
    volume = columns[Column.VOLUME]
    columns[Column.TRADES] = np.ceil(volume)
    columns[Column.BUY_VOLUME] = np.round(volume * generator.random(rows), 5)
    columns[Column.ORDER_FLOW] = np.round(generator.normal(0.0, 5.0, rows), 5)
    columns[Column.BENCHMARK] = np.round(50.0 * np.exp(np.cumsum(generator.normal(0.0, 0.003, rows))), 2)
    columns[Column.FUNDING_RATE] = np.repeat(generator.normal(1e-4, 2e-4, rows // 8 + 1).clip(-5e-4, 5e-4), 8)[:rows]
    columns[Column.FEAR_GREED] = np.repeat(generator.integers(0, 101, rows // 24 + 1), 24)[:rows]
    columns[Column.SENTIMENT] = generator.uniform(-1.0, 1.0, rows) * (generator.random(rows) < 0.8)
    columns[Column.HEADLINES] = generator.gamma(1.0, 2.0, rows) * (generator.random(rows) < 0.8)
    return columns


def constant_columns(rows: int, price: float = 100.0, volume: float = 3.0) -> Columns:
    """Bars in which nothing moves."""
    columns = np.full((MATRIX_ROWS, rows), price)
    columns[Column.VOLUME] = volume
    columns[Column.TRADES : Column.BENCHMARK] = 0.0
    columns[Column.FUNDING_RATE] = 1e-4
    columns[Column.SENTIMENT] = 0.25
    return columns


def irregular_stamps(rows: int, seed: int = 13) -> NDArray[np.int64]:
    """Ascending stamps of rows, int64 ns UTC: from the end of February 2023 on, minutes apart, with gaps of hours, days
    and months."""
    steps = [1, 5, 60, 9 * 60, 3 * 24 * 60, 40 * 24 * 60]
    minutes = np.random.default_rng(seed).choice(steps, rows, p=[0.6, 0.2, 0.15, 0.03, 0.015, 0.005])
    return np.array("2023-02-27T21:00", "M8[ns]").astype(np.int64) + 60_000_000_000 * np.cumsum(minutes)


def chunks(rows: int, seed: int) -> Iterator[tuple[int, int]]:
    """Random consecutive ranges that cover 0 … rows−1, many of them a single row or empty."""
    generator = np.random.default_rng(seed)
    start = 0
    while start < rows:
        stop = min(rows, start + int(generator.choice([0, 1, 1, 2, 7, 31, 120])))
        yield start, stop
        start = stop


def run_in_chunks(advance: Callable[..., None], state: Any, leading: tuple[Any, ...], rows: int, seed: int) -> None:
    """Call ``advance(state, *leading, i, n)`` over random chunks, the state going through bytes in between."""
    held = state
    for i, n in chunks(rows, seed):
        held = np.frombuffer(bytearray(held.tobytes()), dtype=held.dtype)
        advance(held, *leading, i, n)
