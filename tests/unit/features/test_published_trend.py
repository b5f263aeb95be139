"""Trend features absent from TA-Lib against their published formulas on real bars."""

import numpy as np
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars
from tests.unit.features.reference import before, exponential, total, windows


def middle(bars: Bars, length: int) -> Series:
    """Return the midpoint of the range of the last bars."""
    highest = windows(bars.high, length, lambda part: float(part.max()))
    return (highest + windows(bars.low, length, lambda part: float(part.min()))) / 2


def masked(values: Series, rows: int) -> Series:
    """Return the values with the first rows missing."""
    return np.concatenate([np.full(rows, np.nan), values[rows:]])


def supertrend(bars: Bars, length: int, width: float) -> tuple[Series, Series]:
    """Return the final bands and direction, row by row."""
    reach = width * talib.ATR(bars.high, bars.low, bars.close, length)
    upper = (bars.high + bars.low) / 2 + reach
    lower = (bars.high + bars.low) / 2 - reach
    line, direction = np.full(len(reach), np.nan), np.full(len(reach), np.nan)
    direction[length] = 1.0
    line[length] = lower[length]
    for k in range(length + 1, len(reach)):
        if bars.close[k - 1] <= upper[k - 1]:
            upper[k] = min(upper[k], upper[k - 1])
        if bars.close[k - 1] >= lower[k - 1]:
            lower[k] = max(lower[k], lower[k - 1])
        rises = bars.close[k] >= lower[k] if direction[k - 1] > 0 else bars.close[k] > upper[k]
        direction[k] = 1.0 if rises else -1.0
        line[k] = lower[k] if rises else upper[k]
    return line, direction


def reach(bars: Bars, length: int) -> Series:
    """Return the sum of the true range."""
    return total(talib.TRANGE(bars.high, bars.low, bars.close), length)


def averaged_range(bars: Bars, length: int) -> Series:
    """Return the exponential average of high − low."""
    return exponential(bars.high - bars.low, length)


def test_range_features_equal_published_formulas() -> None:
    assert_agrees(
        {
            "vortex_14.plus": lambda b: total(abs(b.high - before(b.low)), 14) / reach(b, 14),
            "vortex_14.minus": lambda b: total(abs(b.low - before(b.high)), 14) / reach(b, 14),
            "mass_9_25": lambda b: total(averaged_range(b, 9) / exponential(averaged_range(b, 9), 9), 25),
            "chaikin_volatility_10_7": lambda b: 100 * (averaged_range(b, 10) / before(averaged_range(b, 10), 7) - 1),
        },
        load_bars(3_000),
        {"chaikin_volatility_10_7": 1e-9},
    )


def test_trend_features_equal_published_formulas() -> None:
    assert_agrees(
        {
            "ichimoku_9_26_52.tenkan": lambda b: masked(middle(b, 9), 51),
            "ichimoku_9_26_52.kijun": lambda b: masked(middle(b, 26), 51),
            "ichimoku_9_26_52.span_a": lambda b: masked((middle(b, 9) + middle(b, 26)) / 2, 51),
            "ichimoku_9_26_52.span_b": lambda b: middle(b, 52),
            "supertrend_10_3": lambda b: supertrend(b, 10, 3.0)[0],
            "supertrend_10_3.direction": lambda b: supertrend(b, 10, 3.0)[1],
            "supertrend_7_1.5": lambda b: supertrend(b, 7, 1.5)[0],
            "keltner_20_10_2.upper": lambda b: exponential(b.close, 20) + 2 * talib.ATR(b.high, b.low, b.close, 10),
            "keltner_20_10_2.middle": lambda b: exponential(b.close, 20),
            "keltner_20_10_2.lower": lambda b: exponential(b.close, 20) - 2 * talib.ATR(b.high, b.low, b.close, 10),
            "keltner_5_14_1.5.upper": lambda b: exponential(b.close, 5) + 1.5 * talib.ATR(b.high, b.low, b.close, 14),
        },
        load_bars(3_000),
    )


def test_supertrend_reverses_in_both_directions() -> None:
    direction = supertrend(load_bars(3_000), 10, 3.0)[1]
    assert {-1.0, 1.0} <= set(direction)
