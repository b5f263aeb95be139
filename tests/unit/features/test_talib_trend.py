"""Trend features against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable

import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars

ORACLES: dict[str, Callable[[Bars], Series]] = {
    "linearreg_14": lambda b: talib.LINEARREG(b.close, 14),
    "linearreg_intercept_14": lambda b: talib.LINEARREG_INTERCEPT(b.close, 14),
    "linearreg_slope_14": lambda b: talib.LINEARREG_SLOPE(b.close, 14),
    "linearreg_slope_50": lambda b: talib.LINEARREG_SLOPE(b.close, 50),
    "linearreg_angle_14": lambda b: talib.LINEARREG_ANGLE(b.close, 14),
    "tsf_14": lambda b: talib.TSF(b.close, 14),
    "trange": lambda b: talib.TRANGE(b.high, b.low, b.close),
    "midpoint_14": lambda b: talib.MIDPOINT(b.close, 14),
    "midprice_14": lambda b: talib.MIDPRICE(b.high, b.low, 14),
    "sar_0.02_0.2": lambda b: talib.SAR(b.high, b.low, 0.02, 0.2),
    "sar_0.05_0.12": lambda b: talib.SAR(b.high, b.low, 0.05, 0.12),
    "sarext_0_0.02_0.02_0.2_0.02_0.02_0.2": lambda b: talib.SAREXT(b.high, b.low),
    "sarext_0.01_0.03_0.01_0.1_0.02_0.04_0.3": lambda b: talib.SAREXT(
        b.high, b.low, 0.0, 0.01, 0.03, 0.01, 0.1, 0.02, 0.04, 0.3
    ),
    "macdfix_9": lambda b: talib.MACDFIX(b.close, 9)[0],
    "macdfix_9.signal": lambda b: talib.MACDFIX(b.close, 9)[1],
    "macdfix_5.hist": lambda b: talib.MACDFIX(b.close, 5)[2],
    "rma_30": lambda b: talib.RMA(b.close, 30),
}

#: Tolerances near zero, where TA-Lib's slopes are small differences of sums of prices.
NOISE = {"linearreg_slope_14": 1e-9, "linearreg_slope_50": 1e-9, "linearreg_angle_14": 1e-7}


def test_trend_equals_talib_on_real_bars() -> None:
    assert_agrees(ORACLES, load_bars(), NOISE)
