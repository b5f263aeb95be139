"""Statistics, ranges and bands against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable

import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars

ORACLES: dict[str, Callable[[Bars], Series]] = {
    "correl_30": lambda b: talib.CORREL(b.high, b.low, 30),
    "beta_5": lambda b: talib.BETA(b.high, b.low, 5),
    "beta_30": lambda b: talib.BETA(b.high, b.low, 30),
    "avgdev_14": lambda b: talib.AVGDEV(b.close, 14),
    "percentile_30_50": lambda b: talib.PERCENTILE(b.close, 30, 50.0),
    "percentile_33_20": lambda b: talib.PERCENTILE(b.close, 33, 20.0),
    "percentile_33_99.5": lambda b: talib.PERCENTILE(b.close, 33, 99.5),
    "percentrank_100": lambda b: talib.PERCENTRANK(b.close, 100),
    "kc_20_10_2.upper": lambda b: talib.KC(b.high, b.low, b.close, 20, 10, 2.0)[0],
    "kc_20_10_2.middle": lambda b: talib.KC(b.high, b.low, b.close, 20, 10, 2.0)[1],
    "kc_5_20_1.5.middle": lambda b: talib.KC(b.high, b.low, b.close, 5, 20, 1.5)[1],
    "kc_5_20_1.5.lower": lambda b: talib.KC(b.high, b.low, b.close, 5, 20, 1.5)[2],
    "accbands_20.upper": lambda b: talib.ACCBANDS(b.high, b.low, b.close, 20)[0],
    "accbands_20.middle": lambda b: talib.ACCBANDS(b.high, b.low, b.close, 20)[1],
    "accbands_20.lower": lambda b: talib.ACCBANDS(b.high, b.low, b.close, 20)[2],
    "rvi_14_10": lambda b: talib.RVI(b.close, 14, 10),
    "adr_14": lambda b: talib.ADR(b.high, b.low, 14),
    "chaikin_volatility_10_10": lambda b: talib.CVI(b.high, b.low, 10, 10),
    "mass_9_25": lambda b: talib.MASSI(b.high, b.low, 9, 25),
}


def test_statistics_equal_talib_on_real_bars() -> None:
    assert_agrees(ORACLES, load_bars())
