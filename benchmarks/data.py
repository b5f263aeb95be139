"""The bars that are measured on, and the configurations of the runs."""

import os
from functools import cache
from pathlib import Path

import polars as pl

from quaestor.runtime.config import RunConfig, load_config
from quaestor.sample import sample_path

SYMBOL = "BTCUSDT"
FAST, SLOW = 50, 200
MINUTE_NS = 60_000_000_000
#: Bars of the comparison with NautilusTrader: twelve weeks of minutes.
PEER_BARS = 120_000

_YEAR = "binance_spot_BTCUSDT_1m_20230301_20240229.parquet"
_COLUMNS = ["ts", "open", "high", "low", "close", "volume"]


def shared_folder() -> Path:
    """The folder of real recorded files, whether it is there or not."""
    chosen = os.environ.get("QUAESTOR_SHARED")
    root = Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared"
    return root / "data"


@cache
def minutes() -> pl.DataFrame:
    """1-minute bars of BTCUSDT: a year where the shared folder is at hand, else the month that the package brings."""
    year = shared_folder() / _YEAR
    if year.exists():
        return pl.read_parquet(year, columns=_COLUMNS)
    return pl.read_parquet(sample_path("1m")).filter(pl.col("symbol") == SYMBOL).select(_COLUMNS)


def write_minutes(folder: Path, bars: int) -> Path:
    """A file of so many bars, written to `folder`: the recorded ones, repeated with later stamps where they run out."""
    frame = minutes()
    span = int(frame["ts"][-1] - frame["ts"][0]) + MINUTE_NS
    copies = -(-bars // len(frame))
    shifted = [frame.with_columns(pl.col("ts") + k * span) for k in range(copies)]
    path = folder / f"binance_spot_{SYMBOL}_1m_{bars}.parquet"
    pl.concat(shifted).head(bars).write_parquet(path)
    return path


def configuration(path: Path, *, profile: str = "default", journal: Path | None = None) -> RunConfig:
    """EMA 50/200, long only. Under the permissive profile all equity is in every entry and only the fee costs."""
    options: dict[str, object] = {
        "data.path": path,
        "data.symbol": SYMBOL,
        "data.market": "spot",
        "strategy.name": "ema_cross",
        "risk.profile": profile,
        "journal.dir": journal,
    }
    if profile == "permissive":
        options |= {"account.size": "1.0", "costs.fee_bps": "10", "costs.slippage_bps": "0"}
    return load_config(options=options, settings=(f"fast={FAST}", f"slow={SLOW}"), environment={}, dotenv=None)
