"""Price features against TA-Lib on real bars, values and warm-up."""

from collections.abc import Callable

import numpy as np
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars


def bars_since(rows: Series, length: int) -> Series:
    """Return the distance of each row from the row that TA-Lib returns, NaN before the first complete window."""
    ages = np.arange(float(len(rows))) - rows
    ages[: length - 1] = np.nan
    return np.asarray(ages)


ORACLES: dict[str, Callable[[Bars], Series]] = {
    "avgprice": lambda b: talib.AVGPRICE(b.open, b.high, b.low, b.close),
    "medprice": lambda b: talib.MEDPRICE(b.high, b.low),
    "typprice": lambda b: talib.TYPPRICE(b.high, b.low, b.close),
    "wclprice": lambda b: talib.WCLPRICE(b.high, b.low, b.close),
    "ha.open": lambda b: talib.HA(b.open, b.high, b.low, b.close)[0],
    "ha.high": lambda b: talib.HA(b.open, b.high, b.low, b.close)[1],
    "ha.low": lambda b: talib.HA(b.open, b.high, b.low, b.close)[2],
    "ha.close": lambda b: talib.HA(b.open, b.high, b.low, b.close)[3],
    "max_30": lambda b: talib.MAX(b.close, 30),
    "min_30": lambda b: talib.MIN(b.close, 30),
    "sum_30": lambda b: talib.SUM(b.close, 30),
    "maxindex_30": lambda b: bars_since(talib.MAXINDEX(b.close, 30), 30),
    "minindex_7": lambda b: bars_since(talib.MININDEX(b.close, 7), 7),
    "minmax_20.min": lambda b: talib.MINMAX(b.close, 20)[0],
    "minmax_20.max": lambda b: talib.MINMAX(b.close, 20)[1],
    "minmaxindex_20.minindex": lambda b: bars_since(talib.MINMAXINDEX(b.close, 20)[0], 20),
    "minmaxindex_20.maxindex": lambda b: bars_since(talib.MINMAXINDEX(b.close, 20)[1], 20),
}


def test_prices_equal_talib_on_real_bars() -> None:
    assert_agrees(ORACLES, load_bars())
