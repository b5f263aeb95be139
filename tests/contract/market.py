"""Market columns for the contract suites, random and extreme, and ways of walking over them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.kernels.columns import Column

Columns = NDArray[np.float64]

_ROWS = Column.BENCHMARK + 1


def random_columns(rows: int, seed: int = 7) -> Columns:
    """A random walk with consistent bars, prices that repeat and bars without volume; a benchmark that moves along."""
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0, 0.004, rows) * (generator.random(rows) < 0.85)
    close = np.round(100.0 * np.exp(np.cumsum(steps)), 2)
    opened = np.concatenate([[100.0], close[:-1]])
    columns = np.full((_ROWS, rows), np.nan)
    columns[Column.OPEN] = opened
    columns[Column.HIGH] = np.round(np.maximum(opened, close) * (1 + generator.random(rows) * 0.002), 2)
    columns[Column.LOW] = np.round(np.minimum(opened, close) * (1 - generator.random(rows) * 0.002), 2)
    columns[Column.CLOSE] = close
    columns[Column.VOLUME] = np.round(generator.gamma(1.0, 5.0, rows) * (generator.random(rows) < 0.9), 5)
    own = generator.normal(0.0, 0.003, rows) * (generator.random(rows) < 0.85)
    columns[Column.BENCHMARK] = np.round(2000.0 * np.exp(np.cumsum(0.6 * steps + own)), 1)
    return columns


def constant_columns(rows: int, price: float = 100.0, volume: float = 3.0) -> Columns:
    """Bars in which nothing moves."""
    columns = np.full((_ROWS, rows), price)
    columns[Column.VOLUME] = volume
    return columns


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
