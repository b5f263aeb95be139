"""Markets of which no recording comes with the repository, made from recorded spot bars by fixed rules.

Each function says its rule; the same rule gives the same bytes. They hold what the program reads of such markets (a
perpetual's settlements, an equity's sessions and split, headlines, an index, defects), not what such markets do.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from tests.slices import BARS, HOURS, JANUARY, MINUTES, SYMBOLS, stamp

_MINUTE = 60_000_000_000
_SETTLEMENT = 8 * 60 * _MINUTE
#: A perpetual trades so much above spot, before prices are rounded to its ticks.
_BASIS = 1.0002
_PERPETUAL_DECIMALS = {"BTCUSDT": 1, "ETHUSDT": 2, "SOLUSDT": 3}
#: What a coin becomes as a share: its symbol, and by how much its prices are divided.
_SHARES = {"BTCUSDT": ("SPY", 100.0), "ETHUSDT": ("AAPL", 10.0), "SOLUSDT": ("IBM", 0.5)}
_SESSION_HOURS = 8
#: From this session on a share of AAPL is split in four.
SPLIT_DATE = date(2019, 6, 10)


@dataclass(frozen=True, slots=True)
class Perpetuals:
    """Files of five-minute bars, of funding rates and of mark prices."""

    bars: Path
    funding: Path
    mark: Path

    @property
    def options(self) -> tuple[str, ...]:
        """Return the options of a run, but for the symbols."""
        market = ("--market", "perp", "--funding", str(self.funding), "--mark", str(self.mark))
        return ("--data", str(self.bars), *market)


def make_perpetuals(folder: Path, start: str = "2024-01-08", end: str = "2024-01-14") -> Perpetuals:
    """Write perpetuals of BTC, ETH and SOL: the minutes of January 2024 in fives, two basis points above spot.

    Funding settles every eight hours, some milliseconds late, at rates that swing around a hundredth of a per cent and
    are below zero at times (`funding_rates`). The mark opens a ten-thousandth below the perpetual.
    """
    kept = (pl.col("ts") >= stamp(start)) & (pl.col("ts") < stamp(end))
    minutes = pl.read_parquet(JANUARY).filter(kept)
    bars = pl.concat([_perpetual(minutes, symbol) for symbol in SYMBOLS])
    opens = bars.filter(pl.col("ts") % _SETTLEMENT == 0)
    late = (pl.col("ts") // _SETTLEMENT % 3) * 4_000_000
    funding = opens.select("symbol", ts=pl.col("ts") + late, funding_rate=funding_rates(opens["ts"]))
    mark = opens.select("symbol", "ts", *(pl.col(name) * 0.9999 for name in BARS[:4]))
    made = Perpetuals(*(folder / f"binance_perp_{name}.parquet" for name in ("5m", "funding", "mark")))
    for frame, path in ((bars, made.bars), (funding, made.funding), (mark, made.mark)):
        frame.write_parquet(path)
    return made


def funding_rates(stamps: pl.Series) -> pl.Series:
    """Return the rate settled at each stamp: 0.0001 · (1 + 2 · sin(2π · k / 9)), k counting settlements since 1970."""
    turn = 2.0 * np.pi * (stamps.to_numpy() // _SETTLEMENT % 9) / 9.0
    return pl.Series(np.round(1e-4 * (1.0 + 2.0 * np.sin(turn)), 8))


def _perpetual(minutes: pl.DataFrame, symbol: str) -> pl.DataFrame:
    prices = [(pl.col(name) * _BASIS).round(_PERPETUAL_DECIMALS[symbol]) for name in BARS[:4]]
    fives = in_bars(minutes.filter(pl.col("symbol") == symbol), 5 * _MINUTE)
    return fives.select(pl.lit(symbol).alias("symbol"), "ts", *prices, pl.col("volume").round(3))


def in_bars(bars: pl.DataFrame, length_ns: int) -> pl.DataFrame:
    """Return longer bars of one symbol, ``ts`` and `BARS`."""
    return bars.group_by(pl.col("ts") // length_ns * length_ns, maintain_order=True).agg(
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
    )


def make_equities(path: Path) -> Path:
    """Write four years of daily sessions of three shares: eight recorded hours a session, on weekdays from 2018-01-01.

    Prices are scaled to those of a share, in cents; a share of AAPL is split in four on `SPLIT_DATE`, and prices are
    raw, as before adjustment. Volumes are whole shares.
    """
    hours = pl.read_parquet(HOURS)
    frames = []
    for coin, (share, divisor) in _SHARES.items():
        own = hours.filter(pl.col("symbol") == coin).with_columns(ts=pl.int_range(pl.len(), dtype=pl.Int64))
        sessions = in_bars(own, _SESSION_HOURS).drop("ts")
        days = pl.Series("date", weekdays(date(2018, 1, 1), len(sessions)))
        parts = pl.when(pl.lit(share == "AAPL") & (pl.col("date") >= SPLIT_DATE)).then(4.0).otherwise(1.0)
        prices = [(pl.col(name) / divisor / parts).round(2) for name in BARS[:4]]
        volume = (pl.col("volume") * divisor).ceil().cast(pl.Int64)
        frames.append(sessions.with_columns(days).select(pl.lit(share).alias("symbol"), "date", *prices, volume))
    pl.concat(frames).write_parquet(path)
    return path


def weekdays(first: date, count: int) -> list[date]:
    """Return so many days from the first that are neither Saturday nor Sunday."""
    days = (first + timedelta(days=k) for k in range(2 * count + 7))
    return [day for day in days if day.weekday() < 5][:count]


_SUBJECTS = ("Bitcoin", "Ethereum", "Solana", "BTC", "Ether", "The market")
_EVENTS = ("soars", "plunges", "rises", "falls", "holds steady", "hits a record high", "suffers a hack", "gains")
_PLACES = ("in Asia", "as traders return", "after the upgrade", "before the report", "on thin volume")


def make_headlines(path: Path, start: str = "2023-03-01", count: int = 3_000) -> Path:
    """Write headlines of our own words, one every 37 minutes.

    Subjects, events and places go round, so each asset is praised and blamed; every 400th title is blank.
    """
    words = list(product(_PLACES, _EVENTS, _SUBJECTS))
    titles = [" ".join(reversed(words[7 * k % len(words)])) if k % 400 else " " for k in range(count)]
    ts = stamp(start) + 37 * _MINUTE * np.arange(count)
    pl.DataFrame({"ts": ts, "source": ["Gazette"] * count, "title": titles}).write_parquet(path)
    return path


def make_fear_greed(path: Path, start: date = date(2023, 2, 20), days: int = 400) -> Path:
    """Write a daily index from 5 to 95: 50 + 45 · sin(k / 11), in whole numbers."""
    dates = [start + timedelta(days=k) for k in range(days)]
    values = np.rint(50.0 + 45.0 * np.sin(np.arange(days) / 11.0)).astype(np.int64)
    pl.DataFrame({"date": dates, "fng": values}).write_parquet(path)
    return path


#: What `make_dirty` plants: rows, rows taken out in two places, rows off the minute, rows without volume.
DIRTY_ROWS, DIRTY_MISSING, DIRTY_SHIFTED, DIRTY_SILENT = 30_000, (2_010, 249), 600, 3
#: Rows kept and rows missing of each stretch that `make_chunked` makes.
CHUNK_KEPT, CHUNK_MISSING = 200, 801


def make_dirty(path: Path) -> Path:
    """Write three weeks of BTCUSDT minutes with an outage, a hole, labels off the minute and minutes without volume."""
    rows = pl.read_parquet(MINUTES, columns=["ts", *BARS]).head(DIRTY_ROWS)
    k = pl.int_range(pl.len())
    outage, hole = DIRTY_MISSING
    shifted = k.is_between(1_000, 1_000 + DIRTY_SHIFTED, closed="left")
    rows = rows.with_columns(
        ts=pl.col("ts") + pl.when(shifted).then(20_799_000_000).otherwise(0),
        volume=pl.when(k.is_between(400, 400 + DIRTY_SILENT, closed="left")).then(0.0).otherwise("volume"),
    )
    kept = ~(k.is_between(5_000, 5_000 + outage, closed="left") | k.is_between(15_000, 15_000 + hole, closed="left"))
    rows.filter(kept).write_parquet(path)
    return path


def make_chunked(path: Path) -> Path:
    """Write a broken download: 200 minutes, then 801 missing, over and over, as a perpetual of ADAUSDT."""
    rows = pl.read_parquet(MINUTES, columns=["ts", *BARS]).head(30_000)
    prices = [(pl.col(name) / 60_000.0).round(4) for name in BARS[:4]]
    kept = pl.int_range(pl.len()) % (CHUNK_KEPT + CHUNK_MISSING) < CHUNK_KEPT
    rows.filter(kept).select(pl.lit("ADAUSDT").alias("symbol"), "ts", *prices, "volume").write_parquet(path)
    return path


def make_quotes() -> pl.DataFrame:
    """Return 3,000 minutes of a share: ``ts``, `BARS` of the middle of its book and ``spread``, prices in cents.

    Prices are recorded ones of BTCUSDT in dollars, taken for cents.

    The book is one to three cents wide, locked in every 97th minute, and 40 cents wide for five minutes in every 400.
    """
    minutes = pl.read_parquet(MINUTES, columns=["ts", *BARS]).head(3_000)
    k = np.arange(len(minutes))
    spread = np.where(k % 400 >= 395, 40, np.where(k % 97 == 0, 0, 1 + k % 3))
    return minutes.with_columns(pl.Series("spread", spread))
