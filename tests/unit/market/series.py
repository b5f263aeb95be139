"""Small constructed series for tests of the market stage."""

import numpy as np
from numpy.typing import NDArray

from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS

MINUTE = 60_000_000_000


def flat_columns(n: int, price: float = 100.0, volume: float = 1.0) -> NDArray[np.float64]:
    """Return bars that alternate slightly around one price, neither stale nor jumping."""
    columns = np.empty((N_COLUMNS, n), dtype=np.float64)
    columns[0] = price
    columns[1] = price * 1.001
    columns[2] = price * 0.999
    columns[3] = price * (1.0 + 0.0005 * (np.arange(n) % 2))
    columns[4] = volume
    return columns


def minutes(n: int, start: int = 0) -> NDArray[np.int64]:
    """Return open times one minute apart."""
    return start + MINUTE * np.arange(n, dtype=np.int64)


def bars_of(ts: NDArray[np.int64], columns: NDArray[np.float64], interval_ns: int = MINUTE) -> Bars:
    """Return unflagged bars of a test symbol."""
    return Bars("TEST", interval_ns, ts, columns, np.zeros(len(ts), dtype=np.uint32))
