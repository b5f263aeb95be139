"""Averages of averages against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable

import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars

ORACLES: dict[str, Callable[[Bars], Series]] = {
    "dema_20": lambda b: talib.DEMA(b.close, 20),
    "tema_20": lambda b: talib.TEMA(b.close, 20),
    "t3_5_0.7": lambda b: talib.T3(b.close, 5, 0.7),
    "t3_9_0.5": lambda b: talib.T3(b.close, 9, 0.5),
    "trix_15": lambda b: talib.TRIX(b.close, 15),
    "wma_20": lambda b: talib.WMA(b.close, 20),
    "wma_33": lambda b: talib.WMA(b.close, 33),
    "trima_20": lambda b: talib.TRIMA(b.close, 20),
    "trima_33": lambda b: talib.TRIMA(b.close, 33),
    "kama_10": lambda b: talib.KAMA(b.close, 10),
    "kama_30": lambda b: talib.KAMA(b.close, 30),
}


def test_averages_equal_talib_on_real_bars() -> None:
    assert_agrees(ORACLES, load_bars(), {"trix_15": 1e-11})
