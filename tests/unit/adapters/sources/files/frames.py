"""Small hand-made files for tests of the readers."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

HOUR = 3_600_000_000_000
FIRST = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000


def hourly(n: int = 6, price: float = 100.0) -> pl.DataFrame:
    """Hourly bars from 2024-01-01 with distinct values in every cell."""
    base = price + np.arange(n, dtype=np.float64)
    return pl.DataFrame(
        {
            "ts": FIRST + HOUR * np.arange(n, dtype=np.int64),
            "open": base,
            "high": base + 0.75,
            "low": base - 0.5,
            "close": base + 0.25,
            "volume": 10.0 + np.arange(n),
        }
    )


def write(frame: pl.DataFrame, path: Path) -> Path:
    """Write a frame by the ending of the name."""
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".csv":
            frame.write_csv(path)
        case ".feather":
            frame.write_ipc(path, compression="lz4")
        case other:
            raise AssertionError(other)
    return path
