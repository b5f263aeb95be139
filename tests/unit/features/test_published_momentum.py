"""Momentum and volume features absent from TA-Lib against their published formulas on real bars."""

import numpy as np
from tests.unit.features.real_bars import Bars, Series, assert_agrees, load_bars
from tests.unit.features.reference import before, exponential, mean, total


def tsi(bars: Bars, long: int, short: int) -> Series:
    """Return the twice averaged change over the twice averaged absolute change."""
    change = bars.close - before(bars.close)
    net = exponential(exponential(change, long), short)
    return 100 * net / exponential(exponential(abs(change), long), short)


def flow(bars: Bars) -> Series:
    """Return the volume weighted by the close's position in the range."""
    reach = bars.high - bars.low
    place = np.divide(2 * bars.close - bars.high - bars.low, reach, out=np.zeros_like(reach), where=reach > 0)
    return np.asarray(place * bars.volume)


def ease(bars: Bars) -> Series:
    """Return the change of the midpoint times range per volume."""
    middle = (bars.high + bars.low) / 2
    move = (middle - before(middle)) * (bars.high - bars.low)
    return np.divide(move, bars.volume, out=np.where(np.isnan(move), np.nan, 0.0), where=bars.volume > 0)


def pvo(bars: Bars) -> Series:
    """Return a fast average of the volume less a slow one, in percent."""
    slow = exponential(bars.volume, 26)
    return 100 * (exponential(bars.volume, 12) - slow) / slow


def first_rows(values: Series, rows: int) -> Series:
    """Return the values with the first rows missing."""
    return np.concatenate([np.full(rows, np.nan), values[rows:]])


def test_volume_features_equal_published_formulas() -> None:
    assert_agrees(
        {
            "cmf_20": lambda b: total(flow(b), 20) / total(b.volume, 20),
            "vwma_20": lambda b: total(b.close * b.volume, 20) / total(b.volume, 20),
            "force_index_13": lambda b: exponential((b.close - before(b.close)) * b.volume, 13),
            "eom_14": lambda b: mean(ease(b), 14),
            "pvo_12_26_9": lambda b: first_rows(pvo(b), 33),
            "pvo_12_26_9.signal": lambda b: exponential(pvo(b), 9),
            "pvo_12_26_9.hist": lambda b: pvo(b) - exponential(pvo(b), 9),
        },
        load_bars(3_000),
        {"pvo_12_26_9": 1e-10, "pvo_12_26_9.signal": 1e-10, "pvo_12_26_9.hist": 1e-10, "force_index_13": 1e-9},
    )


def test_momentum_features_equal_published_formulas() -> None:
    assert_agrees(
        {
            "ao_5_34": lambda b: mean((b.high + b.low) / 2, 5) - mean((b.high + b.low) / 2, 34),
            "tsi_25_13": lambda b: tsi(b, 25, 13),
            "tsi_5_8": lambda b: tsi(b, 5, 8),
        },
        load_bars(3_000),
        {"ao_5_34": 1e-9, "tsi_25_13": 1e-9, "tsi_5_8": 1e-9},
    )
