"""The measured indicators, and how TA-Lib and pandas compute them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import talib
from numpy.typing import NDArray

Series = NDArray[np.float64]

#: Rows for what pandas does value by value in Python; its time a row does not depend on their number.
SLOW_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Bars:
    """The same bars as arrays and as a frame."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series

    @property
    def columns(self) -> Series:
        """As features take them."""
        return np.stack([self.open, self.high, self.low, self.close, self.volume])

    def head(self, rows: int) -> "Bars":
        """The first of them."""
        return Bars(self.open[:rows], self.high[:rows], self.low[:rows], self.close[:rows], self.volume[:rows])

    def frame(self) -> pd.DataFrame:
        """As pandas takes them."""
        names = ("open", "high", "low", "close", "volume")
        return pd.DataFrame({name: getattr(self, name) for name in names})


def _wilder(series: pd.Series, length: int) -> pd.Series:
    return series.ewm(alpha=1 / length, adjust=False).mean()


def _ema(series: pd.Series, length: int) -> pd.Series:
    return series.ewm(span=length, adjust=False).mean()


def _true_range(f: pd.DataFrame) -> pd.Series:
    before = f.close.shift()
    return pd.Series(np.maximum(f.high, before) - np.minimum(f.low, before))


def _typical(f: pd.DataFrame) -> pd.Series:
    return (f.high + f.low + f.close) / 3


def rsi(f: pd.DataFrame, length: int = 14) -> object:
    """Relative strength index."""
    change = f.close.diff()
    gain, loss = _wilder(change.clip(lower=0), length), _wilder(-change.clip(upper=0), length)
    return 100 * gain / (gain + loss)


def macd(f: pd.DataFrame) -> object:
    """Moving average convergence/divergence."""
    line = _ema(f.close, 12) - _ema(f.close, 26)
    signal = _ema(line, 9)
    return line, signal, line - signal


def bbands(f: pd.DataFrame) -> object:
    """Bollinger bands."""
    window = f.close.rolling(20)
    middle, reach = window.mean(), 2 * window.std(ddof=0)
    return middle + reach, middle, middle - reach


def atr(f: pd.DataFrame, length: int = 14) -> pd.Series:
    """Average true range."""
    return _wilder(_true_range(f), length)


def adx(f: pd.DataFrame) -> object:
    """Average directional index and what it is made of."""
    up, down = f.high.diff(), -f.low.diff()
    reach = atr(f)
    plus = 100 * _wilder(up.where((up > down) & (up > 0), 0.0), 14) / reach
    minus = 100 * _wilder(down.where((down > up) & (down > 0), 0.0), 14) / reach
    return _wilder(100 * (plus - minus).abs() / (plus + minus), 14), plus, minus


def stoch(f: pd.DataFrame) -> object:
    """Slow stochastic."""
    bottom = f.low.rolling(14).min()
    slow_k = (100 * (f.close - bottom) / (f.high.rolling(14).max() - bottom)).rolling(3).mean()
    return slow_k, slow_k.rolling(3).mean()


def supertrend(f: pd.DataFrame) -> object:
    """SuperTrend: bands by pandas, the trend row by row, as packages built on pandas do."""
    middle, reach = (f.high + f.low) / 2, 3 * atr(f, 10)
    close, upper, lower = f.close.tolist(), (middle + reach).tolist(), (middle - reach).tolist()
    rising, line = True, [np.nan] * len(close)
    for k in range(11, len(close)):
        if not (upper[k] < upper[k - 1] or close[k - 1] > upper[k - 1]):
            upper[k] = upper[k - 1]
        if not (lower[k] > lower[k - 1] or close[k - 1] < lower[k - 1]):
            lower[k] = lower[k - 1]
        rising = close[k] >= lower[k] if rising else close[k] > upper[k]
        line[k] = lower[k] if rising else upper[k]
    return line


def obv(f: pd.DataFrame) -> object:
    """On-balance volume."""
    return (np.sign(f.close.diff()).fillna(1.0) * f.volume).cumsum()


