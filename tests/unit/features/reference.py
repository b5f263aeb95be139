"""Reference building blocks of published formulas in plain numpy, each value computed from its window."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def windows(x: Series, length: int, of: Callable[[Series], float]) -> Series:
    """Return `of` the last `length` values; NaN while one is missing."""
    result = np.full(len(x), np.nan)
    for k in range(length - 1, len(x)):
        part = x[k - length + 1 : k + 1]
        if not np.isnan(part).any():
            result[k] = of(part)
    return result


def mean(x: Series, length: int) -> Series:
    """Return the simple average."""
    return windows(x, length, lambda part: float(np.mean(part)))


def total(x: Series, length: int) -> Series:
    """Return the sum of the last values."""
    return windows(x, length, lambda part: float(np.sum(part)))


def weighted(x: Series, length: int) -> Series:
    """Return the linearly weighted average."""
    weights = np.arange(1.0, length + 1.0)
    return windows(x, length, lambda part: float(part @ weights / weights.sum()))


def smoothed(x: Series, length: int, factor: float) -> Series:
    """Return the exponential average from the first number on, seeded with the mean of `length`."""
    result = np.full(len(x), np.nan)
    first = int(np.flatnonzero(~np.isnan(x))[0]) + length - 1
    value = float(np.mean(x[first - length + 1 : first + 1]))
    result[first] = value
    for k in range(first + 1, len(x)):
        value = factor * x[k] + (1.0 - factor) * value
        result[k] = value
    return result


def exponential(x: Series, length: int) -> Series:
    """Return the exponential average with the factor 2 / (length + 1)."""
    return smoothed(x, length, 2.0 / (length + 1.0))


def wilder(x: Series, length: int) -> Series:
    """Return the exponential average with the factor 1 / length."""
    return smoothed(x, length, 1.0 / length)


def before(x: Series, bars: int = 1) -> Series:
    """Return the values some bars ago."""
    return np.concatenate([np.full(bars, np.nan), x[:-bars]])
