"""Streaming averages: exponential, Wilder's and linearly weighted averages, updated with one value at a time.

Each state is a one-element structured array, fresh when its bytes are zero. An average is NaN until it is seeded with
the mean of its first `length` values.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.multiply_add import multiply_add
from quaestor.jit.tables import Table

#: State of an average for `push_ema` or `push_wilder`.
AVERAGE = np.dtype([("count", "<i8"), ("value", "<f8")], align=True)


@kernel
def ema_weights(length: int) -> tuple[float, float]:
    """Return the weights of the previous average, 1 − 2 / (length + 1), and of the new value, the complement to 1.

    They add up to exactly one, so that an average of equal values does not change. The next average is then
    ``multiply_add(value, keep, x * weight)``: one instruction between successive averages.
    """
    keep = 1.0 - 2.0 / (length + 1.0)
    return keep, 1.0 - keep


@kernel
def wilder_weights(length: int) -> tuple[float, float]:
    """Return weights as `ema_weights` does, for the factor 1 / length."""
    keep = 1.0 - 1.0 / length
    return keep, 1.0 - keep


@kernel
def mean_of(total: float, count: float) -> float:
    """Return total / count, correctly rounded, from the reciprocal of `count`, a whole number of at most 2³⁰.

    A product with the reciprocal is off by two units in the last place at most, and its remainder is exact in one fused
    operation. The error that is left is smaller than the distance of the quotient from the middle of two numbers. Over
    many rows the compiler takes the reciprocal once: a division takes several times as long as three products.
    """
    share = 1.0 / count
    rough = total * share
    return multiply_add(multiply_add(-rough, count, total), share, rough)


@kernel
def push_ema(average: Table, length: int, x: float) -> float:
    """Add x and return the exponential average with the factor 2 / (length + 1)."""
    a = average[0]
    if a["count"] >= length:
        keep, weight = ema_weights(length)
        value = multiply_add(a["value"], keep, x * weight)
        a["value"] = value
        return value
    return _seed(average, length, x)


@kernel
def push_wilder(average: Table, length: int, x: float) -> float:
    """Add x and return the exponential average with the factor 1 / length."""
    a = average[0]
    if a["count"] >= length:
        keep, weight = wilder_weights(length)
        value = multiply_add(a["value"], keep, x * weight)
        a["value"] = value
        return value
    return _seed(average, length, x)


@kernel
def _seed(average: Table, length: int, x: float) -> float:
    a = average[0]
    a["value"] += x
    a["count"] += 1
    if a["count"] < length:
        return np.nan
    a["value"] /= length
    value: float = a["value"]
    return value


@kernel
def push_aged(window: Table, length: int, x: float) -> tuple[float, float]:
    """Add x and return the sum of y − x over the last `length` values y, and that of their age · (y − x).

    The window is one of `rolling.window_dtype`; a value's age is the number of values since. Costs a pass over the
    window; rounding errors do not outlive it. The sums are undefined until `length` values have been added.
    """
    w = window[0]
    ring = w["ring"]
    newest = w["position"]
    ring[newest] = x
    w["position"] = newest + 1 if newest + 1 < length else 0
    total = 0.0
    aged = 0.0
    for age in range(1, length):
        slot = newest - age if newest >= age else newest - age + length
        distance = ring[slot] - x
        total += distance
        aged += age * distance
    return total, aged


@kernel
def push_weighted(window: Table, length: int, x: float) -> float:
    """Add x and return the linearly weighted average: the newest value weighs `length`, the oldest 1."""
    total, aged = push_aged(window, length, x)
    return x + (length * total - aged) / (0.5 * length * (length + 1.0))
