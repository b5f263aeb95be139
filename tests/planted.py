"""Bars with an edge planted in them: the drift of the price keeps its sign for long, so the past tells the future."""

from pathlib import Path

import numpy as np
import polars as pl

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.domain.bars import Bars
from quaestor.research.training.settings import TrainingSettings

HOUR = 3_600_000_000_000
START = 1_640_995_200_000_000_000  # 2022-01-01

#: Few features and the fastest learners: enough for what is planted.
SMALL = TrainingSettings(
    features=("mom_10", "rsi_14", "ewma_volatility_0.94", "efficiency_ratio_10.signed", "volume_ratio_20"),
    learners=("logistic", "lightgbm"),
    specialists=(),
    alphas=(("ema_cross", (("side", "both"),)),),
    barrier=Barrier(profit=1.0, stop=1.0, rows=12, cost=0.002),
    samples_max=4_000,
    suspicion=0.5,
)


def planted_bars(count: int, *, drift: float = 0.25, volatility: float = 0.005, seed: int = 1) -> Bars:
    """Hourly bars whose return is normal around ± drift · volatility; the sign turns every 150 bars in the mean."""
    rng = np.random.default_rng(seed)
    turns = np.cumsum(rng.random(count) < 1.0 / 150.0) % 2 * 2 - 1
    returns = volatility * (drift * turns + rng.standard_normal(count))
    close = 100.0 * np.exp(np.cumsum(returns))
    opened = np.concatenate(([100.0], close[:-1]))
    wick = volatility * np.abs(rng.standard_normal((2, count))) * 0.3
    high, low = np.maximum(opened, close) * (1.0 + wick[0]), np.minimum(opened, close) * (1.0 - wick[1])
    volume = 1e4 * np.exp(0.3 * rng.standard_normal(count))
    columns = np.round(np.stack((opened, high, low, close, volume)), 6)
    ts = START + HOUR * np.arange(count)
    return Bars("PLANTUSDT", HOUR, ts, columns, np.zeros(count, np.uint32))


def write_bars(bars: Bars, path: Path) -> Path:
    """The bars as a file that a run reads."""
    names = ("open", "high", "low", "close", "volume")
    series = {name: bars.columns[row] for row, name in enumerate(names)}
    pl.DataFrame({"symbol": [bars.symbol] * len(bars), "ts": bars.ts, **series}).write_parquet(path)
    return path
