"""What is asked of a value that the market matrix holds from elsewhere: the value itself, its change, its rarity.

Kernels that features of any such row call with the row's number.
"""

import numpy as np

from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.numeric.elementary import is_missing
from quaestor.numeric.rolling import moments_dtype, push_delay, push_moments, window_dtype

#: State of a feature that remembers nothing.
NO_STATE = np.dtype([("unused", "<i8")], align=True)

_NOTHING = 1e-20  # a squared deviation this small beside the squared values of its window is rounding


def change_dtype(length: int) -> np.dtype[np.void]:
    """State of `advance_change`."""
    return np.dtype([("count", "<i8"), ("window", window_dtype(length), (1,))], align=True)


def zscore_dtype(length: int) -> np.dtype[np.void]:
    """State of `advance_zscore`."""
    return np.dtype([("count", "<i8"), ("window", moments_dtype(length), (1,))], align=True)


@kernel
def advance_value(row: int, scale: float, shift: float, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """scale · value + shift."""
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = scale * x + shift if not is_missing(x) else np.nan


@kernel
def advance_change(
    state: Table, length: int, row: int, scale: float, columns: Matrix, out: Matrix, i: int, n: int
) -> None:
    """scale · (value − value `length` rows ago)."""
    s = state[0]
    window = s["window"]
    count = s["count"]
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        before = push_delay(window, length, x)
        if count == length:
            out[0, k] = scale * (x - before)
        else:
            count += 1
    s["count"] = count


@kernel
def advance_zscore(state: Table, length: int, row: int, columns: Matrix, out: Matrix, i: int, n: int) -> None:
    """Distance from the mean of the last `length` values in sample standard deviations."""
    s = state[0]
    count = s["count"]
    series = columns[row]
    for k in range(i, n):
        x = series[k]
        out[0, k] = np.nan
        if is_missing(x):
            continue
        z = standard_score(s["window"], length, x)
        count = min(count + 1, length)
        if count == length:
            out[0, k] = z
    s["count"] = count


@kernel
def standard_score(window: Table, length: int, x: float) -> float:
    """Take x into a window of `moments_dtype`; its distance from the mean in sample deviations, 0 without spread."""
    mean, squares = push_moments(window, length, x)
    if not squares > _NOTHING * (mean * mean + x * x):
        return 0.0
    return (x - mean) / np.sqrt(squares / (length - 1.0))
