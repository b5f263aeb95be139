"""Bands and channels absent from TA-Lib against their published formulas on real bars."""

import numpy as np
import talib
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars
from tests.unit.features.reference import total, windows

from quaestor.features.plan import compute, make_plan


def alma(close: Series, length: int, offset: float, sigma: float) -> Series:
    """Return the average with Gaussian weights."""
    weights = np.exp(-((np.arange(length) - offset * (length - 1)) ** 2) / (2 * (length / sigma) ** 2))
    return windows(close, length, lambda part: float(part @ weights / weights.sum()))


def vidya(close: Series, length: int) -> Series:
    """Return the variable index dynamic average, row by row."""
    strength = abs(talib.CMOU(close, length)) / 100
    result = np.full(len(close), np.nan)
    value = close[length - 1]
    for k in range(length, len(close)):
        share = 2 / (length + 1) * strength[k]
        value = share * close[k] + (1 - share) * value
        result[k] = value
    return result


def mcginley(close: Series, length: int) -> Series:
    """Return McGinley's average, row by row."""
    result = np.full(len(close), np.nan)
    value = result[length - 1] = float(np.mean(close[:length]))
    for k in range(length, len(close)):
        value += (close[k] - value) / (length * (close[k] / value) ** 4)
        result[k] = value
    return result


def channel(part: Series, width: float) -> tuple[float, float]:
    """Return the width of the regression channel and the close's position in it."""
    at = np.arange(len(part))
    line = np.polyval(np.polyfit(at, part - part[0], 1), at) + part[0]
    reach = width * np.sqrt(np.mean((part - line) ** 2))
    return float(2 * reach / line[-1]), float((part[-1] - (line[-1] - reach)) / (2 * reach))


def band_place(bars: Bars, length: int, width: float) -> Series:
    """Return Bollinger's %b."""
    upper, _, lower = talib.BBANDS(bars.close, length, width, width)
    return np.asarray((bars.close - lower) / (upper - lower))


def band_width(bars: Bars, length: int, width: float) -> Series:
    """Return Bollinger's bandwidth."""
    upper, middle, lower = talib.BBANDS(bars.close, length, width, width)
    return np.asarray((upper - lower) / middle)


def choppiness(bars: Bars, length: int) -> Series:
    """Return the log of the sum of true ranges over the window's range, relative to the log of the length."""
    way = total(talib.TRANGE(bars.high, bars.low, bars.close), length)
    return np.asarray(
        100 * np.log10(way / (talib.MAX(bars.high, length) - talib.MIN(bars.low, length))) / np.log10(length)
    )


def test_bands_equal_published_formulas() -> None:
    assert_agrees(
        {
            "alma_9_0.85_6": lambda b: alma(b.close, 9, 0.85, 6.0),
            "alma_20_0.5_3": lambda b: alma(b.close, 20, 0.5, 3.0),
            "vidya_14": lambda b: vidya(b.close, 14),
            "mcginley_14": lambda b: mcginley(b.close, 14),
            "linearreg_channel_50_2.width": lambda b: windows(b.close, 50, lambda part: channel(part, 2.0)[0]),
            "linearreg_channel_50_2.position": lambda b: windows(b.close, 50, lambda part: channel(part, 2.0)[1]),
            "bbands_width_20_2": lambda b: band_width(b, 20, 2.0),
            "bbands_width_33_1.5": lambda b: band_width(b, 33, 1.5),
            "bbands_position_20_2": lambda b: band_place(b, 20, 2.0),
            "chop_14": lambda b: choppiness(b, 14),
        },
        load_bars(3_000),
        {"linearreg_channel_50_2.position": 1e-10, "bbands_position_20_2": 1e-10, "chop_14": 1e-11},
    )


def test_mcginley_average_does_not_overshoot_a_close_far_below() -> None:
    close = np.concatenate([np.full(30, 100.0), np.full(30, 1.0)])
    value = compute(make_plan(["mcginley_14"]), np.tile(close, (5, 1)))[0]
    assert value[29] == 100.0
    assert value[30] == 1.0
