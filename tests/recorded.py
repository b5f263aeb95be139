"""Short slices of the real recorded files, each with the options that a run on it needs."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

HOURS = "binance_spot_10sym_1h_20220101_20241231.parquet"
MINUTES = "binance_spot_BTCUSDT_1m_20230301_20240229.parquet"
PERP = "binance_perp_5sym_5m_20230101_20240514.parquet"
FUNDING = "binance_perp_5sym_funding_8h_20230101_20240514.parquet"
MARK = "binance_perp_5sym_mark_8h_20230101_20240514.parquet"
EQUITIES = "us_equity_daily_6sym_1998_2021.parquet"
DIRTY = "binance_spot_BTCUSDT_1m_20171215_20180212_dirty.parquet"
BROKEN = "bybit_perp_ADAUSDT_1m_20240908_20241231_chunked_bad.parquet"


def stamp(text: str) -> int:
    """Nanoseconds UTC of an ISO time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def cut(source: Path, target: Path, start: str, end: str, symbol: str | None = None) -> Path:
    """Write the rows of a file in a range, of one symbol if it holds several."""
    rows = pl.scan_parquet(source).filter((pl.col("ts") >= stamp(start)) & (pl.col("ts") < stamp(end)))
    if symbol is not None:
        rows = rows.filter(pl.col("symbol") == symbol)
    rows.collect().write_parquet(target)
    return target


def spot_hours(data: Path, folder: Path, start: str = "2022-05-01", end: str = "2022-07-10") -> tuple[str, ...]:
    """Ten weeks of BTCUSDT hours: a fall, a crash and a recovery."""
    path = cut(data / HOURS, folder / "binance_spot_BTCUSDT_1h.parquet", start, end, "BTCUSDT")
    return ("--data", str(path), "--symbol", "BTCUSDT")


def perp_minutes(data: Path, folder: Path, start: str = "2023-03-08", end: str = "2023-03-14") -> tuple[str, ...]:
    """Six days of five-minute bars of a perpetual, with funding and marks."""
    bars = cut(data / PERP, folder / "binance_perp_5m.parquet", start, end, "ETHUSDT")
    funding = cut(data / FUNDING, folder / "binance_perp_funding.parquet", start, end, "ETHUSDT")
    mark = cut(data / MARK, folder / "binance_perp_mark.parquet", start, end, "ETHUSDT")
    market = ("--market", "perp", "--funding", str(funding), "--mark", str(mark))
    return ("--data", str(bars), "--symbol", "ETHUSDT", *market)