def willr(f: pd.DataFrame) -> object:
    """Williams' %R."""
    top = f.high.rolling(14).max()
    return -100 * (top - f.close) / (top - f.low.rolling(14).min())


def cci(f: pd.DataFrame) -> object:
    """Commodity channel index."""
    typical = _typical(f)
    window = typical.rolling(20)
    deviation = window.apply(lambda x: np.abs(x - x.mean()).mean(), raw=True)
    return (typical - window.mean()) / (0.015 * deviation)


def mfi(f: pd.DataFrame) -> object:
    """Money flow index."""
    typical = _typical(f)
    flow, change = typical * f.volume, typical.diff()
    rising = flow.where(change > 0, 0.0).rolling(14).sum()
    return 100 * rising / (rising + flow.where(change < 0, 0.0).rolling(14).sum())


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: our names of all that it gives, and the same by others."""

    outputs: tuple[str, ...]
    pandas: Callable[[pd.DataFrame], object]
    talib: Callable[[Bars], object] | None = None
    slow: bool = False  # in pandas


INDICATORS: dict[str, Indicator] = {
    "rsi": Indicator(("rsi_14",), rsi, lambda b: talib.RSI(b.close, 14)),
    "ema": Indicator(("ema_20",), lambda f: _ema(f.close, 20), lambda b: talib.EMA(b.close, 20)),
    "macd": Indicator(
        ("macd_12_26_9", "macd_12_26_9.signal", "macd_12_26_9.hist"), macd, lambda b: talib.MACD(b.close, 12, 26, 9)
    ),
    "bbands": Indicator(
        ("bbands_20_2.upper", "bbands_20_2.middle", "bbands_20_2.lower"),
        bbands,
        lambda b: talib.BBANDS(b.close, 20, 2, 2),
    ),
    "atr": Indicator(("atr_14",), atr, lambda b: talib.ATR(b.high, b.low, b.close, 14)),
    "adx": Indicator(("adx_14",), adx, lambda b: talib.ADX(b.high, b.low, b.close, 14)),
    "stoch": Indicator(
        ("stoch_14_3_3.k", "stoch_14_3_3.d"), stoch, lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, 0, 3, 0)
    ),
    "supertrend": Indicator(("supertrend_10_3", "supertrend_10_3.direction"), supertrend, slow=True),
    "obv": Indicator(("obv",), obv, lambda b: talib.OBV(b.close, b.volume)),
    "sma": Indicator(("sma_20",), lambda f: f.close.rolling(20).mean(), lambda b: talib.SMA(b.close, 20)),
    "willr": Indicator(("willr_14",), willr, lambda b: talib.WILLR(b.high, b.low, b.close, 14)),
    "roc": Indicator(("roc_10",), lambda f: f.close.pct_change(10) * 100, lambda b: talib.ROC(b.close, 10)),
    "cci": Indicator(("cci_20",), cci, lambda b: talib.CCI(b.high, b.low, b.close, 20), slow=True),
    "mfi": Indicator(("mfi_14",), mfi, lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14)),
}


def hurst(window: Series) -> float:
    """Hurst exponent of the log returns of a window of closes, as the feature defines it, in NumPy."""
    returns = np.diff(np.log(window))
    sizes, ranges = [], []
    size = len(returns)
    while size >= 8:
        parts = returns[len(returns) % size :].reshape(-1, size)
        walks = np.cumsum(parts - parts.mean(axis=1, keepdims=True), axis=1)
        reach = np.maximum(walks.max(axis=1), 0) - np.minimum(walks.min(axis=1), 0)
        deviation = parts.std(axis=1)
        if (deviation > 0).any():
            sizes.append(np.log(size))
            ranges.append(np.log((reach[deviation > 0] / deviation[deviation > 0]).mean()))
        size //= 2
    return float(np.polyfit(sizes, ranges, 1)[0]) if len(sizes) > 1 else 0.5
