"""Features against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
import talib
from numpy.typing import NDArray
from tests.slices import MINUTES
from tests.unit.features import (
    test_talib_averages,
    test_talib_cycle,
    test_talib_momentum,
    test_talib_price,
    test_talib_statistics,
    test_talib_trend,
)

from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.plan import compute, make_plan

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """Series that TA-Lib takes."""

    high: Series
    low: Series
    close: Series
    volume: Series


ORACLES: dict[str, Callable[[Prices], Series]] = {
    "ema_20": lambda b: talib.EMA(b.close, 20),
    "ema_200": lambda b: talib.EMA(b.close, 200),
    "sma_20": lambda b: talib.SMA(b.close, 20),
    "rsi_14": lambda b: talib.RSI(b.close, 14),
    "macd_12_26_9": lambda b: talib.MACD(b.close, 12, 26, 9)[0],
    "macd_12_26_9.signal": lambda b: talib.MACD(b.close, 12, 26, 9)[1],
    "macd_12_26_9.hist": lambda b: talib.MACD(b.close, 12, 26, 9)[2],
    "macd_5_35_5.hist": lambda b: talib.MACD(b.close, 5, 35, 5)[2],
    "bbands_20_2.upper": lambda b: talib.BBANDS(b.close, 20, 2, 2)[0],
    "bbands_20_2.middle": lambda b: talib.BBANDS(b.close, 20, 2, 2)[1],
    "bbands_20_2.lower": lambda b: talib.BBANDS(b.close, 20, 2, 2)[2],
    "bbands_33_1.5.lower": lambda b: talib.BBANDS(b.close, 33, 1.5, 1.5)[2],
    "atr_14": lambda b: talib.ATR(b.high, b.low, b.close, 14),
    "natr_14": lambda b: talib.NATR(b.high, b.low, b.close, 14),
    "adx_14": lambda b: talib.ADX(b.high, b.low, b.close, 14),
    "plus_di_14": lambda b: talib.PLUS_DI(b.high, b.low, b.close, 14),
    "minus_di_14": lambda b: talib.MINUS_DI(b.high, b.low, b.close, 14),
    "stoch_14_3_3.k": lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, 0, 3, 0)[0],
    "stoch_14_3_3.d": lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, 0, 3, 0)[1],
    "stoch_5_1_4.d": lambda b: talib.STOCH(b.high, b.low, b.close, 5, 1, 0, 4, 0)[1],
    "willr_14": lambda b: talib.WILLR(b.high, b.low, b.close, 14),
    "cci_20": lambda b: talib.CCI(b.high, b.low, b.close, 20),
    "mfi_14": lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14),
    "roc_10": lambda b: talib.ROC(b.close, 10),
    "obv": lambda b: talib.OBV(b.close, b.volume),
    "donchian_20.upper": lambda b: np.concatenate([[np.nan], talib.MAX(b.high, 20)[:-1]]),
    "donchian_20.lower": lambda b: np.concatenate([[np.nan], talib.MIN(b.low, 20)[:-1]]),
}

#: Where the true value is 0, TA-Lib's running sums leave noise of this size (on a scale of 0 to 100), as do the last
#: bits of prices of 30,000 in the difference of two averages.
NOISE = {
    "mfi_14": 1e-9,
    "stoch_14_3_3.k": 1e-10,
    "stoch_14_3_3.d": 1e-10,
    "stoch_5_1_4.d": 1e-10,
    "macd_12_26_9": 1e-10,
    "macd_12_26_9.signal": 1e-10,
    "macd_12_26_9.hist": 1e-10,
    "macd_5_35_5.hist": 1e-10,
}


@pytest.fixture(scope="module")
def columns() -> Series:
    """Return 50,000 real minutes, including an outage of the exchange."""
    frame = pl.read_parquet(MINUTES, columns=["open", "high", "low", "close", "volume"]).slice(10_000, 50_000)
    return np.ascontiguousarray(frame.to_numpy().T, dtype=np.float64)


@pytest.mark.parametrize("name", ORACLES)
def test_features_equal_talib_on_real_bars(name: str, columns: Series) -> None:
    plan = make_plan([name])
    ours = compute(plan, columns)[0]
    theirs = ORACLES[name](Prices(*columns[1:]))
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert int(np.isnan(ours).sum()) == plan.warmup
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=NOISE.get(name, 1e-12))


def test_every_feature_with_a_talib_name_is_compared_with_talib() -> None:
    modules = (
        test_talib_averages,
        test_talib_cycle,
        test_talib_momentum,
        test_talib_price,
        test_talib_statistics,
        test_talib_trend,
    )
    names = [*ORACLES, *(name for module in modules for name in module.ORACLES)]
    tested = {parse_feature(name).feature.name for name in names}
    assert {feature.name for feature in CATALOG if feature.source.startswith("TA-Lib")} <= tested


def test_features_absent_from_talib_equal_their_formulas(columns: Series) -> None:
    """Compare with their formulas, window by window."""
    names = ["volatility_20", "volume_ratio_20", "vwap_20", "efficiency_ratio_10.signed", "drawdown_240"]
    part = np.ascontiguousarray(columns[:, :3_000])
    out = compute(make_plan(names), part)
    high, low, close, volume = part[1:]
    typical = (high + low + close) / 3
    returns = np.diff(np.log(close))
    for k in range(300, 3_000, 37):
        expected = [
            np.std(returns[k - 20 : k], ddof=1),
            volume[k] / np.mean(volume[k - 20 : k]),
            np.dot(typical[k - 19 : k + 1], volume[k - 19 : k + 1]) / np.sum(volume[k - 19 : k + 1]),
            (close[k] - close[k - 10]) / np.sum(np.abs(np.diff(close[k - 10 : k + 1]))),
            close[k] / np.max(close[k - 239 : k + 1]) - 1,
        ]
        np.testing.assert_allclose(out[: len(names), k], expected, rtol=1e-9, atol=1e-15)
