"""Small cuts of recorded files: what the tests read that need nothing beside the repository.

``python tests/data/make_cuts.py [FOLDER]`` writes them anew beside this file; FOLDER holds the recordings,
``$QUAESTOR_SHARED/data`` where none is named. The same recordings make the same bytes.
"""

import os
import sys
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
YEAR = "binance_spot_BTCUSDT_1m_20230301_20240229.parquet"
MINUTES = "binance_spot_BTCUSDT_1m_20230301_20230411.parquet"
QUARTER_HOURS = "binance_spot_BTCUSDT_15m_20230301_20230510.parquet"
TAPES = tuple(
    f"hft_binance_{market}_BTCUSDT_20240808_{kind}.parquet"
    for market in ("spot", "usdm")
    for kind in ("depth", "bookticker", "trades")
)

MINUTES_ROWS = 60_000
TAPE_NS = 90 * 1_000_000_000
QUARTER_NS = 15 * 60 * 1_000_000_000
#: 2023-05-10, where the quarter hours end.
QUARTERS_END_NS = 1_683_676_800 * 1_000_000_000


def cut_minutes(year: pl.DataFrame) -> pl.DataFrame:
    """Return the first six weeks of the year, as recorded."""
    return year.head(MINUTES_ROWS)


def cut_quarter_hours(year: pl.DataFrame) -> pl.DataFrame:
    """Return quarter hours of the first ten weeks: first, highest, lowest and last price, sums of what was traded."""
    return (
        year.filter(pl.col("ts") < QUARTERS_END_NS)
        .group_by(pl.col("ts") // QUARTER_NS * QUARTER_NS, maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
            pl.col("trades").sum(),
            pl.col("taker_buy_base").sum(),
        )
    )


def cut_tape(folder: Path, name: str) -> pl.DataFrame:
    """Return what a stream holds of the first 90 seconds of its market's book; the snapshot is among them."""
    market = name.rpartition("_")[0]
    first = pl.scan_parquet(folder / f"{market}_depth.parquet").select(pl.col("local_ts").min()).collect().item()
    return pl.read_parquet(folder / name).filter(pl.col("local_ts") < first + TAPE_NS)


def write(frame: pl.DataFrame, name: str) -> None:
    """Write a cut beside this file."""
    frame.write_parquet(HERE / name, compression="zstd", compression_level=19)


def main(folder: Path) -> None:
    """Write every cut."""
    year = pl.read_parquet(folder / YEAR)
    write(cut_minutes(year), MINUTES)
    write(cut_quarter_hours(year), QUARTER_HOURS)
    for name in TAPES:
        write(cut_tape(folder, name), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ["QUAESTOR_SHARED"]) / "data")
