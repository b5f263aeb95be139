"""Oscillators absent from TA-Lib against their published formulas on real bars."""

import numpy as np
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars
from tests.unit.features.reference import before, exponential, mean, total, windows


def first_rows(values: Series, rows: int) -> Series:
    """Return the values with the first rows missing."""
    return np.concatenate([np.full(rows, np.nan), values[rows:]])


def highest(x: Series, length: int) -> Series:
    """Return the largest of the last values."""
    return windows(x, length, lambda part: float(np.max(part)))


def lowest(x: Series, length: int) -> Series:
    """Return the smallest of the last values."""
    return windows(x, length, lambda part: float(np.min(part)))


def line_end(x: Series, length: int) -> Series:
    """Return the value of the least-squares line at the last value."""
    at = np.arange(length)
    return windows(x, length, lambda part: float(np.polyval(np.polyfit(at, part - part[-1], 1), at[-1]) + part[-1]))


def kst(close: Series, rates: tuple[int, ...], means: tuple[int, ...]) -> Series:
    """Return the weighted sum of smoothed rates of change."""
    smoothed = [mean(100 * (close / before(close, r) - 1), m) for r, m in zip(rates, means, strict=True)]
    return np.asarray(sum((j + 1) * part for j, part in enumerate(smoothed)))


def fisher(bars: Bars, length: int) -> Series:
    """Return the Fisher transform, row by row."""
    middle = (bars.high + bars.low) / 2
    top, bottom = highest(middle, length), lowest(middle, length)
    result = np.full(len(middle), np.nan)
    v = f = 0.0
    for k in range(length - 1, len(middle)):
        place = (middle[k] - bottom[k]) / (top[k] - bottom[k])
        v = min(max(0.66 * (place - 0.5) + 0.67 * v, -0.999), 0.999)
        f = np.arctanh(v) + 0.5 * f
        result[k] = f
    return result


def vigor(bars: Bars, length: int) -> Series:
    """Return the relative vigor index."""
    return total(symmetric(bars.close - bars.open), length) / total(symmetric(bars.high - bars.low), length)


def symmetric(x: Series) -> Series:
    """Return the average of four values with the weights 1, 2, 2, 1."""
    return np.asarray((x + 2 * before(x) + 2 * before(x, 2) + before(x, 3)) / 6)


def connors(close: Series, length: int, streak_length: int, rank: int) -> Series:
    """Return Connors' RSI, with the streak counted and the changes compared one by one."""
    streak = np.zeros(len(close))
    for k in range(1, len(close)):
        sign = np.sign(close[k] - close[k - 1])
        streak[k] = streak[k - 1] + sign if sign * streak[k - 1] > 0 else sign
    change = close / before(close) - 1
    place = windows(change, rank + 1, lambda part: float(100 * np.mean(part[:-1] < part[-1])))
    return np.asarray((talib.RSI(close, length) + talib.RSI(streak, streak_length) + place) / 3)


def stochastic(x: Series, length: int, factor: float) -> Series:
    """Return the smoothed position in the range, row by row."""
    top, bottom = highest(x, length), lowest(x, length)
    result = np.full(len(x), np.nan)
    value = place = np.nan
    for k in np.flatnonzero(~np.isnan(top)):
        if top[k] > bottom[k]:
            place = 100 * (x[k] - bottom[k]) / (top[k] - bottom[k])
        value = place if np.isnan(value) else value + factor * (place - value)
        result[k] = value
    return result


def squeeze(bars: Bars, length: int, bollinger: float, keltner: float) -> tuple[Series, Series]:
    """Return the flag of Bollinger's inside Keltner's bands, and the line through the distances."""
    middle = mean(bars.close, length)
    deviation = windows(bars.close, length, lambda part: float(np.std(part)))
    reach = mean(talib.TRANGE(bars.high, bars.low, bars.close), length)
    inside = (middle + bollinger * deviation < middle + keltner * reach) & (
        middle - bollinger * deviation > middle - keltner * reach
    )
    centre = ((highest(bars.high, length) + lowest(bars.low, length)) / 2 + middle) / 2
    return first_rows(inside.astype(np.float64), 2 * length - 2), line_end(bars.close - centre, length)


def klinger(bars: Bars, fast: int, slow: int) -> Series:
    """Return Klinger's oscillator, row by row."""
    price, reach = bars.high + bars.low + bars.close, bars.high - bars.low
    force = np.full(len(price), np.nan)
    trend, travelled = 0, 0.0
    for k in range(1, len(price)):
        now = 1 if price[k] > price[k - 1] else -1
        travelled = (travelled if now == trend else reach[k - 1]) + reach[k]
        trend = now
        force[k] = bars.volume[k] * abs(2 * (reach[k] / travelled - 1)) * trend * 100
    return np.asarray(exponential(force, fast) - exponential(force, slow))


RATES, MEANS = (10, 15, 20, 30), (10, 10, 10, 15)


def test_oscillators_equal_published_formulas() -> None:
    assert_agrees(
        {
            "kst_10_15_20_30_10_10_10_15_9": lambda b: first_rows(kst(b.close, RATES, MEANS), 52),
            "kst_10_15_20_30_10_10_10_15_9.signal": lambda b: mean(kst(b.close, RATES, MEANS), 9),
            "kst_9_4_3_2_2_9_1_3_1": lambda b: kst(b.close, (9, 4, 3, 2), (2, 9, 1, 3)),
            "fisher_10": lambda b: first_rows(fisher(b, 10), 10),
            "fisher_10.signal": lambda b: before(fisher(b, 10)),
            "rvgi_10": lambda b: first_rows(vigor(b, 10), 15),
            "rvgi_10.signal": lambda b: symmetric(vigor(b, 10)),
            "connors_rsi_3_2_100": lambda b: connors(b.close, 3, 2, 100),
            "connors_rsi_14_5_10": lambda b: connors(b.close, 14, 5, 10),
            "inertia_20_14_10": lambda b: line_end(talib.RVI(b.close, 14, 10), 20),
            "stc_10_23_50_0.5": lambda b: stochastic(stochastic(talib.APO(b.close, 23, 50, 1), 10, 0.5), 10, 0.5),
            "squeeze_20_2_1.5": lambda b: squeeze(b, 20, 2.0, 1.5)[0],
            "squeeze_20_2_1.5.momentum": lambda b: squeeze(b, 20, 2.0, 1.5)[1],
            "kvo_34_55_13": lambda b: first_rows(klinger(b, 34, 55), 67),
            "kvo_34_55_13.signal": lambda b: exponential(klinger(b, 34, 55), 13),
        },
        load_bars(3_000),
        {
            "kst_10_15_20_30_10_10_10_15_9": 1e-11,
            "kst_10_15_20_30_10_10_10_15_9.signal": 1e-11,
            "kst_9_4_3_2_2_9_1_3_1": 1e-11,
            "squeeze_20_2_1.5.momentum": 1e-9,
            "kvo_34_55_13": 1e-9,
            "kvo_34_55_13.signal": 1e-9,
        },
    )
