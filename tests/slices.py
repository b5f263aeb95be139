"""Recorded bars that come with the repository: the bundled sample and the cuts in ``tests/data``, and slices of them.

Nothing here needs a file from elsewhere. What has no recording among them is made from these by `tests.made_markets`.
"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from quaestor.sample import sample_path

DATA = Path(__file__).parent / "data"
#: Six weeks of BTCUSDT minutes with trades and volume bought, 60,000 rows; 80 minutes of 2023-03-24 do not exist.
MINUTES = DATA / "binance_spot_BTCUSDT_1m_20230301_20230411.parquet"
#: Ten weeks of BTCUSDT quarter hours with trades and volume bought.
QUARTER_HOURS = DATA / "binance_spot_BTCUSDT_15m_20230301_20230510.parquet"
#: A year of hours of the three symbols of the sample, from 2023-03-01; hour 13 of 2023-03-24 does not exist.
HOURS = sample_path("1h")
#: January 2024 in minutes, of the same symbols.
JANUARY = sample_path("1m")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
BARS = ("open", "high", "low", "close", "volume")


def tape(market: str, kind: str) -> Path:
    """Return the file of 90 recorded seconds of a stream of BTCUSDT.

    Args:
        market: ``spot`` or ``usdm``.
        kind: ``depth``, ``bookticker`` or ``trades``.
    """
    return DATA / f"hft_binance_{market}_BTCUSDT_20240808_{kind}.parquet"


def stamp(text: str) -> int:
    """Return the nanoseconds UTC of an ISO time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def cut(source: Path, target: Path, start: str, end: str, *symbols: str) -> Path:
    """Write the rows of a file in a range, of some symbols where any is named; return where."""
    rows = pl.scan_parquet(source).filter((pl.col("ts") >= stamp(start)) & (pl.col("ts") < stamp(end)))
    if symbols:
        rows = rows.filter(pl.col("symbol").is_in(list(symbols)))
    rows.collect().write_parquet(target)
    return target


def hours_of(symbol: str) -> pl.DataFrame:
    """Return the year of hours of a symbol."""
    return pl.read_parquet(HOURS).filter(pl.col("symbol") == symbol)


def spot_hours(folder: Path, start: str = "2023-03-01", end: str = "2023-05-10") -> tuple[str, ...]:
    """Write BTCUSDT hours, by default ten weeks of a fall, a steep rise and an outage; return the options of a run."""
    path = cut(HOURS, folder / "binance_spot_BTCUSDT_1h.parquet", start, end, "BTCUSDT")
    return ("--data", str(path), "--symbol", "BTCUSDT")
